#include "query.h"

#include "database_connection.h"
#include "stored_time.h"

#include <sqlite3.h>

#include <chrono>

namespace hub::sqlite_store {

Query::Query(DatabaseConnection& connection, std::string_view sql) : connection_(connection) {
    const int code =
        sqlite3_prepare_v3(connection_.handle(), sql.data(), static_cast<int>(sql.size()),
                           SQLITE_PREPARE_PERSISTENT, &statement_, nullptr);
    if (code != SQLITE_OK) {
        throw connection_.error();
    }
}

Query::~Query() { sqlite3_finalize(statement_); }

void Query::bind(int parameter, std::int64_t value) {
    // Whoever was thrown out of its rows has left it at one of them, where SQLite refuses to bind.
    reset();
    if (sqlite3_bind_int64(statement_, parameter, value) != SQLITE_OK) {
        throw connection_.error();
    }
}

void Query::bind(int parameter, std::string_view value) {
    reset();
    if (sqlite3_bind_text(statement_, parameter, value.data(), static_cast<int>(value.size()),
                          SQLITE_STATIC) != SQLITE_OK) {
        throw connection_.error();
    }
}

bool Query::next() {
    switch (sqlite3_step(statement_)) {
        case SQLITE_ROW:
            return true;
        case SQLITE_DONE:
            return false;
        default: {
            // Nothing of it may stay open: that would hold back the rollback, and the next bind.
            const DatabaseError error = connection_.error();
            reset();
            throw error;
        }
    }
}

void Query::run() {
    while (next()) {
    }
    reset();
}

void Query::reset() noexcept { sqlite3_reset(statement_); }

std::int64_t Query::integer(int column) const noexcept {
    return sqlite3_column_int64(statement_, column);
}

std::optional<std::int64_t> Query::optionalInteger(int column) const noexcept {
    if (sqlite3_column_type(statement_, column) == SQLITE_NULL) {
        return std::nullopt;
    }
    return sqlite3_column_int64(statement_, column);
}

std::string_view Query::text(int column) const noexcept {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    if (text == nullptr) {
        return {};
    }
    return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

Timestamp Query::time(int column) const noexcept {
    return storable(Timestamp(std::chrono::microseconds(integer(column))));
}

std::optional<Timestamp> Query::optionalTime(int column) const noexcept {
    if (sqlite3_column_type(statement_, column) == SQLITE_NULL) {
        return std::nullopt;
    }
    return time(column);
}

std::int64_t readNumber(DatabaseConnection& connection, std::string_view sql) {
    Query query(connection, sql);
    return query.next() ? query.integer(0) : 0;
}

}  // namespace hub::sqlite_store
