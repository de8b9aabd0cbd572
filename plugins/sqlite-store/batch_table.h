#pragma once

#include "device_chains.h"
#include "hub/event.h"

#include <string>
#include <string_view>
#include <vector>

namespace hub::sqlite_store {

class DatabaseConnection;

// One row on its way into a history table. Borrows everything from the batch being appended.
struct BatchRow {
    const Event* event = nullptr;
    ChainLinks links;
    std::string_view word;  // the table's own for the event; empty where it has none
};

// The rows of one history table that a transaction inserts, as a read-only virtual table of SQLite:
//
//   <name>(seq, device, time, prev, jump, device_time, word, payload, command, late)
//
// The last two are those of a CommandChange.
//
// One INSERT ... SELECT from it takes the whole batch: SQLite keeps its cursor at the end of the
// history table, and reads the texts where they are, without a copy. Measured against one INSERT
// per row it is a third faster (README.md). Belongs to the thread of its connection.
class BatchTable {
public:
    // Both `connection` and this object must outlive every statement that names the table. Throws
    // DatabaseError.
    BatchTable(DatabaseConnection& connection, const std::string& name);
    BatchTable(const BatchTable&) = delete;
    BatchTable& operator=(const BatchTable&) = delete;

    void add(const BatchRow& row) { rows_.push_back(row); }
    void clear() noexcept { rows_.clear(); }
    [[nodiscard]] const std::vector<BatchRow>& rows() const noexcept { return rows_; }

private:
    std::vector<BatchRow> rows_;
};

}  // namespace hub::sqlite_store
