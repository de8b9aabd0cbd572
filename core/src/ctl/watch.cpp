#include "ctl/watch.h"

#include "ctl/field_text.h"
#include "ctl/hub_query.h"
#include "ctl/interruption.h"
#include "ctl/live_events.h"
#include "ctl/printable.h"
#include "ctl/text_table.h"
#include "hub/device.h"
#include "hub/topic_filter.h"

#include <algorithm>
#include <array>
#include <string>

namespace hub::ctl {

namespace {

constexpr std::string_view kEverything = "devices/#";

constexpr std::array kOptions{
    Option{"since", Option::Type::Text, "",
           "begin behind the event of this number, the first word of a line, from history "
           "(default: with what happens from now on)"},
    Option{"json", Option::Type::Flag, "false", "print the hub's JSON, one document a line"},
    kUrlOption,
};

constexpr std::array<std::string_view, 4> kExamples{
    "hubctl watch",
    "hubctl watch devices/weather-1/status",
    "hubctl watch 'devices/+/command'",
    "hubctl watch 'devices/#' --json | jq -c .payload",
};

// One line for the event: its number, when, its topic, what it tells.
void addEvent(const StreamEvent& event, TextTable& table) {
    const JsonObject fields = readItem(event.data);
    table.add({std::string(fields.text("sequence")), exactTimeText(fields, "timestamp"),
               std::string(fields.text("topic")),
               fieldsText(fields.json("payload").value_or("{}"))});
}

// Prints events until the call is interrupted or the output cannot be written.
void printEvents(LiveEvents& events, bool json, std::ostream& out) {
    TextTable table(4);
    while (out) {
        const auto event = events.next();
        if (!event) continue;
        if (json) {
            out << printableJson(event->data) << '\n';
        } else {
            addEvent(*event, table);
            table.flush(out);
        }
        out.flush();
    }
}

// A number of an event, or "" when none was given. Throws UsageError.
std::string sinceFrom(const Options& options) {
    const std::string& since = options.text("since");
    if (since.find_first_not_of("0123456789") != std::string::npos) {
        throw UsageError("--since: \"" + since +
                         "\" is no number of an event: with those the lines of hubctl watch begin");
    }
    return since;
}

// The filter to watch, one that matches some topic. Throws UsageError.
std::string filterFrom(const Arguments& arguments) {
    if (arguments.operands.empty()) return std::string(kEverything);
    std::string text = arguments.operand();
    const auto filter = TopicFilter::parse(text);
    if (!filter) throw UsageError("\"" + text + "\" is no topic filter: " + filter.error().message);

    // Of the topics that it could match, the one with its own words where it has some.
    std::array<std::string_view, 3> levels{"devices", "a", "b"};
    std::string_view rest = text;
    for (std::string_view& level : levels) {
        const std::string_view word = rest.substr(0, rest.find('/'));
        if (word.empty() || word == "#") break;
        if (word != "+") level = word;
        rest.remove_prefix(std::min(word.size() + 1, rest.size()));
    }
    if (isValidDeviceId(levels[1]) && filter->matchesDevice(levels[1], levels[2])) return text;
    throw UsageError("\"" + text +
                     "\" matches no topic, devices/{id}/{name}: for one device write '" +
                     "devices/" + (isValidDeviceId(text) ? text : "weather-1") + "/#'");
}

int run(const Arguments& arguments, const Environment& environment) {
    const HubUrl url = urlFor(arguments, environment);
    const std::string filter = filterFrom(arguments);
    const Interruption interruption;
    LiveEvents events(
        url, filter, sinceFrom(arguments.options), interruption,
        [&](const std::string& news) { environment.err << "hubctl watch: " << news << std::endl; });
    try {
        events.open();
        printEvents(events, arguments.options.flag("json"), environment.out);
    } catch (const Interrupted& interrupted) {
        return interrupted.by() == Interrupted::By::Signal ? kDone : kFailed;
    }
    return kFailed;
}

}  // namespace

Subcommand watchSubcommand() {
    return {{.name = "watch",
             .summary = "Show what happens, as it happens, until Ctrl-C.",
             .options = kOptions,
             .examples = kExamples,
             .operands = "[filter]",
             .details = "One line, with its number and time, for each event whose topic, "
                        "devices/{id}/{name}, matches the "
                        "filter (+ is any one level, # at the end any that follow): what devices "
                        "say, that they come and go, and what becomes of commands. Without a "
                        "filter, all. After a break it goes on where it was."},
            run};
}

}  // namespace hub::ctl
