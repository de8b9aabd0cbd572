#include "ctl/history_commands.h"

#include "ctl/field_text.h"
#include "ctl/hub_query.h"
#include "ctl/printable.h"
#include "ctl/text_table.h"

#include <array>
#include <string>
#include <utility>

namespace hub::ctl {

namespace {

constexpr std::array kListOptions{
    Option{"limit", Option::Type::Number, "100", "the newest so many; 0: all", 0, 1'000'000'000},
    kSinceOption,
    kUntilOption,
    kJsonOption,
    kUrlOption,
};
constexpr std::array kStateOptions{
    Option{"at", Option::Type::Text, "",
           "as it was at this time: 15m (ago), 2026-11-23, or \"2026-11-23 16:40:03\", local "
           "unless it ends with Z or an offset"},
    kJsonOption,
    kUrlOption,
};

constexpr std::array<std::string_view, 3> kHistoryExamples{
    "hubctl history weather-1 --limit 20",
    "hubctl history weather-1 --since 2026-11-23 --until 2026-11-24",
    "hubctl history weather-1 --limit 0 --json > weather-1.json",
};
constexpr std::array<std::string_view, 2> kConnectionsExamples{
    "hubctl connections weather-1",
    "hubctl connections weather-1 --since 12h",
};
constexpr std::array<std::string_view, 2> kStateExamples{
    "hubctl state weather-1",
    "hubctl state weather-1 --at 2026-11-23T16:40:03Z",
};

ListQuery rowsQuery(const Arguments& arguments, Timestamp now, std::string_view path,
                    std::string_view name) {
    return {.path = std::string(path) + percentEncoded(arguments.operand()),
            .parameters = timeParameters(arguments, now, {"since", "until"}),
            .name = name,
            .limit = static_cast<std::size_t>(arguments.options.number("limit"))};
}

// Prints the rows of a device's list, as JSON or with `add` into `table`.
int printRows(const Arguments& arguments, const Environment& environment, const ListQuery& query,
              TextTable table, void (*add)(const JsonObject& row, TextTable& table)) {
    RestClient client = clientFor(arguments, environment);
    std::size_t count = 0;
    if (arguments.options.flag("json")) {
        count = printListJson(client, query, environment.out);
    } else {
        count = readList(client, query, [&](const auto& items) {
            for (const std::string_view item : items) add(readItem(item), table);
            if (!items.empty()) table.flush(environment.out);
        });
    }
    // The list of an unknown device is as empty as that of one that said nothing.
    if (count == 0) {
        requestDevice(client, "GET", arguments.operand());
        table.flush(environment.out);
    }
    return kDone;
}

void addState(const JsonObject& row, TextTable& table) {
    table.add({exactTimeText(row, "timestamp"), exactTimeText(row, "device_time"),
               std::string(row.text("state_data"))});
}

int runHistory(const Arguments& arguments, const Environment& environment) {
    return printRows(
        arguments, environment,
        rowsQuery(arguments, environment.clock.wall(), "/api/state-history/", "states"),
        TextTable{"TIME", "DEVICE TIME", "STATE"}, addState);
}

void addConnection(const JsonObject& row, TextTable& table) {
    const auto details = JsonObject::read(row.text("details"));
    const auto detail = [&](std::string_view name) {
        return details ? std::string(details->text(name)) : std::string();
    };
    std::string event(row.text("event"));
    const std::string reason = detail("reason");
    if (!reason.empty() && reason != event) event += " (" + reason + ")";
    table.add({timeText(row, "timestamp"), std::move(event), detail("transport"), detail("address"),
               durationText(detail("duration_s"))});
}

int runConnections(const Arguments& arguments, const Environment& environment) {
    return printRows(
        arguments, environment,
        rowsQuery(arguments, environment.clock.wall(), "/api/device-connection-history/", "events"),
        TextTable{"TIME", "EVENT", "TRANSPORT", "ADDRESS", "LASTED"}, addConnection);
}

int runState(const Arguments& arguments, const Environment& environment) {
    RestClient client = clientFor(arguments, environment);
    const std::string suffix =
        withQuery("/state", timeParameters(arguments, environment.clock.wall(), {"at"}));
    const Answer answer(client, devicePath(arguments.operand()) + suffix,
                        requestDevice(client, "GET", arguments.operand(), suffix));
    if (arguments.options.flag("json")) {
        environment.out << printableJson(answer.body) << '\n';
        return kDone;
    }
    const JsonObject& state = answer.fields;
    const Timestamp now = environment.clock.wall();
    TextTable table{"device", state.text("device_id")};
    table.add({"number", std::string(state.text("sequence"))});
    table.add({"time", timeAndAgeText(state, "timestamp", now)});
    table.add({"device time", timeAndAgeText(state, "device_time", now)});
    table.add({"state", std::string(state.text("state_data"))});
    table.flush(environment.out);
    return kDone;
}

}  // namespace

Subcommand historySubcommand() {
    return {{.name = "history",
             .summary = "List the states that a device has reported, newest first.",
             .options = kListOptions,
             .examples = kHistoryExamples,
             .operands = "<id>"},
            runHistory};
}

Subcommand connectionsSubcommand() {
    return {{.name = "connections",
             .summary = "List when a device came and went, and why, newest first.",
             .options = kListOptions,
             .examples = kConnectionsExamples,
             .operands = "<id>"},
            runConnections};
}

Subcommand stateSubcommand() {
    return {{.name = "state",
             .summary = "Show the latest state of a device, or that of a time past.",
             .options = kStateOptions,
             .examples = kStateExamples,
             .operands = "<id>"},
            runState};
}

}  // namespace hub::ctl
