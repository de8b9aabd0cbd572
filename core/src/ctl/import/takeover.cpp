#include "ctl/import/takeover.h"

#include "ctl/import/translation.h"

#include <algorithm>
#include <chrono>
#include <span>
#include <stdexcept>
#include <utility>

namespace hub::ctl::importer {

namespace {

constexpr std::string_view kTransport = "websocket";
constexpr std::size_t kSignsAtOnce = 10'000;
constexpr std::uint64_t kProgressRows = 1024;

Timestamp timestampOf(std::int64_t microseconds) {
    return Timestamp(std::chrono::microseconds(microseconds));
}

}  // namespace

Takeover::Takeover(OldDatabase& database, const Survey& survey, Store& store, Timestamp now,
                   Findings& findings)
    : database_(database),
      store_(store),
      now_(now),
      findings_(findings),
      batch_(store),
      devices_(database, findings),
      commands_(database, devices_, batch_, findings) {
    const auto read = [&](Table table, const std::string& columns) {
        const bool in_order = survey[static_cast<std::size_t>(table)].in_order;
        sources_.push_back({table, database.inOrder(table, in_order, columns, findings), {}});
    };
    // Of the same time, in this order.
    read(Table::Connections, "device_id, device_type, event, details");
    read(Table::Commands, OldCommands::kColumns);
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
        commands_.takeOutcomesUntil(*source->time);
        takeRow(*source);
        source->advance();
        if (++rows % kProgressRows == 0) progress(rows);
    }
    takeMomentsUntil(Timestamp::max());
    commands_.takeOutcomesUntil(Timestamp::max());
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
    totals_.commands = commands_.count();
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
        commands_.takeOutcomesUntil(moments[next_moment_].time);
        take(moments[next_moment_++]);
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
            commands_.take(source.rows, *source.time);
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
