#include "ctl/import/takeover.h"

#include "ctl/import/translation.h"
#include "hub/commands.h"

#include <algorithm>
#include <chrono>
#include <span>
#include <stdexcept>
#include <utility>

namespace hub::ctl::importer {

namespace {

constexpr std::string_view kTransport = "websocket";
constexpr std::size_t kMaxCommandIdBytes = 128;
constexpr std::size_t kMaxOutcomes = 16 * 1024;
constexpr std::size_t kSignsAtOnce = 10'000;
constexpr std::uint64_t kProgressRows = 1024;

Timestamp timestampOf(std::int64_t microseconds) {
    return Timestamp(std::chrono::microseconds(microseconds));
}

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

Takeover::Takeover(OldDatabase& database, const Survey& survey, Store& store, Timestamp now,
                   Findings& findings)
    : database_(database),
      store_(store),
      now_(now),
      findings_(findings),
      batch_(store),
      devices_(database, findings),
      repeated_ids_(repeatedCommandIds(database)) {
    const auto read = [&](Table table, const std::string& columns) {
        const bool in_order = survey[static_cast<std::size_t>(table)].in_order;
        sources_.push_back({table, database.inOrder(table, in_order, columns, findings), {}});
    };
    // Of the same time, in this order.
    read(Table::Connections, "device_id, device_type, event, details");
    read(Table::Commands,
         "device_type, command_name, payload, status, executed_at, completed_at, response_data, "
         "target_device_count, success_count");
    read(Table::States, "device_id, device_type, state_data");
}

void Takeover::Source::advance() {
    time.reset();
    while (!time && rows.next()) {
        if (!rows.null(0)) time = timestampOf(rows.integer(0));
    }
}

Totals Takeover::run(const std::function<void(std::uint64_t rows)>& progress) {
    for (Source& source : sources_) source.advance();
    std::uint64_t rows = 0;
    while (Source* const source = earliest()) {
        takeMomentsUntil(*source->time);
        takeOutcomesUntil(*source->time);
        takeRow(*source);
        source->advance();
        if (++rows % kProgressRows == 0) progress(rows);
    }
    takeMomentsUntil(Timestamp::max());
    takeOutcomesUntil(Timestamp::max());
    totals_.connections += devices_.end(now_, batch_);
    batch_.flush();
    const std::vector<SignOfLife> signs = devices_.signsOfLife();
    for (std::size_t done = 0; done < signs.size(); done += kSignsAtOnce) {
        const std::size_t count = std::min(kSignsAtOnce, signs.size() - done);
        const Result<void> kept = store_.noteLife(std::span(signs).subspan(done, count));
        if (!kept) throw std::runtime_error(kept.error().message);
    }
    totals_.devices = devices_.count();
    totals_.events += devices_.count();
    totals_.last_sequence = batch_.lastSequence();
    return totals_;
}

Takeover::Source* Takeover::earliest() {
    Source* first = nullptr;
    for (Source& source : sources_) {
        if (source.time && (first == nullptr || *source.time < *first->time)) first = &source;
    }
    return first;
}

void Takeover::takeMomentsUntil(Timestamp time) {
    const std::vector<DeviceMoment>& moments = devices_.moments();
    while (next_moment_ < moments.size() && moments[next_moment_].time <= time) {
        takeOutcomesUntil(moments[next_moment_].time);
        take(moments[next_moment_++]);
    }
}

void Takeover::takeOutcomesUntil(Timestamp time) {
    while (!outcomes_.empty() && outcomes_.front().time <= time) {
        std::ranges::pop_heap(outcomes_, kLater);
        take(outcomes_.back());
        outcomes_.pop_back();
    }
}

void Takeover::take(const DeviceMoment& moment) {
    OldDevice& device = *moment.device;
    if (!devices_.registerAt(device, moment.time, batch_)) return;
    switch (moment.what) {
        case DeviceMoment::What::Known:
            break;
        case DeviceMoment::What::Connected:
            addConnection(device, EventKind::Connected, OfflineReason::None, moment.time, "{}");
            break;
        case DeviceMoment::What::Disconnected:
            addConnection(device, EventKind::Disconnected, OfflineReason::Lost, moment.time,
                          R"({"reason":"lost"})");
            break;
    }
}

void Takeover::take(const Outcome& outcome) {
    const CommandChange change{
        .record = &outcome.record, .progress = outcome.progress, .target = outcome.status};
    const std::string document =
        targetDocument(outcome.record.command, outcome.status, outcome.response, json_);
    batch_.add({.time = outcome.time,
                .device = *outcome.device->index,
                .kind = EventKind::CommandTarget,
                .device_id = outcome.device->id,
                .name = "command",
                .payload = document,
                .command = &change});
}

void Takeover::takeRow(Source& source) {
    switch (source.table) {
        case Table::Devices:
            break;
        case Table::States:
            takeState(source.rows, *source.time);
            break;
        case Table::Connections:
            takeConnection(source.rows, *source.time);
            break;
        case Table::Commands:
            takeCommand(source.rows, *source.time);
            break;
    }
}

void Takeover::takeState(const OldRows& row, Timestamp time) {
    std::string_view state;
    const JsonRepair::Verdict verdict = json_.judge(row.text(4), state);
    if (verdict == JsonRepair::Verdict::Hopeless) {
        findings_.add(Finding::NoObject, Table::States, row.text(1));
        return;
    }
    const OldDevice* const device =
        devices_.find(row.text(2), row.text(3), Table::States, row.text(1), time, batch_);
    if (device == nullptr) return;
    if (verdict == JsonRepair::Verdict::Repaired) {
        findings_.add(Finding::NoNumber, Table::States, row.text(1));
    }
    ++totals_.states;
    batch_.add({.time = time,
                .device = *device->index,
                .kind = EventKind::Status,
                .device_id = device->id,
                .name = "status",
                .payload = state});
}

void Takeover::takeConnection(const OldRows& row, Timestamp time) {
    const std::string_view word = row.text(4);
    // It will be the last level of a topic.
    if (!isValidDeviceId(word)) {
        findings_.add(Finding::BadEvent, Table::Connections, row.text(1));
        return;
    }
    OldDevice* const device =
        devices_.find(row.text(2), row.text(3), Table::Connections, row.text(1), time, batch_);
    if (device == nullptr) return;
    const ConnectionChange change = connectionChange(word, row.text(5), json_);
    if (change.kind != EventKind::Message) {
        addConnection(*device, change.kind, change.reason, time, change.details);
        return;
    }
    ++totals_.events;
    batch_.add({.time = time,
                .device = *device->index,
                .kind = EventKind::Message,
                .device_id = device->id,
                .name = word,
                .payload = change.details});
}

void Takeover::takeCommand(const OldRows& row, Timestamp time) {
    CommandRecord record;
    record.command.id = row.text(1);
    record.command.name = row.text(3);
    if (!isWord(record.command.id, kMaxCommandIdBytes) ||
        !isWord(record.command.name, CommandRequest::kMaxNameBytes)) {
        findings_.add(Finding::BadCommand, Table::Commands, record.command.id);
        return;
    }
    if (repeated_ids_.contains(record.command.id) && !seen_ids_.insert(record.command.id).second) {
        findings_.add(Finding::RepeatedCommand, Table::Commands, record.command.id);
        return;
    }
    record.number = static_cast<CommandNumber>(++commands_);
    record.device_type = row.text(2);
    record.created = time;
    record.command.payload = payloadOf(row);
    const CommandChange change{.record = &record, .progress = progressOf(row, time)};
    ++totals_.commands;
    batch_.add({.time = time,
                .kind = EventKind::CommandRecorded,
                .name = "command",
                .payload = record.command.payload,
                .command = &change});
    noteOutcome(record, change.progress, row.text(8), time);
}

std::string Takeover::payloadOf(const OldRows& row) {
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

CommandProgress Takeover::progressOf(const OldRows& row, Timestamp created) {
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

void Takeover::noteOutcome(const CommandRecord& record, const CommandProgress& progress,
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
    if (outcomes_.size() == kMaxOutcomes) takeOutcomesUntil(outcomes_.front().time);
    outcomes_.push_back(
        {*progress.completed, device, record, progress, *status, std::string(response)});
    std::ranges::push_heap(outcomes_, kLater);
}

void Takeover::addConnection(OldDevice& device, EventKind kind, OfflineReason reason,
                             Timestamp time, std::string_view details) {
    device.online = kind == EventKind::Connected;
    ++totals_.connections;
    batch_.add({.time = time,
                .device = *device.index,
                .kind = kind,
                .reason = reason,
                .device_id = device.id,
                .name = device.online ? "connected" : "disconnected",
                .payload = details,
                .transport = kTransport});
}

}  // namespace hub::ctl::importer
