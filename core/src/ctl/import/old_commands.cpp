#include "ctl/import/old_commands.h"

#include "ctl/import/translation.h"
#include "hub/commands.h"
#include "hub/device.h"

#include <algorithm>
#include <optional>

namespace hub::ctl::importer {

namespace {

constexpr std::size_t kMaxCommandIdBytes = 128;

std::uint32_t countFrom(std::int64_t number) {
    return static_cast<std::uint32_t>(
        std::clamp<std::int64_t>(number, 0, static_cast<std::int64_t>(kMaxDevices)));
}

// Nothing forbids a database to have them, where command_id is no key.
std::unordered_set<std::string> repeatedCommandIds(const OldDatabase& database) {
    std::unordered_set<std::string> ids;
    OldRows row = database.rows(
        "SELECT command_id FROM command_logs GROUP BY command_id HAVING count(*) > 1");
    while (row.next()) ids.emplace(row.text(0));
    return ids;
}

constexpr auto kLater = [](const auto& a, const auto& b) { return a.time > b.time; };

}  // namespace

OldCommands::OldCommands(OldDatabase& database, OldDevices& devices, EventBatch& batch,
                         Findings& findings)
    : database_(database),
      devices_(devices),
      batch_(batch),
      findings_(findings),
      repeated_ids_(repeatedCommandIds(database)) {}

void OldCommands::take(const OldRows& row, Timestamp time) {
    CommandRecord record;
    record.command.id = row.text(1);
    record.command.name = row.text(3);
    if (!isWord(record.command.id, kMaxCommandIdBytes) ||
        !isWord(record.command.name, CommandRequest::kMaxNameBytes)) {
        const std::string row_name = "row " + std::string(row.text(11));
        findings_.add(Finding::BadCommand, Table::Commands,
                      record.command.id.empty() ? row_name : record.command.id);
        return;
    }
    if (repeated_ids_.contains(record.command.id) && !seen_ids_.insert(record.command.id).second) {
        findings_.add(Finding::RepeatedCommand, Table::Commands, record.command.id);
        return;
    }
    record.number = static_cast<CommandNumber>(++count_);
    record.device_type = row.text(2);
    record.created = time;
    record.command.payload = payloadOf(row);
    const CommandChange change{.record = &record, .progress = progressOf(row, time)};
    batch_.add({.time = time,
                .kind = EventKind::CommandRecorded,
                .name = "command",
                .payload = record.command.payload,
                .command = &change});
    noteOutcome(record, change.progress, row.text(8), time);
}

std::string OldCommands::payloadOf(const OldRows& row) {
    const std::string_view text = row.text(4);
    if (text.empty() || text == "null") return "{}";
    std::string_view payload;
    switch (json_.judge(text, payload)) {
        case JsonRepair::Verdict::Sound:
            break;
        case JsonRepair::Verdict::Repaired:
            findings_.add(Finding::NoNumber, Table::Commands, row.text(1));
            break;
        case JsonRepair::Verdict::Hopeless:
            findings_.add(Finding::BadPayload, Table::Commands, row.text(1));
            payload = "{}";
            break;
    }
    return std::string(payload);
}

CommandProgress OldCommands::progressOf(const OldRows& row, Timestamp created) {
    const auto time_of = [&](int column, Timestamp least) -> std::optional<Timestamp> {
        if (row.text(column).empty()) return std::nullopt;
        const auto time = database_.timeBeside(row.text(column), least);
        if (!time) findings_.add(Finding::UnreadableTime, Table::Commands, row.text(1));
        return time ? std::optional(std::max(*time, least)) : std::nullopt;
    };
    CommandProgress progress;
    const auto status = commandStatusOf(row.text(5));
    if (!status) findings_.add(Finding::UnknownStatus, Table::Commands, row.text(1));
    progress.status = status.value_or(CommandStatus::Timeout);
    progress.executed = time_of(6, created);
    const Timestamp begun = progress.executed.value_or(created);
    progress.completed = time_of(7, begun).value_or(begun);
    progress.target_count = countFrom(row.integer(9));
    progress.success_count = std::min(countFrom(row.integer(10)), progress.target_count);
    // The earlier system did not count: that one device has done it is all that its word tells.
    if (progress.status == CommandStatus::AckSuccess && progress.success_count == 0) {
        progress.target_count = std::max(progress.target_count, 1U);
        progress.success_count = 1;
    }
    return progress;
}

void OldCommands::noteOutcome(const CommandRecord& record, const CommandProgress& progress,
                              std::string_view response, Timestamp time) {
    if (response == "null") response = {};
    const auto status = targetStatusOf(progress.status);
    OldDevice* const device =
        progress.target_count == 1 ? devices_.only(record.device_type) : nullptr;
    if (!status || device == nullptr || !devices_.registerAt(*device, time, batch_)) {
        if (!response.empty()) {
            findings_.add(Finding::ResponseWithoutDevice, Table::Commands, record.command.id);
        }
        return;
    }
    if (outcomes_.size() == kMaxOutcomes) {
        const std::string& earliest = outcomes_.front().record.command.id;
        findings_.add(Finding::EarlyOutcome, Table::Commands, earliest);
        takeEarliestOutcome(time);
    }
    outcomes_.push_back(
        {*progress.completed, device, record, progress, *status, std::string(response)});
    std::ranges::push_heap(outcomes_, kLater);
}

void OldCommands::takeOutcomesUntil(Timestamp time) {
    while (!outcomes_.empty() && outcomes_.front().time <= time) {
        takeEarliestOutcome(outcomes_.front().time);
    }
}

void OldCommands::takeEarliestOutcome(Timestamp time) {
    std::ranges::pop_heap(outcomes_, kLater);
    const Outcome& outcome = outcomes_.back();
    const CommandChange change{
        .record = &outcome.record, .progress = outcome.progress, .target = outcome.status};
    const std::string document =
        targetDocument(outcome.record.command, outcome.status, outcome.response, json_);
    batch_.add({.time = time,
                .device = *outcome.device->index,
                .kind = EventKind::CommandTarget,
                .device_id = outcome.device->id,
                .name = "command",
                .payload = document,
                .command = &change});
    outcomes_.pop_back();
}

}  // namespace hub::ctl::importer
