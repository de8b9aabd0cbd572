#include "ctl/import/old_database.h"

#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

namespace hub::ctl::importer {

namespace {

// An earlier system that still runs may hold a lock for a while.
constexpr int kLockPatienceMs = 5000;

// What SQLite may keep in memory before it sorts in files.
constexpr const char* kSettings = "PRAGMA query_only=1; PRAGMA cache_size=-8192;";

// Of the only time that the rows of a history table are ordered by.
std::string_view timeColumn(Table table) {
    return table == Table::Commands ? "created_at" : "timestamp";
}

// What names a row of the table to people.
std::string_view labelColumn(Table table) {
    return table == Table::Commands ? "command_id" : "rowid";
}

std::string_view columnsOf(Table table) {
    switch (table) {
        case Table::Devices:
            return "device_id, device_type, is_online, last_heartbeat, connected_at, "
                   "disconnected_at, metadata_json";
        case Table::States:
            return "id, device_id, device_type, state_data, timestamp";
        case Table::Connections:
            return "id, device_id, device_type, event, timestamp, details";
        case Table::Commands:
            return "command_id, device_type, command_name, payload, status, created_at, "
                   "executed_at, completed_at, response_data, target_device_count, success_count";
    }
    return "";
}

std::runtime_error failure(const std::filesystem::path& file, const std::string& why) {
    return std::runtime_error("cannot read " + file.string() + ": " + why);
}

// What went wrong last, in words that say what to do where that is known.
std::string reasonOf(sqlite3* database) {
    switch (sqlite3_errcode(database)) {
        case SQLITE_BUSY:
            return "another process is writing to it; end the earlier system first";
        case SQLITE_READONLY:
            return "it was left in the middle of a change; have the earlier system, or sqlite3, "
                   "open it once, or a copy of it with the files beside it";
        case SQLITE_CANTOPEN:
            return "it or its log cannot be opened; copy it, with the files beside it, to a folder "
                   "that you may write to";
        default:
            return sqlite3_errmsg(database);
    }
}

// Percent-encodes what ends a path in a URI (https://www.sqlite.org/uri.html).
std::string uriOf(const std::filesystem::path& file) {
    std::string uri = "file:";
    for (const char c : std::filesystem::absolute(file).string()) {
        if (c == '%') {
            uri += "%25";
        } else if (c == '?') {
            uri += "%3f";
        } else if (c == '#') {
            uri += "%23";
        } else {
            uri += c;
        }
    }
    return uri + "?mode=ro";
}

std::string_view textOf(sqlite3_value* value) {
    const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
    if (text == nullptr) return {};
    return {text, static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

std::optional<Finding> findingOf(LocalTimes::Kind kind) {
    switch (kind) {
        case LocalTimes::Kind::Plain:
            return std::nullopt;
        case LocalTimes::Kind::Repeated:
            return Finding::RepeatedHour;
        case LocalTimes::Kind::Skipped:
            return Finding::SkippedHour;
        case LocalTimes::Kind::Future:
            return Finding::FutureTime;
        case LocalTimes::Kind::Unreadable:
            return Finding::UnreadableTime;
    }
    return std::nullopt;
}

void noteTime(TableSurvey& survey, std::string_view text, const LocalTimes::Reading& reading) {
    if (survey.last_time < text) survey.last_time = text;
    // What lies in the future is the present, which is another one with each call.
    if (reading.kind == LocalTimes::Kind::Future) return;
    survey.times += static_cast<std::uint64_t>(reading.time.time_since_epoch().count());
}

}  // namespace

OldRows::OldRows(sqlite3* database, const std::filesystem::path& file, const std::string& sql)
    : database_(database), file_(file) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) {
        throw failure(file_, reasonOf(database));
    }
    statement_.reset(statement);
}

void OldRows::Finalize::operator()(sqlite3_stmt* statement) const noexcept {
    sqlite3_finalize(statement);
}

bool OldRows::next() {
    switch (sqlite3_step(statement_.get())) {
        case SQLITE_ROW:
            return true;
        case SQLITE_DONE:
            return false;
        default:
            throw failure(file_, reasonOf(database_));
    }
}

std::string_view OldRows::text(int column) const noexcept {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
    if (text == nullptr) return {};
    return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

std::int64_t OldRows::integer(int column) const noexcept {
    return sqlite3_column_int64(statement_.get(), column);
}

bool OldRows::null(int column) const noexcept {
    return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

void OldDatabase::Close::operator()(sqlite3* database) const noexcept { sqlite3_close(database); }

OldDatabase::OldDatabase(std::filesystem::path file, Timestamp now)
    : file_(std::move(file)), now_(now), beside_(now) {
    if (!std::filesystem::is_regular_file(file_)) throw failure(file_, "there is no such file");
    sqlite3* database = nullptr;
    const int opened =
        sqlite3_open_v2(uriOf(file_).c_str(), &database,
                        SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, nullptr);
    database_.reset(database);
    if (opened != SQLITE_OK) throw failure(file_, sqlite3_errstr(opened));
    sqlite3_busy_timeout(database, kLockPatienceMs);
    const auto read_time = [](sqlite3_context* context, int, sqlite3_value** arguments) {
        static_cast<OldDatabase*>(sqlite3_user_data(context))->readTime(context, arguments);
    };
    // All reads are of one state of the database: that of the first.
    if (sqlite3_create_function_v2(database, "local_time", 3, SQLITE_UTF8, this, read_time, nullptr,
                                   nullptr, nullptr) != SQLITE_OK ||
        sqlite3_exec(database, kSettings, nullptr, nullptr, nullptr) != SQLITE_OK ||
        sqlite3_exec(database, "BEGIN", nullptr, nullptr, nullptr) != SQLITE_OK) {
        throw failure(file_, reasonOf(database));
    }
    checkTables();
}

void OldDatabase::checkTables() const {
    for (const Table table : kTables) {
        const std::string name(nameOf(table));
        OldRows found =
            rows("SELECT 1 FROM sqlite_schema WHERE type='table' AND name='" + name + "'");
        if (!found.next()) {
            throw failure(file_,
                          "it has no table " + name + ": it is no database of the earlier system");
        }
        try {
            static_cast<void>(
                rows("SELECT " + std::string(columnsOf(table)) + ", rowid FROM " + name));
        } catch (const std::runtime_error& error) {
            throw std::runtime_error(std::string(error.what()) + " in the table " + name);
        }
    }
}

Survey OldDatabase::survey() {
    Survey survey;
    for (const Table table : kTables) {
        survey[static_cast<std::size_t>(table)] =
            table == Table::Devices ? surveyDevices() : surveyHistory(table);
    }
    return survey;
}

TableSurvey OldDatabase::surveyDevices() const {
    TableSurvey survey;
    LocalTimes times(now_);
    OldRows row = rows("SELECT rowid, last_heartbeat, connected_at, disconnected_at FROM devices");
    while (row.next()) {
        ++survey.rows;
        survey.last_row = std::max(survey.last_row, row.integer(0));
        for (const int column : {1, 2, 3}) {
            const std::string_view text = row.text(column);
            noteTime(survey, text, times.readBeside(text, Timestamp{}));
        }
    }
    return survey;
}

TableSurvey OldDatabase::surveyHistory(Table table) const {
    TableSurvey survey;
    LocalTimes times(now_);
    Timestamp latest{};
    OldRows row = rows("SELECT rowid, " + std::string(timeColumn(table)) + " FROM " +
                       std::string(nameOf(table)) + " NOT INDEXED ORDER BY rowid");
    while (row.next()) {
        ++survey.rows;
        survey.last_row = row.integer(0);
        const LocalTimes::Reading reading = times.read(row.text(1));
        noteTime(survey, row.text(1), reading);
        if (reading.kind == LocalTimes::Kind::Unreadable) continue;
        survey.in_order = survey.in_order && reading.time >= latest;
        latest = std::max(latest, reading.time);
    }
    return survey;
}

OldRows OldDatabase::inOrder(Table table, bool is_in_order, const std::string& columns,
                             Findings& findings) {
    const std::string number = std::to_string(static_cast<int>(table));
    const std::string label(labelColumn(table));
    columns_[static_cast<std::size_t>(table)].emplace(Column{LocalTimes(now_), &findings});
    // Without an index the rows are read, and their times with them, in the order of their numbers,
    // also where SQLite sorts them by what comes of that.
    return rows("SELECT local_time(" + number + ", " + std::string(timeColumn(table)) + ", " +
                label + ") AS at, " + label + ", " + columns + " FROM " +
                std::string(nameOf(table)) + " NOT INDEXED ORDER BY " +
                (is_in_order ? "rowid" : "at, rowid"));
}

OldRows OldDatabase::rows(const std::string& sql) const { return {database_.get(), file_, sql}; }

std::optional<Timestamp> OldDatabase::timeBeside(std::string_view text, Timestamp reference) {
    const LocalTimes::Reading reading = beside_.readBeside(text, reference);
    if (reading.kind == LocalTimes::Kind::Unreadable) return std::nullopt;
    return reading.time;
}

void OldDatabase::readTime(sqlite3_context* context, sqlite3_value** arguments) {
    const auto table = static_cast<Table>(sqlite3_value_int(arguments[0]));
    Column& column = *columns_[static_cast<std::size_t>(table)];
    const LocalTimes::Reading reading = column.times.read(textOf(arguments[1]));
    if (const auto finding = findingOf(reading.kind)) {
        column.findings->add(*finding, table, textOf(arguments[2]));
    }
    if (reading.kind == LocalTimes::Kind::Unreadable) return;  // NULL
    sqlite3_result_int64(context, reading.time.time_since_epoch().count());
}

std::string fingerprintOf(const Survey& survey) {
    std::string text;
    for (const Table table : kTables) {
        const TableSurvey& one = survey[static_cast<std::size_t>(table)];
        text.append(nameOf(table)).append(" ").append(std::to_string(one.rows));
        text.append(" ").append(std::to_string(one.last_row)).append(" ").append(one.last_time);
        text.append(" ").append(std::to_string(one.times)).append("; ");
    }
    return text;
}

}  // namespace hub::ctl::importer
