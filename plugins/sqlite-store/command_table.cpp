#include "command_table.h"

#include "database_connection.h"
#include "stored_time.h"

#include <Poco/Data/Session.h>
#include <Poco/Data/Statement.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

using namespace Poco::Data::Keywords;

namespace hub::sqlite_store {

namespace {

using Integers = std::vector<std::int64_t>;
using Texts = std::vector<std::string>;

std::int64_t stored(Timestamp time) { return storable(time).time_since_epoch().count(); }

// 0 stands for none.
std::int64_t stored(const std::optional<Timestamp>& time) { return time ? stored(*time) : 0; }

// How commands stand, column by column: Poco compiles a statement for each run of it, so that many
// rows in one cost a fraction of as many runs.
struct Standings {
    void add(CommandNumber number, const CommandProgress& progress) {
        numbers.push_back(static_cast<std::int64_t>(number));
        statuses.emplace_back(toString(progress.status));
        executed.push_back(stored(progress.executed));
        completed.push_back(stored(progress.completed));
        targets.push_back(progress.target_count);
        successes.push_back(progress.success_count);
    }

    Integers numbers;
    Texts statuses;
    Integers executed;
    Integers completed;
    Integers targets;
    Integers successes;
};

// What was recorded, likewise.
struct Recordings {
    void add(const Event& event, const CommandProgress& progress) {
        const CommandRecord& record = *event.command->record;
        standings.add(record.number, progress);
        sequences.push_back(static_cast<std::int64_t>(event.sequence));
        times.push_back(stored(event.time));
        created.push_back(stored(record.created));
        device_types.push_back(record.device_type);
        ids.push_back(record.command.id);
        names.push_back(record.command.name);
        ack_timeouts.push_back(record.ack_timeout.count());
        ttls.push_back(record.ttl.count());
        keys.push_back(record.idempotency_key);
        digests.push_back(static_cast<std::int64_t>(record.request_digest));
        payloads.push_back(record.command.payload);
    }

    Standings standings;
    Integers sequences;
    Integers times;
    Integers created;
    Texts device_types;
    Texts ids;
    Texts names;
    Integers ack_timeouts;
    Integers ttls;
    Texts keys;
    Integers digests;
    Texts payloads;
};

void insert(DatabaseConnection& connection, Recordings& rows) {
    Standings& s = rows.standings;
    if (s.numbers.empty()) return;  // which Poco would refuse to bind
    Poco::Data::Statement insert(connection.session());
    insert << "INSERT INTO command(number, seq, time, created, status, device_type, executed,"
              " completed, target_count, success_count, id, name, ack_timeout, ttl,"
              " idempotency_key, request_digest, payload)"
              " VALUES(?, ?, ?, ?, ?, ?, nullif(?, 0), nullif(?, 0), ?, ?, ?, ?, ?, ?,"
              " nullif(?, ''), ?, ?)",
        use(s.numbers), use(rows.sequences), use(rows.times), use(rows.created), use(s.statuses),
        use(rows.device_types), use(s.executed), use(s.completed), use(s.targets), use(s.successes),
        use(rows.ids), use(rows.names), use(rows.ack_timeouts), use(rows.ttls), use(rows.keys),
        use(rows.digests), use(rows.payloads);
    connection.run(insert);
}

void update(DatabaseConnection& connection, Standings& s) {
    if (s.numbers.empty()) return;
    Poco::Data::Statement update(connection.session());
    update << "UPDATE command SET status=?, executed=nullif(?, 0), completed=nullif(?, 0),"
              " target_count=?, success_count=? WHERE number=?",
        use(s.statuses), use(s.executed), use(s.completed), use(s.targets), use(s.successes),
        use(s.numbers);
    connection.run(update);
}

}  // namespace

void CommandTable::gather(const Event& event) {
    const CommandNumber number = event.command->record->number;
    last_ = std::max(last_, number);
    const auto [place, is_new] = places_.try_emplace(number, changes_.size());
    if (is_new) changes_.push_back({number, nullptr, {}});
    Change& change = changes_[place->second];
    change.progress = event.command->progress;
    if (event.kind == EventKind::CommandRecorded) change.recorded = &event;
}

void CommandTable::write() {
    Recordings recordings;
    Standings standings;
    for (const Change& change : changes_) {
        if (change.recorded != nullptr) {
            recordings.add(*change.recorded, change.progress);
        } else {
            standings.add(change.number, change.progress);
        }
    }
    insert(connection_, recordings);
    update(connection_, standings);
}

void CommandTable::clear() noexcept {
    changes_.clear();
    places_.clear();
}

}  // namespace hub::sqlite_store
