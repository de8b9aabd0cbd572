#pragma once

#include "hub/event.h"
#include "published_heads.h"

#include <deque>
#include <string_view>
#include <vector>

namespace hub::sqlite_store {

class DatabaseConnection;

// Deletes the history of devices that were forgotten, from the newest row to the oldest, a few rows
// at a time. How far it has come is kept in the table `forgotten`, together with each deletion.
// Belongs to the thread that appends.
class ForgottenHistory {
public:
    // Each of a device's rows lies on a page of its own, and a changed page is written whole.
    static constexpr int kRowsOfAStep = 500;

    // `connection` must outlive it.
    explicit ForgottenHistory(DatabaseConnection& connection) : connection_(connection) {}

    // Takes on devices that are in the table.
    void add(const std::vector<ForgottenDevice>& devices);

    // Deletes some rows, in a transaction. True: there is more to do. Throws DatabaseError, and has
    // then done nothing.
    bool step();

private:
    void removeDevice(DeviceIndex device);
    void keepPlace(const ForgottenDevice& device);
    Sequence removeRows(std::string_view table, Sequence newest, int& rows_left);

    DatabaseConnection& connection_;
    std::deque<ForgottenDevice> waiting_;
};

}  // namespace hub::sqlite_store
