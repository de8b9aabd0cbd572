#include "stored_state.h"

#include "database_connection.h"
#include "open_commands.h"
#include "query.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

namespace hub::sqlite_store {

namespace {

using Head = Sequence DeviceHeads::*;

DeviceIndex deviceIndexOf(const DatabaseConnection& connection, std::int64_t number) {
    if (number < 0 || number >= static_cast<std::int64_t>(kMaxDevices)) {
        throwDamaged(connection, "it has a device with the number " + std::to_string(number));
    }
    return static_cast<DeviceIndex>(number);
}

void readProgress(DatabaseConnection& connection, StoredState& state) {
    Query query(
        connection,
        "SELECT last_sequence, last_time, next_device, heads_to, last_command FROM progress");
    if (!query.next()) {
        throwDamaged(connection, "its table progress is empty");
    }
    state.recovery.last_sequence = static_cast<Sequence>(query.integer(0));
    state.recovery.last_time = query.time(1);
    const std::int64_t next_device = query.integer(2);
    if (next_device != 0) {
        deviceIndexOf(connection, next_device - 1);
    }
    state.recovery.next_device = static_cast<DeviceIndex>(next_device);
    state.heads_stored_to = static_cast<Sequence>(query.integer(3));
    state.recovery.last_command = static_cast<CommandNumber>(query.integer(4));
}

void readDevices(DatabaseConnection& connection, StoredState& state) {
    Query query(connection,
                "SELECT id, device_id, device_type, metadata, transport, is_online,"
                " offline_reason, connected_at, disconnected_at, last_heartbeat, last_changed,"
                " last_seen"
                " FROM device ORDER BY id");
    while (query.next()) {
        Device device;
        device.index = deviceIndexOf(connection, query.integer(0));
        device.id = query.text(1);
        device.type = query.text(2);
        device.metadata = query.text(3);
        device.transport = query.text(4);
        device.online = query.integer(5) != 0;
        device.offline_reason = offlineReasonFrom(query.text(6)).value_or(OfflineReason::None);
        device.connected_at = query.optionalTime(7);
        device.disconnected_at = query.optionalTime(8);
        device.last_heartbeat = query.optionalTime(9);
        device.last_changed = query.optionalTime(10);
        device.last_seen = query.optionalTime(11);
        state.heads.resize(static_cast<std::size_t>(device.index) + 1);
        state.recovery.devices.push_back(std::move(device));
    }
    state.recovery.next_device =
        std::max(state.recovery.next_device, static_cast<DeviceIndex>(state.heads.size()));
}

void readForgotten(DatabaseConnection& connection, StoredState& state) {
    Query query(connection,
                "SELECT device, state, connection, event, command_target FROM forgotten");
    while (query.next()) {
        state.forgotten.push_back(
            {deviceIndexOf(connection, query.integer(0)),
             {static_cast<Sequence>(query.integer(1)), static_cast<Sequence>(query.integer(2)),
              static_cast<Sequence>(query.integer(3)), static_cast<Sequence>(query.integer(4))}});
    }
}

void readHeads(DatabaseConnection& connection, StoredState& state) {
    Query query(connection, "SELECT device, state, connection, event, command_target FROM head");
    while (query.next()) {
        const auto device = static_cast<std::size_t>(query.integer(0));
        if (device >= state.heads.size()) {
            continue;
        }
        DeviceHeads& heads = state.heads[device];
        heads.state = static_cast<Sequence>(query.integer(1));
        heads.connection = static_cast<Sequence>(query.integer(2));
        heads.event = static_cast<Sequence>(query.integer(3));
        heads.command_target = static_cast<Sequence>(query.integer(4));
    }
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
        recovery.last_time = std::max(recovery.last_time, query.time(2));
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
            device.last_seen = std::max(device.last_seen, query.optionalTime(0));
        }
        query.reset();
    }
}

}  // namespace

StoredState readStoredState(DatabaseConnection& connection) {
    Transaction transaction(connection, Transaction::Kind::Read);
    StoredState state;
    readProgress(connection, state);
    readDevices(connection, state);
    readForgotten(connection, state);
    readHeads(connection, state);
    readTail(connection, "state", &DeviceHeads::state, state);
    readTail(connection, "connection", &DeviceHeads::connection, state);
    readTail(connection, "event", &DeviceHeads::event, state);
    readTail(connection, "command_target", &DeviceHeads::command_target, state);
    readCommands(connection, state.recovery);
    if (state.recovery.last_command > CommandNumber{kMaxSequence}) {
        throwDamaged(connection,
                     "it has a command with the number " +
                         std::to_string(static_cast<std::uint64_t>(state.recovery.last_command)));
    }
    if (state.recovery.last_sequence > kMaxSequence) {
        throwDamaged(connection, "it has an event with the number " +
                                     std::to_string(state.recovery.last_sequence));
    }
    for (Device& device : state.recovery.devices) {
        device.last_seen = std::max({device.last_seen, device.connected_at, device.last_heartbeat});
    }
    readLastSeen(connection, "state", &DeviceHeads::state, state);
    readLastSeen(connection, "event", &DeviceHeads::event, state);
    return state;
}

}  // namespace hub::sqlite_store
