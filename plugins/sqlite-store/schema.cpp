#include "schema.h"

#include "database_connection.h"
#include "query.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace hub::sqlite_store {

namespace {

// Version 1. In the tables of the history, `seq` is the number of the event over all of
// them, and `prev` and `jump` take the place of an index: README.md.
constexpr std::string_view kFirstTables = R"(
CREATE TABLE device(
  id              INTEGER PRIMARY KEY CHECK(id BETWEEN 0 AND 4294967295),
  device_id       TEXT NOT NULL UNIQUE,
  device_type     TEXT NOT NULL,
  metadata        TEXT NOT NULL,     -- a JSON object
  transport       TEXT NOT NULL,     -- of its current or last link
  is_online       INTEGER NOT NULL,
  offline_reason  TEXT NOT NULL,     -- '' while online
  connected_at    INTEGER,           -- all times: microseconds since 1970, UTC
  disconnected_at INTEGER,
  last_heartbeat  INTEGER,
  last_changed    INTEGER
) STRICT;
CREATE TABLE state(
  seq         INTEGER PRIMARY KEY,
  device      INTEGER NOT NULL,      -- device.id
  time        INTEGER NOT NULL,
  prev        INTEGER NOT NULL,      -- seq of the device's row before this one; 0: none
  jump        INTEGER,               -- seq of an older one
  device_time INTEGER,               -- when the device itself says it was
  state_data  TEXT NOT NULL
) STRICT;
CREATE TABLE connection(
  seq     INTEGER PRIMARY KEY,
  device  INTEGER NOT NULL,
  time    INTEGER NOT NULL,
  prev    INTEGER NOT NULL,
  jump    INTEGER,
  event   TEXT NOT NULL,             -- connected, disconnected, timeout
  details TEXT NOT NULL
) STRICT;
CREATE TABLE event(
  seq     INTEGER PRIMARY KEY,
  device  INTEGER NOT NULL,
  time    INTEGER NOT NULL,
  prev    INTEGER NOT NULL,
  jump    INTEGER,
  name    TEXT NOT NULL,
  payload TEXT NOT NULL
) STRICT;
CREATE TABLE head(                   -- each device's newest seq in these three, as of some time ago
  device     INTEGER PRIMARY KEY,
  state      INTEGER NOT NULL,
  connection INTEGER NOT NULL,
  event      INTEGER NOT NULL
) STRICT;
)";

// Version 2: what must outlive the rows that told it, and whose history is still to be deleted.
constexpr std::string_view kSecondTables = R"(
ALTER TABLE device ADD COLUMN last_seen INTEGER;  -- where that is newer than the history tells
CREATE TABLE progress(               -- one row: what holds even when no other row tells it
  id            INTEGER PRIMARY KEY CHECK(id = 0),
  last_sequence INTEGER NOT NULL,    -- at least this number was given
  last_time     INTEGER NOT NULL,    -- of the event with that number
  next_device   INTEGER NOT NULL,    -- device numbers below it were given
  heads_to      INTEGER NOT NULL     -- the table head knows all rows up to this seq
) STRICT;
INSERT INTO progress SELECT 0, 0, 0,
  (SELECT coalesce(max(id) + 1, 0) FROM device),
  (SELECT coalesce(max(max(state, connection, event)), 0) FROM head);
CREATE TABLE forgotten(              -- devices that were deleted, but not yet all of their history
  device     INTEGER PRIMARY KEY,
  state      INTEGER NOT NULL,       -- seq of the newest row that is left, in each of these three
  connection INTEGER NOT NULL,
  event      INTEGER NOT NULL
) STRICT;
)";

// Version 4: commands, and how they stand with each of their devices; and that a device was
// deleted.
constexpr std::string_view kFourthTables = R"(
CREATE TABLE command(
  number          INTEGER PRIMARY KEY,     -- in the order of recording
  seq             INTEGER NOT NULL UNIQUE, -- of the event that recorded it
  time            INTEGER NOT NULL,        -- of that event
  created         INTEGER NOT NULL,
  status          TEXT NOT NULL,           -- of the whole
  device_type     TEXT NOT NULL,
  executed        INTEGER,                 -- first sent to a device
  completed       INTEGER,                 -- the last device's outcome; NULL: open
  target_count    INTEGER NOT NULL,
  success_count   INTEGER NOT NULL,
  id              TEXT NOT NULL UNIQUE,    -- increases like the number: its index grows at its end
  name            TEXT NOT NULL,
  ack_timeout     INTEGER NOT NULL,        -- milliseconds
  ttl             INTEGER NOT NULL,        -- milliseconds
  idempotency_key TEXT,
  request_digest  INTEGER NOT NULL,        -- 64 bits, of which the first looks like a sign
  payload         TEXT NOT NULL
) STRICT;
CREATE INDEX command_key ON command(idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX command_open ON command(number) WHERE completed IS NULL;
CREATE TABLE command_target(         -- one row for each change of one device
  seq     INTEGER PRIMARY KEY,
  device  INTEGER NOT NULL,
  time    INTEGER NOT NULL,
  prev    INTEGER NOT NULL,
  jump    INTEGER,
  command INTEGER NOT NULL,          -- command.number
  status  TEXT NOT NULL,
  late    INTEGER NOT NULL,          -- an acknowledgement after the outcome: changes nothing
  payload TEXT NOT NULL              -- of the event
) STRICT;
CREATE INDEX command_target_of ON command_target(command, device);
CREATE TABLE farewell(               -- one row for each device that was deleted: all that is kept of it
  seq       INTEGER PRIMARY KEY,
  time      INTEGER NOT NULL,
  device    INTEGER NOT NULL,
  device_id TEXT NOT NULL
) STRICT;
ALTER TABLE head ADD COLUMN command_target INTEGER NOT NULL DEFAULT 0;
ALTER TABLE forgotten ADD COLUMN command_target INTEGER NOT NULL DEFAULT 0;
ALTER TABLE progress ADD COLUMN last_command INTEGER NOT NULL DEFAULT 0;  -- this number was given
)";

// SQL for microseconds since 1970 as `2026-11-23T16:40:03.000120Z`. The division rounds down, so
// that a device's own time may lie before 1970.
std::string isoTime(const std::string& column) {
    const std::string fraction = "((" + column + " % 1000000 + 1000000) % 1000000)";
    return "strftime('%Y-%m-%dT%H:%M:%S', (" + column + " - " + fraction +
           ") / 1000000, 'unixepoch') || printf('.%06dZ', " + fraction + ")";
}

std::string deviceView() {
    return "CREATE VIEW devices AS SELECT\n"
           "  device_id, device_type, is_online,\n  " +
           isoTime("last_heartbeat") + " AS last_heartbeat,\n  " + isoTime("connected_at") +
           " AS connected_at,\n  " + isoTime("disconnected_at") + " AS disconnected_at,\n  " +
           isoTime("last_seen") +
           " AS last_seen,\n"
           "  metadata AS metadata_json, transport,\n"
           "  nullif(offline_reason, '') AS offline_reason,\n  " +
           isoTime("last_changed") +
           " AS last_changed\n"
           "FROM device;\n";
}

// The device's columns are subqueries: unlike a join they cost nothing where they are not asked
// for.
std::string historyView(const std::string& name, const std::string& table,
                        const std::string& own_columns) {
    return "CREATE VIEW " + name +
           " AS SELECT\n"
           "  seq AS id,\n"
           "  (SELECT device_id FROM device WHERE id = device) AS device_id,\n"
           "  (SELECT device_type FROM device WHERE id = device) AS device_type,\n  " +
           own_columns + ",\n  " + isoTime("time") +
           " AS timestamp,\n"
           "  seq\n"
           "FROM " +
           table + ";\n";
}

// The response is that of the device that acknowledged last.
std::string commandView() {
    return "CREATE VIEW command_logs AS SELECT\n"
           "  id AS command_id, device_type, name AS command_name, payload, status,\n  " +
           isoTime("created") + " AS created_at,\n  " + isoTime("executed") +
           " AS executed_at,\n  " + isoTime("completed") +
           " AS completed_at,\n"
           "  (SELECT response FROM (SELECT payload -> '$.response' AS response, max(seq)\n"
           "    FROM command_target\n"
           "    WHERE command = number AND late = 0 AND status IN ('ack_success', 'ack_error')\n"
           "      AND json_valid(payload) AND payload -> '$.response' IS NOT NULL))\n"
           "    AS response_data,\n"
           "  target_count AS target_device_count, success_count\n"
           "FROM command;\n";
}

std::string commandTargetView() {
    return "CREATE VIEW command_targets AS SELECT\n"
           "  (SELECT id FROM command WHERE number = command) AS command_id,\n"
           "  (SELECT device_id FROM device WHERE id = device) AS device_id,\n"
           "  status, late,\n  " +
           isoTime("time") +
           " AS timestamp,\n"
           "  CASE WHEN json_valid(payload) THEN payload ->> '$.reason' END AS reason,\n"
           "  CASE WHEN json_valid(payload) THEN payload -> '$.response' END AS response,\n"
           "  seq\n"
           "FROM command_target;\n";
}

std::string firstStep() {
    return std::string(kFirstTables) +
           historyView("device_state_snapshots", "state",
                       "state_data, " + isoTime("device_time") + " AS device_time") +
           historyView("device_connection_logs", "connection", "event, details") +
           historyView("device_events", "event", "name AS event, payload");
}

std::string secondStep() { return std::string(kSecondTables) + "DROP VIEW IF EXISTS devices;\n"; }

// Version 3: the view tells no reason where there is none.
std::string thirdStep() { return "DROP VIEW IF EXISTS devices;\n" + deviceView(); }

std::string fourthStep() {
    return std::string(kFourthTables) + commandView() + commandTargetView();
}

[[noreturn]] void throwNotOurs(const DatabaseConnection& connection) {
    throw DatabaseError("cannot use " + connection.file().string() +
                        ": it is the database of another program; choose another store.path");
}

// Other programs number the versions of their files, too.
void requireTables(DatabaseConnection& connection, std::int64_t version) {
    constexpr std::string_view kCount =
        "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ";
    const bool first = readNumber(connection, std::string(kCount) +
                                                  "('device', 'state',"
                                                  " 'connection', 'event', 'head')") == 5;
    const bool second = version < 2 || readNumber(connection, std::string(kCount) +
                                                                  "('progress', 'forgotten')") == 2;
    const bool fourth =
        version < 4 || readNumber(connection, std::string(kCount) +
                                                  "('command', 'command_target', 'farewell')") == 3;
    if (!first || !second || !fourth) throwNotOurs(connection);
}

}  // namespace

void prepareSchema(DatabaseConnection& connection) {
    const auto version = readNumber(connection, "PRAGMA user_version");
    if (version > kSchemaVersion) {
        throw DatabaseError("cannot use " + connection.file().string() +
                            ": it was written by a newer hub (its schema has version " +
                            std::to_string(version) + ", this hub knows " +
                            std::to_string(kSchemaVersion) +
                            "); install that version, or choose another store.path");
    }
    const bool empty = readNumber(connection, "SELECT count(*) FROM sqlite_schema") == 0;
    if (version < 0 || (version == 0 && !empty)) throwNotOurs(connection);
    if (version > 0) requireTables(connection, version);
    if (version == 0) {
        // Both only count before the first page is written, and before WAL. Without auto_vacuum no
        // page could ever be given back to the file system while the hub runs.
        connection.execute("PRAGMA page_size=8192; PRAGMA auto_vacuum=INCREMENTAL");
    }
    Query journal(connection, "PRAGMA journal_mode=WAL");
    if (!journal.next() || journal.text(0) != "wal") {
        throw DatabaseError("cannot use " + connection.file().string() +
                            ": its file system does not support SQLite's write-ahead log; keep it "
                            "on a local disk");
    }
    journal.reset();

    const std::array<std::string, kSchemaVersion> steps = {firstStep(), secondStep(), thirdStep(),
                                                           fourthStep()};
    for (auto step = version; step < kSchemaVersion; ++step) {
        Transaction transaction(connection, Transaction::Kind::Write);
        connection.execute(steps[static_cast<std::size_t>(step)]);
        connection.execute("PRAGMA user_version=" + std::to_string(step + 1));
        transaction.commit();
    }
}

}  // namespace hub::sqlite_store
