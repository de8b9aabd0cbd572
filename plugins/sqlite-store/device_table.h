#pragma once

#include "hub/event.h"

#include <cstddef>
#include <memory>
#include <vector>

namespace hub::sqlite_store {

class DatabaseConnection;

// The table `device`: one row for every device, kept up to date with what happens to it, so that
// the hub knows after a restart who exists, who was online and why not. Runs inside the transaction
// of whoever calls; belongs to that thread.
class DeviceTable {
public:
    // `connection` must outlive the table.
    explicit DeviceTable(DatabaseConnection& connection);
    ~DeviceTable();
    DeviceTable(const DeviceTable&) = delete;
    DeviceTable& operator=(const DeviceTable&) = delete;

    // `device` has a row already.
    void know(DeviceIndex device);

    // Makes a row for a device that has none, and changes it as `event` says: a registration
    // without metadata leaves what was known. Throws DatabaseError.
    void apply(const Event& event);

    // Keeps the rows made since the last call of either, or takes note that they are gone. After a
    // rollback the table works on: its statements are made anew.
    void commit() noexcept { added_.clear(); }
    void rollback() noexcept;

private:
    struct Statements;

    Statements& statementsFor(const Event& event);
    void add(const Event& event);

    DatabaseConnection& connection_;
    std::unique_ptr<Statements> statements_;  // null until needed
    std::vector<bool> known_;                 // by device number
    std::vector<std::size_t> added_;          // known only if the transaction is committed
};

}  // namespace hub::sqlite_store
