#include "stored_state.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "database_connection.h"
#include "query.h"

namespace hub::sqlite_store {

namespace {

using Head = Sequence DeviceHeads::*;

Timestamp timestampOf(std::int64_t microseconds) {
    return Timestamp(std::chrono::microseconds(microseconds));
}

std::optional<Timestamp> optionalTimestamp(const Query& query, int column) {
    const auto microseconds = query.optionalInteger(column);
    return microseconds ? std::optional(timestampOf(*microseconds)) : std::nullopt;
}

void readDevices(DatabaseConnection& connection, StoredState& state) {
    Query query(connection,
                "SELECT id, device_id, device_type, metadata, transport, is_online,"
                " offline_reason, connected_at, disconnected_at, last_heartbeat, last_changed"
                " FROM device ORDER BY id");
    while (query.next()) {
        Device device;
        device.index = static_cast<DeviceIndex>(query.integer(0));
        device.id = query.text(1);
        device.type = query.text(2);
        device.metadata = query.text(3);
        device.transport = query.text(4);
        device.online = query.integer(5) != 0;
        device.offline_reason = offlineReasonFrom(query.text(6)).value_or(OfflineReason::None);
        device.connected_at = optionalTimestamp(query, 7);
        device.disconnected_at = optionalTimestamp(query, 8);
        device.last_heartbeat = optionalTimestamp(query, 9);
        device.last_changed = optionalTimestamp(query, 10);
        state.heads.resize(static_cast<std::size_t>(device.index) + 1);
        state.recovery.devices.push_back(std::move(device));
    }
}

void readHeads(DatabaseConnection& connection, StoredState& state) {
    Query query(connection, "SELECT device, state, connection, event FROM head");
    while (query.next()) {
        const auto device = static_cast<std::size_t>(query.integer(0));
        if (device >= state.heads.size()) {
            continue;
        }
        DeviceHeads& heads = state.heads[device];
        heads.state = static_cast<Sequence>(query.integer(1));
        heads.connection = static_cast<Sequence>(query.integer(2));
        heads.event = static_cast<Sequence>(query.integer(3));
        // They are stored together with the newest event of all, which is some device's head.
        state.heads_stored_to =
            std::max({state.heads_stored_to, heads.state, heads.connection, heads.event});
    }
    state.recovery.last_sequence = state.heads_stored_to;
}

// Moves the heads on to the rows of `table` that came after they were stored. The row they end at
// is read too: it tells the time.
void readTail(DatabaseConnection& connection, const std::string& table, Head head,
              StoredState& state) {
    Query query(connection,
                "SELECT seq, device, time FROM " + table + " WHERE seq >= ? ORDER BY seq");
    query.bind(1, static_cast<std::int64_t>(state.heads_stored_to));
    Recovery& recovery = state.recovery;
    while (query.next()) {
        const auto sequence = static_cast<Sequence>(query.integer(0));
        const auto device = static_cast<std::size_t>(query.integer(1));
        if (device < state.heads.size()) {
            state.heads[device].*head = sequence;
        }
        recovery.last_sequence = std::max(recovery.last_sequence, sequence);
        recovery.last_time = std::max(recovery.last_time, timestampOf(query.integer(2)));
    }
}

// A device was last seen when it connected or said something. (Losing it is no sign of life.)
void readLastSeen(DatabaseConnection& connection, const std::string& table, Head head,
                  StoredState& state) {
    Query query(connection, "SELECT time FROM " + table + " WHERE seq=?");
    for (Device& device : state.recovery.devices) {
        query.bind(1, static_cast<std::int64_t>(
                          state.heads[static_cast<std::size_t>(device.index)].*head));
        if (query.next()) {
            device.last_seen = std::max(device.last_seen, optionalTimestamp(query, 0));
        }
        query.reset();
    }
}

}  // namespace

StoredState readStoredState(DatabaseConnection& connection) {
    Transaction transaction(connection, Transaction::Kind::Read);
    StoredState state;
    readDevices(connection, state);
    readHeads(connection, state);
    readTail(connection, "state", &DeviceHeads::state, state);
    readTail(connection, "connection", &DeviceHeads::connection, state);
    readTail(connection, "event", &DeviceHeads::event, state);
    for (Device& device : state.recovery.devices) {
        device.last_seen = std::max(device.connected_at, device.last_heartbeat);
    }
    readLastSeen(connection, "state", &DeviceHeads::state, state);
    readLastSeen(connection, "event", &DeviceHeads::event, state);
    return state;
}

}  // namespace hub::sqlite_store
