#include "ctl/device_commands.h"

#include "ctl/field_text.h"
#include "ctl/hub_query.h"
#include "ctl/printable.h"
#include "ctl/text_table.h"

#include <array>
#include <string>

namespace hub::ctl {

namespace {

constexpr std::array kDevicesOptions{
    Option{"type", Option::Type::Text, "", "only devices of this type"},
    Option{"tag", Option::Type::Text, "", "only devices with this tag"},
    Option{"online", Option::Type::Flag, "false", "only devices that are online"},
    Option{"offline", Option::Type::Flag, "false", "only devices that are offline"},
    Option{"q", Option::Type::Text, "", "only devices whose id, type or tags contain this"},
    Option{"limit", Option::Type::Number, "0", "at most so many; 0: all", 0, 1'000'000'000},
    kJsonOption,
    kUrlOption,
};
constexpr std::array kForgetOptions{
    Option{"yes", Option::Type::Flag, "false", "do not ask whether it is meant"},
    kUrlOption,
};

constexpr std::array<std::string_view, 3> kDevicesExamples{
    "hubctl devices --offline",
    "hubctl devices --type esp32 --tag kitchen",
    "hubctl devices --online --json | jq '.devices[].device_id'",
};
constexpr std::array<std::string_view, 2> kDeviceExamples{
    "hubctl device weather-1",
    "hubctl device weather-1 --json | jq .metadata",
};
constexpr std::array<std::string_view, 1> kKickExamples{"hubctl kick weather-1"};
constexpr std::array<std::string_view, 2> kForgetExamples{
    "hubctl forget weather-1",
    "hubctl forget weather-1 --yes",
};

ListQuery devicesQuery(const Arguments& arguments) {
    const Options& options = arguments.options;
    const bool online = options.flag("online");
    if (online && options.flag("offline")) {
        throw UsageError("--online and --offline leave no device: give one of them");
    }
    ListQuery query{.path = "/api/devices", .name = "devices"};
    for (const char* name : {"type", "tag", "q"}) {
        if (arguments.given.contains(name)) query.parameters.emplace_back(name, options.text(name));
    }
    if (online || options.flag("offline")) {
        query.parameters.emplace_back("online", online ? "true" : "false");
    }
    query.limit = static_cast<std::size_t>(options.number("limit"));
    return query;
}

int runDevices(const Arguments& arguments, const Environment& environment) {
    RestClient client = clientFor(arguments, environment);
    const ListQuery query = devicesQuery(arguments);
    if (arguments.options.flag("json")) {
        printListJson(client, query, environment.out);
        return kDone;
    }
    const Timestamp now = environment.clock.wall();
    TextTable table{"DEVICE", "TYPE", "STATE", "SINCE", "LAST SEEN"};
    readList(client, query, [&](const auto& items) {
        for (const std::string_view item : items) {
            const JsonObject device = readItem(item);
            table.add({std::string(device.text("device_id")),
                       std::string(device.text("device_type")), presenceText(device),
                       timeText(device, "last_changed"), ageText(device, "last_seen", now)});
        }
        table.flush(environment.out);
    });
    return kDone;
}

int runDevice(const Arguments& arguments, const Environment& environment) {
    RestClient client = clientFor(arguments, environment);
    const Answer answer(client, devicePath(arguments.operand()),
                        requestDevice(client, "GET", arguments.operand()));
    if (arguments.options.flag("json")) {
        environment.out << printableJson(answer.body) << '\n';
        return kDone;
    }
    const JsonObject& device = answer.fields;
    const Timestamp now = environment.clock.wall();
    TextTable table{"device", device.text("device_id")};
    table.add({"type", std::string(device.text("device_type"))});
    table.add({"state", presenceText(device)});
    table.add({"changed", timeAndAgeText(device, "last_changed", now)});
    table.add({"last seen", timeAndAgeText(device, "last_seen", now)});
    table.add({"last heartbeat", timeAndAgeText(device, "last_heartbeat", now)});
    table.add({"connected", timeAndAgeText(device, "connected_at", now)});
    table.add({"disconnected", timeAndAgeText(device, "disconnected_at", now)});
    table.add({"transport", std::string(device.text("transport"))});
    table.add({"metadata", std::string(device.text("metadata"))});
    table.flush(environment.out);
    return kDone;
}

int runKick(const Arguments& arguments, const Environment& environment) {
    RestClient client = clientFor(arguments, environment);
    const std::string body = requestDevice(client, "POST", arguments.operand(), "/kick");
    if (arguments.options.flag("json")) {
        environment.out << printableJson(body) << '\n';
    } else {
        environment.out << "The link of " << printable(arguments.operand())
                        << " is being closed.\n";
    }
    return kDone;
}

// Whether the person at the terminal means it.
bool isMeant(const Arguments& arguments, const Environment& environment) {
    if (arguments.options.flag("yes")) return true;
    if (!environment.interactive) {
        throw UsageError("nobody is there to ask whether it is meant: give --yes");
    }
    environment.err << "Delete " << printable(arguments.operand())
                    << " with its whole history? [y/N] " << std::flush;
    std::string answer;
    std::getline(environment.in, answer);
    return answer == "y" || answer == "Y" || answer == "yes";
}

int runForget(const Arguments& arguments, const Environment& environment) {
    RestClient client = clientFor(arguments, environment);
    if (!isMeant(arguments, environment)) {
        environment.err << "Nothing was deleted.\n";
        return kFailed;
    }
    requestDevice(client, "DELETE", arguments.operand());
    environment.out << printable(arguments.operand()) << " and its history are deleted.\n";
    return kDone;
}

}  // namespace

Subcommand devicesSubcommand() {
    return {{.name = "devices",
             .summary = "List the devices that the hub knows.",
             .options = kDevicesOptions,
             .examples = kDevicesExamples},
            runDevices};
}

Subcommand deviceSubcommand() {
    return {{.name = "device",
             .summary = "Show all that is known of one device.",
             .options = kPlainOptions,
             .examples = kDeviceExamples,
             .operands = "<id>"},
            runDevice};
}

Subcommand kickSubcommand() {
    return {{.name = "kick",
             .summary = "Close the link of a device; it may connect again.",
             .options = kPlainOptions,
             .examples = kKickExamples,
             .operands = "<id>"},
            runKick};
}

Subcommand forgetSubcommand() {
    return {{.name = "forget",
             .summary = "Delete a device and its whole history.",
             .options = kForgetOptions,
             .examples = kForgetExamples,
             .operands = "<id>"},
            runForget};
}

}  // namespace hub::ctl
