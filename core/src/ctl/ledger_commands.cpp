#include "ctl/ledger_commands.h"

#include "ctl/field_text.h"
#include "ctl/hub_query.h"
#include "ctl/printable.h"
#include "ctl/text_table.h"
#include "hub/command.h"

#include <array>
#include <string>
#include <utility>

namespace hub::ctl {

namespace {

constexpr std::array kCommandsOptions{
    Option{"status", Option::Type::Text, "",
           "only commands that stand so: pending, sent or queued (all three are open), "
           "ack_success, ack_error, partial, timeout, "
           "expired, unreachable, cancelled, rejected or no_devices"},
    Option{"type", Option::Type::Text, "",
           "only commands that were sent to this type, or to the id of one of its devices"},
    Option{"device", Option::Type::Text, "", "only commands to the device of this id"},
    kSinceOption,
    kUntilOption,
    Option{"limit", Option::Type::Number, "100", "the newest so many; 0: all", 0, 1'000'000'000},
    kJsonOption,
    kUrlOption,
};

constexpr std::array<std::string_view, 3> kCommandsExamples{
    "hubctl commands --limit 20",
    "hubctl commands --status timeout --since 1d",
    "hubctl commands --device servoscontroller --json | jq '.logs[].command_name'",
};
constexpr std::array<std::string_view, 1> kCommandExamples{
    "hubctl command 0193c7a0-52c4-7d3e-9b1a-6f0e4c2a8d15",
};
constexpr std::array<std::string_view, 1> kCancelExamples{
    "hubctl cancel 0193c7a0-52c4-7d3e-9b1a-6f0e4c2a8d15",
};

// `3 of 4`.
std::string successText(const JsonObject& command) {
    return std::string(command.text("success_count")) + " of " +
           std::string(command.text("target_device_count"));
}

ListQuery commandsQuery(const Arguments& arguments, Timestamp now) {
    const Options& options = arguments.options;
    ListQuery query{.path = "/api/command-logs",
                    .parameters = timeParameters(arguments, now, {"since", "until"}),
                    .name = "logs",
                    .limit = static_cast<std::size_t>(options.number("limit"))};
    if (arguments.given.contains("status") && !commandStatusFrom(options.text("status"))) {
        throw UsageError("--status: no command stands as \"" + options.text("status") +
                         "\": --help lists how they can");
    }
    for (const auto& [option, parameter] :
         {std::pair("status", "status"), std::pair("type", "device_type"),
          std::pair("device", "device_id")}) {
        if (arguments.given.contains(option)) {
            query.parameters.emplace_back(parameter, options.text(option));
        }
    }
    return query;
}

int runCommands(const Arguments& arguments, const Environment& environment) {
    const ListQuery query = commandsQuery(arguments, environment.clock.wall());
    RestClient client = clientFor(arguments, environment);
    if (arguments.options.flag("json")) {
        printListJson(client, query, environment.out);
        return kDone;
    }
    TextTable table{"TIME", "COMMAND", "TYPE", "NAME", "STATUS", "SUCCEEDED"};
    readList(client, query, [&](const auto& items) {
        for (const std::string_view item : items) {
            const JsonObject command = readItem(item);
            const auto text = [&](std::string_view name) {
                return std::string(command.text(name));
            };
            table.add({timeText(command, "created_at"), text("command_id"), text("device_type"),
                       text("command_name"), text("status"), successText(command)});
        }
        table.flush(environment.out);
    });
    return kDone;
}

// `30 s`; "" for none, as that of a command of the earlier system.
std::string secondsText(const JsonObject& command, std::string_view field) {
    const std::string_view seconds = command.text(field);
    return seconds.empty() || seconds == "0" ? "" : std::string(seconds) + " s";
}

// What there is to say about a device beside its status and times.
std::string detailsOf(const JsonObject& target) {
    std::string details(target.text("reason"));
    const auto add = [&](const std::string& text) {
        if (!text.empty()) details.append(details.empty() ? 0 : 2, ' ').append(text);
    };
    add(std::string(target.text("response")));
    const auto late = readJsonArray(target.json("late_acks").value_or("[]"));
    if (!late) return details;
    for (const std::string_view item : *late) {
        const JsonObject ack = readItem(item);
        add("late: " + std::string(ack.text("status")) + ' ' + timeText(ack, "timestamp"));
    }
    return details;
}

void addTarget(const JsonObject& target, TextTable& table) {
    table.add({std::string(target.text("device_id")), std::string(target.text("status")),
               exactTimeText(target, "pending_at"), exactTimeText(target, "queued_at"),
               exactTimeText(target, "sent_at"), exactTimeText(target, "completed_at"),
               detailsOf(target)});
}

void printWhole(const JsonObject& command, Timestamp now, std::ostream& out) {
    TextTable table{"command", command.text("command_id")};
    table.add({"name", std::string(command.text("command_name"))});
    table.add({"payload", std::string(command.text("payload"))});
    table.add({"type", std::string(command.text("device_type"))});
    table.add({"status", std::string(command.text("status"))});
    table.add({"succeeded", successText(command)});
    table.add({"ack timeout", secondsText(command, "ack_timeout_s")});
    table.add({"ttl, if queued", secondsText(command, "ttl_s")});
    table.add({"key", std::string(command.text("idempotency_key"))});
    table.add({"created", timeAndAgeText(command, "created_at", now)});
    table.add({"executed", timeAndAgeText(command, "executed_at", now)});
    table.add({"completed", timeAndAgeText(command, "completed_at", now)});
    table.flush(out);
}

int runCommand(const Arguments& arguments, const Environment& environment) {
    RestClient client = clientFor(arguments, environment);
    const ListQuery query = commandQuery(arguments.operand());
    if (arguments.options.flag("json")) {
        printListJson(client, query, environment.out);
        return kDone;
    }
    TextTable table{"DEVICE", "STATUS", "RECORDED", "QUEUED", "SENT", "COMPLETED", "DETAILS"};
    readPages(client, query, [&](const Page& page) {
        if (page.first) printWhole(page.fields, environment.clock.wall(), environment.out);
        if (page.items.empty()) return;
        if (page.first) environment.out << '\n';
        for (const std::string_view item : page.items) addTarget(readItem(item), table);
        table.flush(environment.out);
    });
    return kDone;
}

int runCancel(const Arguments& arguments, const Environment& environment) {
    RestClient client = clientFor(arguments, environment);
    const std::string path = commandPath(arguments.operand());
    const Answer answer(client, path, client.request("DELETE", path));
    if (arguments.options.flag("json")) {
        environment.out << printableJson(answer.body) << '\n';
        return kDone;
    }
    const std::string count(answer.fields.text("cancelled"));
    environment.out << "Cancelled for " << printable(count)
                    << (count == "1" ? " device.\n" : " devices.\n");
    return kDone;
}

}  // namespace

Subcommand commandsSubcommand() {
    return {{.name = "commands",
             .summary = "List what was asked of devices, newest first.",
             .options = kCommandsOptions,
             .examples = kCommandsExamples},
            runCommands};
}

Subcommand commandSubcommand() {
    return {{.name = "command",
             .summary = "Show a command, and how it stands with each of its devices.",
             .options = kPlainOptions,
             .examples = kCommandExamples,
             .operands = "<id>"},
            runCommand};
}

Subcommand cancelSubcommand() {
    return {{.name = "cancel",
             .summary = "Take back what is still open of a command.",
             .options = kPlainOptions,
             .examples = kCancelExamples,
             .operands = "<id>",
             .details = "What is queued for a device is not sent any more; what was sent is waited "
                        "for no longer."},
            runCancel};
}

}  // namespace hub::ctl
