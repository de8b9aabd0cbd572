#include "forgotten_history.h"

#include "database_connection.h"
#include "query.h"

#include <cstdint>
#include <string>

namespace hub::sqlite_store {

void ForgottenHistory::add(const std::vector<ForgottenDevice>& devices) {
    waiting_.insert(waiting_.end(), devices.begin(), devices.end());
}

bool ForgottenHistory::step() {
    if (waiting_.empty()) {
        return false;
    }
    ForgottenDevice device = waiting_.front();
    int rows_left = kRowsOfAStep;
    Transaction transaction(connection_, Transaction::Kind::Write);
    device.heads.state = removeRows("state", device.heads.state, rows_left);
    device.heads.connection = removeRows("connection", device.heads.connection, rows_left);
    device.heads.event = removeRows("event", device.heads.event, rows_left);
    device.heads.command_target =
        removeRows("command_target", device.heads.command_target, rows_left);
    const bool done = device.heads == DeviceHeads{};
    if (done) {
        removeDevice(device.device);
    } else {
        keepPlace(device);
    }
    transaction.commit();
    if (done) {
        waiting_.pop_front();
    } else {
        waiting_.front() = device;
    }
    return !waiting_.empty();
}

// Returns where to go on, 0 when the chain has come to its end.
Sequence ForgottenHistory::removeRows(std::string_view table, Sequence newest, int& rows_left) {
    Query find(connection_, "SELECT prev FROM " + std::string(table) + " WHERE seq=?");
    Query remove(connection_, "DELETE FROM " + std::string(table) + " WHERE seq=?");
    while (newest != 0 && rows_left > 0) {
        find.bind(1, static_cast<std::int64_t>(newest));
        if (!find.next()) {
            return 0;
        }
        const auto older = static_cast<Sequence>(find.integer(0));
        find.reset();
        remove.bind(1, static_cast<std::int64_t>(newest));
        remove.run();
        newest = older;
        --rows_left;
    }
    return newest;
}

void ForgottenHistory::removeDevice(DeviceIndex device) {
    Query remove(connection_, "DELETE FROM forgotten WHERE device=?");
    remove.bind(1, static_cast<std::int64_t>(device));
    remove.run();
}

void ForgottenHistory::keepPlace(const ForgottenDevice& device) {
    Query update(
        connection_,
        "UPDATE forgotten SET state=?, connection=?, event=?, command_target=? WHERE device=?");
    update.bind(1, static_cast<std::int64_t>(device.heads.state));
    update.bind(2, static_cast<std::int64_t>(device.heads.connection));
    update.bind(3, static_cast<std::int64_t>(device.heads.event));
    update.bind(4, static_cast<std::int64_t>(device.heads.command_target));
    update.bind(5, static_cast<std::int64_t>(device.device));
    update.run();
}

}  // namespace hub::sqlite_store
