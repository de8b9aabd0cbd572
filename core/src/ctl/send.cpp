#include "ctl/send.h"

#include "ctl/hub_query.h"
#include "ctl/interruption.h"
#include "ctl/live_events.h"
#include "ctl/printable.h"
#include "ctl/send_request.h"
#include "ctl/target_outcomes.h"

#include <array>
#include <string>
#include <utility>

namespace hub::ctl {

namespace {

constexpr std::array kOptions{
    Option{"wait", Option::Type::Flag, "false", "wait until every device has an outcome"},
    Option{"ack-timeout", Option::Type::Duration, "30s",
           "how long each device has to acknowledge: seconds, or with s, m, h or d", 0, 2'592'000},
    Option{"queue", Option::Type::Flag, "false",
           "keep the command for devices that are offline, until they come back"},
    Option{"ttl", Option::Type::Duration, "1d", "how long to keep it for them", 0, 2'592'000},
    Option{"key", Option::Type::Text, "",
           "a word of your own: the hub carries out only one command under it, and answers a "
           "repeat as the first time"},
    kJsonOption,
    kUrlOption,
};

constexpr std::array<std::string_view, 6> kExamples{
    "hubctl send type:esp32s3 handsup --wait",
    "hubctl send servoscontroller move '{\"channel\":3,\"angle\":90}' --wait",
    "hubctl send tag:hall lights_off --queue --ttl 12h --key lights-2026-11-23",
    "hubctl send all configure @config.json",
    "hubctl send id:type:odd stop    # the device whose id is \"type:odd\"",
    "jq .camera config.json | hubctl send camcontroller configure -",
};

// Has the hub record and send the command; returns its answer, also when it is that guards have
// refused it for every device.
std::string submit(RestClient& client, const SendRequest& request) {
    constexpr int kRejected = 409;
    try {
        return client.request("POST", "/api/command", request.body, request.headers);
    } catch (const RestRefusal& refusal) {
        const auto problem = JsonObject::read(refusal.body());
        if (refusal.status() != kRejected || !problem || !problem->json("targets")) throw;
        return refusal.body();
    }
}

std::string devicesText(std::size_t count) {
    return std::to_string(count) + (count == 1 ? " device" : " devices");
}

// Shows changes of the command until every device has an outcome, or the feed has had a break.
void follow(LiveEvents& events, std::string_view command_id, TargetOutcomes& outcomes) {
    while (outcomes.open()) {
        const auto event = events.next();
        if (!event) return;
        const JsonObject fields = readItem(event->data);
        const JsonObject change = readItem(fields.json("payload").value_or("{}"));
        // A late acknowledgement comes after the outcome, and is none.
        if (change.text("command_id") != command_id || change.text("late") == "true") continue;
        outcomes.take(fields.text("device_id"), change);
    }
}

// Waits until every device has an outcome; returns how the hub shows the command then. The feed
// tells what is new since it was opened, the command itself what was before that.
std::string awaitOutcomes(LiveEvents& events, const HubUrl& url, std::string_view command_id,
                          TargetOutcomes& outcomes) {
    const std::string target = "/api/commands/" + percentEncoded(command_id);
    for (;;) {
        RestClient client(url);
        Answer command(client, target);
        outcomes.takeAll(command.fields);
        if (!outcomes.open()) return std::move(command.body);
        follow(events, command_id, outcomes);
    }
}

// Writes what the answer to the request says; returns the command's id.
std::string showReceipt(const JsonObject& receipt, const Arguments& arguments,
                        const Environment& environment, TargetOutcomes& outcomes) {
    std::string id(receipt.text("command_id"));
    const bool text = !arguments.options.flag("json");
    const auto targets = readJsonArray(receipt.json("targets").value_or("[]"));
    const std::size_t count = targets ? targets->size() : 0;
    if (text) {
        environment.out << "command " << printable(id) << " to " << devicesText(count) << std::endl;
    }
    outcomes.takeAll(receipt);
    if (count == 0) {
        environment.err << "hubctl send: nobody is meant by " << printable(arguments.operand())
                        << (arguments.options.flag("queue") ? "" : " and online") << '\n';
    }
    return id;
}

int sendAndGo(const Arguments& arguments, const Environment& environment,
              const SendRequest& request, TargetOutcomes& outcomes) {
    RestClient client = clientFor(arguments, environment);
    const Answer receipt(client, "/api/command", submit(client, request));
    showReceipt(receipt.fields, arguments, environment, outcomes);
    if (arguments.options.flag("json")) environment.out << printableJson(receipt.body) << '\n';
    return outcomes.allUnderWay() ? kDone : kFailed;
}

int sendAndWait(const Arguments& arguments, const Environment& environment,
                const SendRequest& request, TargetOutcomes& outcomes) {
    const HubUrl url = urlFor(arguments, environment);
    const Interruption interruption;
    LiveEvents events(url, request.filter, {}, interruption, [&](const std::string& news) {
        environment.err << "hubctl send: " << news << std::endl;
    });
    std::string id;
    try {
        events.open();
        RestClient client(url);
        const Answer receipt(client, "/api/command", submit(client, request));
        id = showReceipt(receipt.fields, arguments, environment, outcomes);

        const std::string body = awaitOutcomes(events, url, id, outcomes);
        const JsonObject command = readItem(body);
        if (arguments.options.flag("json")) {
            environment.out << printableJson(body) << '\n';
        } else {
            environment.out << printable(command.text("status")) << ": "
                            << printable(command.text("success_count")) << " of "
                            << devicesText(outcomes.count()) << " succeeded\n";
        }
        return command.text("status") == toString(CommandStatus::AckSuccess) ? kDone : kFailed;
    } catch (const Interrupted& interrupted) {
        if (interrupted.by() == Interrupted::By::Signal && !id.empty()) {
            environment.err << "hubctl send: the command goes on; hubctl command " << printable(id)
                            << " shows how\n";
        }
        return kFailed;
    }
}

int run(const Arguments& arguments, const Environment& environment) {
    const SendRequest request = readSendRequest(arguments, environment.in);
    TargetOutcomes outcomes(arguments.options.flag("json") ? nullptr : &environment.out);
    return arguments.options.flag("wait") ? sendAndWait(arguments, environment, request, outcomes)
                                          : sendAndGo(arguments, environment, request, outcomes);
}

}  // namespace

Subcommand sendSubcommand() {
    return {{.name = "send",
             .summary = "Send a command to devices, and tell how it goes with each of them.",
             .options = kOptions,
             .examples = kExamples,
             .operands = "<target> <name> [payload]",
             .details = "The target is the id of a device, or type:T, tag:T or all for the devices "
                        "that are online, with --queue for all that are known; id:T is the device "
                        "T in any case. The payload is a JSON object, @file, or - for the standard "
                        "input. It is done (0) when the command was sent to every device or is "
                        "queued for it, and with --wait when every device has carried it out."},
            run};
}

}  // namespace hub::ctl
