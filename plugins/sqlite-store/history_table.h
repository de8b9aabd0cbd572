#pragma once

#include "batch_table.h"
#include "device_chains.h"
#include "hub/event.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace Poco::Data {
class Statement;
}

namespace hub::sqlite_store {

class DatabaseConnection;

// One append-only table (`state`, `connection`, `event`) as its writer sees it: the rows gathered
// for the transaction, and every device's chain through those that are stored. Belongs to the
// thread that appends.
class HistoryTable {
public:
    // `own_columns` are the table's columns behind seq, device, time, prev, jump; `batch_columns`
    // those of BatchTable they are filled from. `connection` must outlive the table.
    HistoryTable(DatabaseConnection& connection, const std::string& name,
                 const std::string& own_columns, const std::string& batch_columns);
    ~HistoryTable();
    HistoryTable(const HistoryTable&) = delete;
    HistoryTable& operator=(const HistoryTable&) = delete;

    // `head` is the newest stored row of `device`, 0 when it has none.
    void resume(DeviceIndex device, Sequence head) { chains_.resume(device, head); }

    // Has no rows of `device` any more. Not while rows are gathered.
    void forget(DeviceIndex device) noexcept { chains_.forget(device); }

    // Gathers the row of `event`, under the table's own `word` for it. Both must stay where they
    // are until commit or rollback.
    void add(const Event& event, std::string_view word = {});

    // Inserts what has gathered, inside the caller's transaction. Throws DatabaseError.
    void insert();

    // What has gathered is stored, or never was: the table goes on from there.
    void commit() noexcept;
    void rollback() noexcept;

    [[nodiscard]] const std::vector<BatchRow>& rows() const noexcept { return batch_.rows(); }
    [[nodiscard]] const DeviceChains& chains() const noexcept { return chains_; }

private:
    DatabaseConnection& connection_;
    const std::string insert_sql_;
    BatchTable batch_;
    DeviceChains chains_;
    std::unique_ptr<Poco::Data::Statement> insert_;  // null until needed
};

}  // namespace hub::sqlite_store
