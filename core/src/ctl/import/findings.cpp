#include "ctl/import/findings.h"

#include "ctl/printable.h"
#include "ctl/sim/progress.h"

namespace hub::ctl::importer {

namespace {

constexpr std::size_t kMaxExampleBytes = 64;

// What follows the number of times.
std::string_view sentenceOf(Finding finding) {
    switch (finding) {
        case Finding::RepeatedHour:
            return "time in an hour that the clock was set back over: told apart by the order of "
                   "rows";
        case Finding::LeftOnline:
            return "device was online at the end: offline now (hub_restarted)";
        case Finding::NoNumber:
            return "NaN or Infinity in JSON: null now";
        case Finding::SkippedHour:
            return "time in an hour that the clock was set forward over: an hour later now";
        case Finding::FutureTime:
            return "time later than the present: the present now";
        case Finding::EarlyOutcome:
            return "command ended while too many others were under way: its device has the end "
                   "earlier now, at the time of another command";
        case Finding::BadMetadata:
            return "metadata is no JSON object: {} now";
        case Finding::BadPayload:
            return "payload of a command is no JSON object: {} now";
        case Finding::UnlistedDevice:
            return "device is not in the table devices: taken over with the type its rows tell";
        case Finding::UnknownStatus:
            return "status of a command is no known word: timeout now";
        case Finding::ResponseWithoutDevice:
            return "response of a command tells no device: left out, the command is there";
        case Finding::UnreadableTime:
            return "time cannot be read";
        case Finding::BadDeviceId:
            return "device id is not 1 to 128 of A-Z a-z 0-9 . _ : -";
        case Finding::NoObject:
            return "state is no JSON object";
        case Finding::BadEvent:
            return "event is no word";
        case Finding::BadCommand:
            return "command has no id or no name that can be used";
        case Finding::RepeatedCommand:
            return "command id was there before";
        case Finding::TooManyDevices:
            return "device is one more than a hub can know";
    }
    return "";
}

// What has become of the row.
std::string_view fateOf(Finding finding) {
    switch (finding) {
        case Finding::RepeatedHour:
        case Finding::LeftOnline:
            return "noted";
        case Finding::NoNumber:
        case Finding::SkippedHour:
        case Finding::FutureTime:
        case Finding::EarlyOutcome:
        case Finding::BadMetadata:
        case Finding::BadPayload:
        case Finding::UnlistedDevice:
        case Finding::UnknownStatus:
        case Finding::ResponseWithoutDevice:
            return "changed";
        case Finding::UnreadableTime:
        case Finding::BadDeviceId:
        case Finding::NoObject:
        case Finding::BadEvent:
        case Finding::BadCommand:
        case Finding::RepeatedCommand:
        case Finding::TooManyDevices:
            return "left out";
    }
    return "";
}

}  // namespace

std::string_view nameOf(Table table) noexcept {
    switch (table) {
        case Table::Devices:
            return "devices";
        case Table::States:
            return "device_state_snapshots";
        case Table::Connections:
            return "device_connection_logs";
        case Table::Commands:
            return "command_logs";
    }
    return "";
}

void Findings::add(Finding finding, Table table, std::string_view row) {
    Kind& kind = kinds_[static_cast<std::size_t>(finding)];
    ++kind.count;
    if (kind.examples.size() < kExamples) {
        kind.examples.push_back(std::string(nameOf(table)) + " " +
                                printable(row.substr(0, kMaxExampleBytes)));
    }
}

std::uint64_t Findings::count(Finding finding) const noexcept {
    return kinds_[static_cast<std::size_t>(finding)].count;
}

std::string Findings::text() const {
    std::string text;
    for (std::size_t i = 0; i < kFindings; ++i) {
        const Kind& kind = kinds_[i];
        if (kind.count == 0) continue;
        const auto finding = static_cast<Finding>(i);
        text.append(sim::formatCount(kind.count)).append(" ").append(fateOf(finding));
        text.append(": ").append(sentenceOf(finding));
        for (const std::string& example : kind.examples) {
            text.append(&example == &kind.examples.front() ? " (" : ", ").append(example);
        }
        text += kind.count > kind.examples.size() ? ", ...)\n" : ")\n";
    }
    return text;
}

}  // namespace hub::ctl::importer
