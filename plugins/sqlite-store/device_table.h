#pragma once

#include "hub/event.h"
#include "hub/store.h"

#include <cstddef>
#include <memory>
#include <span>
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

    // Numbers below `next_device` were given, of which those of `devices` have a row.
    void resume(DeviceIndex next_device, const std::vector<Device>& devices);

    // Makes a row for a device that has none, and changes it as `event` says: a registration
    // without metadata leaves what was known, and of a forgotten device there is no row any more.
    // Throws DatabaseError.
    void apply(const Event& event);

    // Moves the times on to those of `signs`, never back. Throws DatabaseError.
    void noteLife(std::span<const SignOfLife> signs);

    // Above every number that was ever given to a device.
    [[nodiscard]] DeviceIndex nextDevice() const noexcept {
        return static_cast<DeviceIndex>(known_.size());
    }

    // Keeps what was done since the last call of either, or takes note that it never was. After a
    // rollback the table works on: its statements are made anew.
    void commit() noexcept;
    void rollback() noexcept;

private:
    struct Statements;

    Statements& statementsFor(const Event& event);
    void add(const Event& event);
    void forget(const Event& event);

    DatabaseConnection& connection_;
    std::unique_ptr<Statements> statements_;  // null until needed
    std::vector<bool> known_;                 // who has a row, by device number

    // Only if the transaction is committed:
    std::vector<std::size_t> added_;    // has a row
    std::vector<std::size_t> removed_;  // has none any more
};

}  // namespace hub::sqlite_store
