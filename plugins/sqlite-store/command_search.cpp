#include "command_search.h"

#include "chain_walk.h"
#include "command_row.h"
#include "database_connection.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace hub::sqlite_store {

namespace {

constexpr CommandNumber kAboveAll{std::numeric_limits<std::int64_t>::max()};

std::int64_t bound(CommandNumber number) { return static_cast<std::int64_t>(number); }

CommandNumber numberIn(const Query& row, int column) {
    return static_cast<CommandNumber>(row.integer(column));
}

}  // namespace

constexpr std::string_view kChangesOfCommand =
    "SELECT t.seq, t.time, t.device, d.device_id, t.status, t.late, t.payload"
    " FROM command_target t CROSS JOIN device d ON d.id = t.device"
    " WHERE t.command=?1 AND t.device>=?2 ORDER BY t.device, t.seq";

CommandQueries::CommandQueries(DatabaseConnection& connection)
    : row(connection, "SELECT " + std::string(kCommandColumns) + " FROM command WHERE number=?"),
      by_id(connection, "SELECT number FROM command WHERE id=?"),
      by_key(connection, "SELECT number FROM command WHERE idempotency_key=? ORDER BY number DESC"),
      below(connection,
            "SELECT number, time, status, device_type FROM command WHERE number < ?"
            " ORDER BY number DESC"),
      recorded_from(connection,
                    "SELECT seq FROM command WHERE number >= ? ORDER BY number LIMIT 1"),
      device_changes(connection,
                     "SELECT time, prev, jump, command FROM command_target WHERE seq=?"),
      open_of_device(connection, "SELECT number FROM command INDEXED BY command_open WHERE " +
                                     std::string(kIsOpen) +
                                     " AND EXISTS (SELECT 1 FROM command_target"
                                     " WHERE command = number AND device = ?)"),
      changes(connection, kChangesOfCommand) {}

CommandSearch::CommandSearch(CommandQueries& queries, const CommandQuery& wanted,
                             const VisitCommand& visit, const Deadline& deadline)
    : queries_(queries),
      wanted_(wanted),
      visit_(visit),
      deadline_(deadline),
      before_(wanted.before == CommandNumber{} ? kAboveAll : std::min(wanted.before, kAboveAll)),
      left_(std::min(wanted.limit, HistoryQuery::kMaxLimit)) {}

std::optional<CommandNumber> CommandSearch::run(Sequence newest_change) {
    if (wanted_.device) {
        walk(newest_change);
    } else if (wanted_.id) {
        queries_.by_id.bind(1, *wanted_.id);
        lookUp(queries_.by_id);
    } else if (wanted_.idempotency_key) {
        queries_.by_key.bind(1, *wanted_.idempotency_key);
        lookUp(queries_.by_key);
    } else {
        lookThrough();
    }
    return cut_short_;
}

void CommandSearch::lookUp(Query& numbers) {
    const QueryScope scope(numbers);
    while (left_ > 0 && numbers.next()) offer(numberIn(numbers, 0));
}

// Time never decreases with the number, and a command is not created after the time of its
// recording.
void CommandSearch::lookThrough() {
    Query& below = queries_.below;
    const QueryScope scope(below);
    below.bind(1, bound(before_));
    while (left_ > 0 && below.next()) {
        if (wanted_.since && below.time(1) < *wanted_.since) return;
        const CommandNumber number = numberIn(below, 0);
        if ((!wanted_.status || below.text(2) == toString(*wanted_.status)) &&
            (!wanted_.device_type || below.text(3) == *wanted_.device_type)) {
            offer(number);
        }
        if (left_ > 0 && deadline_.passed()) {
            cut_short_ = number;
            return;
        }
    }
}

// Through the changes of the device, newest first. What happens last to a command has nothing to do
// with when it was recorded, so each waits until the walk is behind the recording of the newest one
// that was met: then no newer one can follow.
void CommandSearch::walk(Sequence newest_change) {
    HistoryQuery rows{.device = *wanted_.device, .since = wanted_.since};
    rows.limit = std::numeric_limits<std::size_t>::max();
    if (before_ != kAboveAll) {
        // The first change of every older command is older than this one's recording.
        const QueryScope scope(queries_.recorded_from);
        queries_.recorded_from.bind(1, bound(before_));
        if (queries_.recorded_from.next()) {
            rows.before = static_cast<Sequence>(queries_.recorded_from.integer(0));
        }
    }
    ChainWalk changes(queries_.device_changes, newest_change, rows);
    const CommandNumber first = before_;
    while (left_ > 0 && changes.next()) {
        if (deadline_.passed()) {
            if (before_ == first) {
                throw DatabaseError(
                    "cannot find the commands of a device with so many changes in time: ask for "
                    "those since some time");
            }
            cut_short_ = before_;
            return;
        }
        offerRecordedSince(changes.sequence());
        note(numberIn(queries_.device_changes, ChainWalk::kOwnColumns));
    }
    if (changes.cutShort()) noteOpen();
    offerRecordedSince(0);
}

// Where old rows were deleted, those of commands that are open were not.
void CommandSearch::noteOpen() {
    const QueryScope scope(queries_.open_of_device);
    queries_.open_of_device.bind(1, static_cast<std::int64_t>(*wanted_.device));
    while (queries_.open_of_device.next()) note(numberIn(queries_.open_of_device, 0));
}

void CommandSearch::note(CommandNumber number) {
    if (number >= before_ || met_.contains(number)) return;
    // Of one that was deleted the next one's will do: there is nothing to offer.
    const QueryScope scope(queries_.recorded_from);
    queries_.recorded_from.bind(1, bound(number));
    if (!queries_.recorded_from.next()) return;
    met_.emplace(number, static_cast<Sequence>(queries_.recorded_from.integer(0)));
}

void CommandSearch::offerRecordedSince(Sequence sequence) {
    while (left_ > 0 && !met_.empty() && met_.begin()->second >= sequence) {
        const CommandNumber number = met_.begin()->first;
        met_.erase(met_.begin());
        offer(number);
        before_ = number;
    }
}

// Visits the command if there is one of that number and it is wanted.
void CommandSearch::offer(CommandNumber number) {
    Query& row = queries_.row;
    const QueryScope scope(row);
    row.bind(1, bound(number));
    if (!row.next()) return;
    const CommandRecord record = readCommandRecord(row);
    const CommandProgress progress = readCommandProgress(row);
    if (!fits(record, progress)) return;
    --left_;
    if (!visit_(record, progress)) left_ = 0;
}

bool CommandSearch::fits(const CommandRecord& record, const CommandProgress& progress) const {
    return record.number < before_ && (!wanted_.status || progress.status == *wanted_.status) &&
           (!wanted_.device_type || record.device_type == *wanted_.device_type) &&
           (!wanted_.id || record.command.id == *wanted_.id) &&
           (!wanted_.idempotency_key || record.idempotency_key == *wanted_.idempotency_key) &&
           (!wanted_.since || record.created >= *wanted_.since) &&
           (!wanted_.until || record.created <= *wanted_.until);
}

bool visitCommand(CommandQueries& queries, std::string_view id, DeviceIndex from,
                  const VisitCommand& visit, const VisitTarget& visit_target) {
    const QueryScope id_scope(queries.by_id);
    queries.by_id.bind(1, id);
    if (!queries.by_id.next()) return false;
    const std::int64_t number = queries.by_id.integer(0);
    const QueryScope row_scope(queries.row);
    queries.row.bind(1, number);
    if (!queries.row.next()) return false;
    if (!visit(readCommandRecord(queries.row), readCommandProgress(queries.row))) return true;

    Query& changes = queries.changes;
    const QueryScope scope(changes);
    changes.bind(1, number);
    changes.bind(2, static_cast<std::int64_t>(from));
    while (changes.next()) {
        const auto status = targetStatusFrom(changes.text(4));
        if (!status) continue;
        const CommandTargetRow row{static_cast<Sequence>(changes.integer(0)),
                                   changes.time(1),
                                   static_cast<DeviceIndex>(changes.integer(2)),
                                   changes.text(3),
                                   *status,
                                   changes.integer(5) != 0,
                                   changes.text(6)};
        if (!visit_target(row)) break;
    }
    return true;
}

}  // namespace hub::sqlite_store
