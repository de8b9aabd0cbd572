#include "ctl/send.h"

#include "ctl/hub_query.h"
#include "ctl/interruption.h"
#include "ctl/live_events.h"
#include "ctl/printable.h"
#include "ctl/send_request.h"
#include "ctl/target_outcomes.h"

#include <array>
#include <chrono>
#include <functional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hub::ctl {

namespace {

constexpr std::array kOptions{
    Option{"wait", Option::Type::Flag, "false", "wait until every device has an outcome"},
    Option{"ack-timeout", Option::Type::Duration, "30s",
           "how long each device has to acknowledge: seconds, or with s, m, h or d", 0, 2'592'000},
    Option{"queue", Option::Type::Flag, "false",
           "keep the command for devices that are offline, until they come back"},
    Option{"ttl", Option::Type::Duration, "1d", "how long --queue keeps it for them", 0, 2'592'000},
    Option{"key", Option::Type::Text, "",
           "a word of your own: the hub carries out only one command under it, and answers a "
           "repeat, with the same words and options, as the first time"},
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
std::string submit(RestClient& client, const Arguments& arguments, const SendRequest& request) {
    constexpr int kNotFound = 404;
    constexpr int kRejected = 409;
    try {
        return client.request("POST", "/api/command", request.body, request.headers);
    } catch (const RestRefusal& refusal) {
        const auto problem = JsonObject::read(refusal.body());
        if (!problem) throw;
        if (refusal.status() == kRejected && problem->json("targets")) return refusal.body();
        if (refusal.status() != kNotFound || problem->text("unknown") != "device") throw;
        throw std::runtime_error("no device \"" + printable(arguments.operand()) +
                                 "\" is known: write its id (hubctl devices lists them), type:T, "
                                 "tag:T or all");
    }
}

std::string devicesText(std::size_t count) {
    return std::to_string(count) + (count == 1 ? " device" : " devices");
}

// The devices that have no outcome yet.
using Waiting = std::set<std::string, std::less<>>;

// Shows what a list tells of devices; returns which of them have no outcome yet.
Waiting takeList(const std::vector<std::string_view>& targets, TargetOutcomes& outcomes) {
    Waiting waiting;
    for (const std::string_view item : targets) {
        const JsonObject target = readItem(item);
        const std::string_view device_id = target.text("device_id");
        if (outcomes.take(device_id, target)) waiting.emplace(device_id);
    }
    outcomes.show();
    return waiting;
}

// Shows changes of the command until nobody is waited for, or the feed has had a break.
void follow(LiveEvents& events, std::string_view command_id, Waiting waiting,
            TargetOutcomes& outcomes) {
    while (!waiting.empty()) {
        const auto event = events.next();
        if (!event) return;
        const auto fields = JsonObject::read(event->data);
        if (!fields) continue;
        const auto change = JsonObject::read(fields->json("payload").value_or("{}"));
        // A late acknowledgement comes after the outcome, and is none.
        if (!change || change->text("command_id") != command_id || change->text("late") == "true") {
            continue;
        }
        const auto device = waiting.find(fields->text("device_id"));
        if (device == waiting.end()) continue;
        // How a device stands whose event cannot be read, the hub tells when it is asked.
        if (!targetStatusFrom(change->text("status")) || !outcomes.take(*device, *change)) {
            waiting.erase(device);
        }
        outcomes.show();
    }
}

bool isOpen(CommandStatus status) {
    return status == CommandStatus::Pending || status == CommandStatus::Queued ||
           status == CommandStatus::Sent;
}

// How a command stands as a whole.
struct Whole {
    CommandStatus status = CommandStatus::Pending;
    std::string success_count;
};

// Throws std::runtime_error for a status that no command has.
Whole wholeFrom(const JsonObject& command) {
    const auto status = commandStatusFrom(command.text("status"));
    if (!status) {
        throw std::runtime_error("the hub tells of the command the status \"" +
                                 printable(command.text("status")) + "\", which is none");
    }
    return {*status, std::string(command.text("success_count"))};
}

// Waits until the command has ended. That is the hub's to say: of a device that is forgotten while
// the feed has a break, the feed tells no outcome. Else it tells what is new since it was opened,
// and the command itself what was before that.
Whole awaitEnd(LiveEvents& events, RestClient& client, const Interruption& interruption,
               std::string_view command_id, TargetOutcomes& outcomes) {
    constexpr std::chrono::milliseconds kPause{100};
    for (;;) {
        Whole whole;
        Waiting waiting;
        readPages(client, commandQuery(command_id), [&](const Page& page) {
            if (page.first) whole = wholeFrom(page.fields);
            waiting.merge(takeList(page.items, outcomes));
        });
        if (!isOpen(whole.status)) return whole;
        // The last outcome may have come between two answers.
        if (waiting.empty()) interruption.sleepUntil(std::chrono::steady_clock::now() + kPause);
        follow(events, command_id, std::move(waiting), outcomes);
    }
}

// Writes what the answer to the request, the client's last one, says; returns the command's id.
std::string showReceipt(const RestClient& client, const JsonObject& receipt,
                        const Arguments& arguments, const Environment& environment,
                        TargetOutcomes& outcomes) {
    if (client.header("Idempotency-Replayed") == "true") {
        environment.err << "hubctl send: this call was made before under its key: nothing is sent "
                           "again, and the answer is that of the first time\n";
    }
    std::string id(receipt.text("command_id"));
    const bool text = !arguments.options.flag("json");
    const auto targets = readJsonArray(receipt.json("targets").value_or("[]"));
    if (!targets) throw std::runtime_error("the hub's \"targets\" are no list");
    if (text) {
        environment.out << "command " << printable(id) << " to " << devicesText(targets->size())
                        << std::endl;
    }
    takeList(*targets, outcomes);
    if (targets->empty()) {
        environment.err << "hubctl send: no device "
                        << (arguments.options.flag("queue") ? "that is known" : "that is online")
                        << " is meant by " << printable(arguments.operand()) << '\n';
    }
    return id;
}

int sendAndGo(const Arguments& arguments, const Environment& environment,
              const SendRequest& request, TargetOutcomes& outcomes) {
    RestClient client = clientFor(arguments, environment);
    const Answer receipt(client, "/api/command", submit(client, arguments, request));
    showReceipt(client, receipt.fields, arguments, environment, outcomes);
    if (arguments.options.flag("json")) environment.out << printableJson(receipt.body) << '\n';
    return outcomes.allUnderWay() ? kDone : kFailed;
}

int sendAndWait(const Arguments& arguments, const Environment& environment,
                const SendRequest& request, TargetOutcomes& outcomes) {
    const HubUrl url = urlFor(arguments, environment);
    const Interruption interruption;
    const auto tell = [&](const std::string& news) {
        environment.err << "hubctl send: " << news << std::endl;
    };
    LiveEvents events(url, request.filter, {}, interruption, tell);
    RestClient client(url, {}, &interruption);
    std::string id;
    try {
        events.open();
        const Answer receipt(client, "/api/command", submit(client, arguments, request));
        id = showReceipt(client, receipt.fields, arguments, environment, outcomes);
        client.persist(SteadyTime::duration::max(), tell);  // as the feed does

        const Whole end = awaitEnd(events, client, interruption, id, outcomes);
        if (arguments.options.flag("json")) {
            printListJson(client, commandQuery(id), environment.out);
        } else {
            environment.out << toString(end.status) << ": " << printable(end.success_count)
                            << " of " << devicesText(outcomes.count()) << " succeeded\n";
        }
        return end.status == CommandStatus::AckSuccess ? kDone : kFailed;
    } catch (const Interrupted& interrupted) {
        if (interrupted.by() == Interrupted::By::Reader) return kFailed;
        tell(id.empty() ? "without the hub's answer it is not known whether the command was "
                          "sent; hubctl commands lists it if so"
                        : "the command goes on; hubctl command " + printable(id) + " shows how");
        return kInterrupted;
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
                        "queued for it, and with --wait when every device has carried it out; a "
                        "hub that is away meanwhile is waited for. Ctrl-C ends the waiting (130), "
                        "not the command."},
            run};
}

}  // namespace hub::ctl
