#pragma once

#include "hub/time.h"

#include <cstdint>
#include <optional>
#include <string_view>

struct sqlite3_stmt;

namespace hub::sqlite_store {

class DatabaseConnection;

// A statement that is compiled once and run often: what reading goes through, because a Poco
// statement costs several times the row it fetches, and deleting row by row likewise. Belongs to
// its connection and to that one's thread.
class Query {
public:
    // `connection` must outlive the query. Throws DatabaseError.
    Query(DatabaseConnection& connection, std::string_view sql);
    ~Query();
    Query(const Query&) = delete;
    Query& operator=(const Query&) = delete;

    // Gives the `parameter`-th `?`, counted from 1, its value; the query begins anew, should it not
    // have come to its end. Throws DatabaseError.
    void bind(int parameter, std::int64_t value);

    // The same for a text, which must stay where it is until the query is reset or bound again.
    void bind(int parameter, std::string_view value);

    // Steps to the next row; false when there is none left. Throws DatabaseError, and is then ready
    // to run again.
    [[nodiscard]] bool next();

    // Runs a statement that has no rows, once; it may then be bound again. Throws DatabaseError.
    void run();

    // Makes the query ready to run again.
    void reset() noexcept;

    // Columns of the current row, counted from 0. Text is valid until the next step or reset.
    [[nodiscard]] std::int64_t integer(int column) const noexcept;
    [[nodiscard]] std::optional<std::int64_t> optionalInteger(int column) const noexcept;
    [[nodiscard]] std::string_view text(int column) const noexcept;

    // A stored time, in microseconds since 1970; `storable` whatever stands there.
    [[nodiscard]] Timestamp time(int column) const noexcept;
    [[nodiscard]] std::optional<Timestamp> optionalTime(int column) const noexcept;

private:
    DatabaseConnection& connection_;
    sqlite3_stmt* statement_ = nullptr;
};

// Resets a query when a scope is left, by an exception of a visitor too: one that stays at a row
// keeps its connection's state of the database alive.
class QueryScope {
public:
    explicit QueryScope(Query& query) noexcept : query_(query) {}
    ~QueryScope() { query_.reset(); }
    QueryScope(const QueryScope&) = delete;
    QueryScope& operator=(const QueryScope&) = delete;

private:
    Query& query_;
};

// The only number that `sql` gives, 0 when it gives none. Throws DatabaseError.
[[nodiscard]] std::int64_t readNumber(DatabaseConnection& connection, std::string_view sql);

}  // namespace hub::sqlite_store
