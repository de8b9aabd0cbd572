#include "command_table.h"

#include "stored_time.h"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace hub::sqlite_store {

namespace {

std::int64_t stored(Timestamp time) { return storable(time).time_since_epoch().count(); }

// 0 stands for none.
std::int64_t stored(const std::optional<Timestamp>& time) { return time ? stored(*time) : 0; }

}  // namespace

// Somebody waits for the commit of nearly every command: a statement of Poco's, which is compiled
// for each run, would take a tenth of it. Both begin with how the command stands.
CommandTable::CommandTable(DatabaseConnection& connection)
    : insert_(connection,
              "INSERT INTO command(status, executed, completed, target_count, success_count,"
              " number, seq, time, created, device_type, id, name, ack_timeout, ttl,"
              " idempotency_key, request_digest, payload)"
              " VALUES(?, nullif(?, 0), nullif(?, 0), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
              " nullif(?, ''), ?, ?)"),
      update_(connection,
              "UPDATE command SET status=?, executed=nullif(?, 0), completed=nullif(?, 0),"
              " target_count=?, success_count=? WHERE number=?") {}

void CommandTable::gather(const Event& event) {
    const CommandChange& told = *event.command;
    const CommandNumber number = told.record->number;
    last_ = std::max(last_, number);
    if (told.late) return;  // it changes nothing, and its progress may be out of date
    const auto [place, is_new] = places_.try_emplace(number, changes_.size());
    if (is_new) changes_.push_back({number, nullptr, {}});
    Change& change = changes_[place->second];
    change.progress = told.progress;
    if (event.kind == EventKind::CommandRecorded) change.recorded = &event;
}

void CommandTable::write() {
    for (const Change& change : changes_) {
        Query& statement = change.recorded != nullptr ? insert_ : update_;
        bindStanding(statement, change);
        if (change.recorded != nullptr) bindRecording(*change.recorded);
        statement.run();
    }
}

void CommandTable::bindStanding(Query& statement, const Change& change) {
    const CommandProgress& progress = change.progress;
    statement.bind(1, toString(progress.status));
    statement.bind(2, stored(progress.executed));
    statement.bind(3, stored(progress.completed));
    statement.bind(4, std::int64_t{progress.target_count});
    statement.bind(5, std::int64_t{progress.success_count});
    statement.bind(6, static_cast<std::int64_t>(change.number));
}

void CommandTable::bindRecording(const Event& event) {
    const CommandRecord& record = *event.command->record;
    insert_.bind(7, static_cast<std::int64_t>(event.sequence));
    insert_.bind(8, stored(event.time));
    insert_.bind(9, stored(record.created));
    insert_.bind(10, record.device_type);
    insert_.bind(11, record.command.id);
    insert_.bind(12, record.command.name);
    insert_.bind(13, std::int64_t{record.ack_timeout.count()});
    insert_.bind(14, std::int64_t{record.ttl.count()});
    insert_.bind(15, record.idempotency_key);
    insert_.bind(16, static_cast<std::int64_t>(record.request_digest));
    insert_.bind(17, record.command.payload);
}

void CommandTable::clear() noexcept {
    changes_.clear();
    places_.clear();
}

}  // namespace hub::sqlite_store
