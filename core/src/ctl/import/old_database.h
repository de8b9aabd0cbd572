#pragma once

#include "ctl/import/findings.h"
#include "ctl/import/local_times.h"
#include "hub/time.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_context;
struct sqlite3_stmt;
struct sqlite3_value;

namespace hub::ctl::importer {

// What a table of the earlier system holds.
struct TableSurvey {
    std::uint64_t rows = 0;
    std::int64_t last_row = 0;  // the highest number of a row
    std::string last_time;      // the highest, as it is written
    std::uint64_t times = 0;    // the sum of all, in microseconds since 1970, UTC (modulo 2^64)
    bool in_order = true;       // no row is earlier than one before it
};

using Survey = std::array<TableSurvey, kTables.size()>;  // by Table

// The rows of one query. Belongs to its database.
class OldRows {
public:
    OldRows(sqlite3* database, const std::filesystem::path& file, const std::string& sql);

    // Steps to the next row; false when there is none left. Throws std::runtime_error.
    [[nodiscard]] bool next();

    // Columns of the current row, counted from 0; NULL is "" and 0. Text is valid until the next
    // step.
    [[nodiscard]] std::string_view text(int column) const noexcept;
    [[nodiscard]] std::int64_t integer(int column) const noexcept;
    [[nodiscard]] bool null(int column) const noexcept;

private:
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const noexcept;
    };
    sqlite3* database_;
    std::filesystem::path file_;
    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

// A database of the earlier system, read as it was at one instant and never written. One thread.
class OldDatabase {
public:
    // Opens `file`, whose times are local to the time zone of this process and not later than
    // `now`. Throws std::runtime_error with a sentence when it is no such database.
    OldDatabase(std::filesystem::path file, Timestamp now);
    OldDatabase(const OldDatabase&) = delete;
    OldDatabase& operator=(const OldDatabase&) = delete;

    // Looks at the number and the time of every row. Throws std::runtime_error.
    [[nodiscard]] Survey survey();

    // The rows of a history table in the order of their times: column 0 is the time in
    // microseconds since 1970, UTC, column 1 what names the row, then come `columns`. Rows whose
    // time cannot be read are left out. What there is to say of times goes to `findings`, which
    // must outlive the rows. A table that was not in order is sorted by SQLite, in files of its
    // own in the system's folder for temporary files. Throws std::runtime_error.
    [[nodiscard]] OldRows inOrder(Table table, bool is_in_order, const std::string& columns,
                                  Findings& findings);

    // The rows of any query. Throws std::runtime_error.
    [[nodiscard]] OldRows rows(const std::string& sql) const;

    // Reads a time that stands beside that of a row and is not before it.
    [[nodiscard]] std::optional<Timestamp> timeBeside(std::string_view text, Timestamp reference);

private:
    struct Close {
        void operator()(sqlite3* database) const noexcept;
    };
    // What reading the times of a table's rows one after the other needs.
    struct Column {
        LocalTimes times;
        Findings* findings = nullptr;
    };

    void checkTables() const;
    [[nodiscard]] TableSurvey surveyDevices() const;
    [[nodiscard]] TableSurvey surveyHistory(Table table) const;
    void readTime(sqlite3_context* context, sqlite3_value** arguments);

    // Constant after construction.
    const std::filesystem::path file_;
    const Timestamp now_;

    std::unique_ptr<sqlite3, Close> database_;
    LocalTimes beside_;
    std::array<std::optional<Column>, kTables.size()> columns_;  // by Table, while it is read
};

// Tells databases with other rows apart, and the same rows read in another time zone.
[[nodiscard]] std::string fingerprintOf(const Survey& survey);

}  // namespace hub::ctl::importer
