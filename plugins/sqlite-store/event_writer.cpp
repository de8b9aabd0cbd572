#include "event_writer.h"

#include "database_connection.h"
#include "stored_state.h"
#include "stored_time.h"

#include <Poco/Data/Session.h>
#include <Poco/Data/Statement.h>

#include <algorithm>
#include <cstdint>
#include <string>

using namespace Poco::Data::Keywords;

namespace hub::sqlite_store {

namespace {

std::string toText(DeviceIndex device) {
    return std::to_string(static_cast<std::uint32_t>(device));
}

}  // namespace

EventWriter::EventWriter(DatabaseConnection& connection, PublishedHeads& published,
                         Sequence heads_interval)
    : connection_(connection),
      published_(published),
      heads_interval_(heads_interval),
      devices_(connection),
      states_(connection, "state", "device_time, state_data", "device_time, payload"),
      connections_(connection, "connection", "event, details", "word, payload"),
      events_(connection, "event", "name, payload", "word, payload"),
      command_targets_(connection, "command_target", "command, status, late, payload",
                       "command, word, late, payload"),
      commands_(connection),
      farewell_(connection,
                "INSERT INTO farewell(seq, time, device, device_id) VALUES(?, ?, ?, ?)") {}

void EventWriter::resume(const StoredState& stored) {
    devices_.resume(stored.recovery.next_device, stored.recovery.devices);
    for (const Device& device : stored.recovery.devices) {
        const DeviceHeads& heads = stored.heads[static_cast<std::size_t>(device.index)];
        states_.resume(device.index, heads.state);
        connections_.resume(device.index, heads.connection);
        events_.resume(device.index, heads.event);
        command_targets_.resume(device.index, heads.command_target);
        published_.publish(device.index, heads);
    }
    commands_.resume(stored.recovery.last_command);
    progress_ = {stored.recovery.last_sequence, stored.recovery.last_time, stored.heads_stored_to};
}

void EventWriter::write(std::span<const Event> events) {
    Progress progress{events.back().sequence, events.back().time, progress_.heads_to};
    const bool heads_are_due = progress.last_sequence - progress_.heads_to >= heads_interval_;
    try {
        Transaction transaction(connection_, Transaction::Kind::Write);
        for (const Event& event : events) {
            gather(event);
        }
        states_.insert();
        connections_.insert();
        events_.insert();
        command_targets_.insert();
        commands_.write();
        if (heads_are_due) {
            insertHeads();
            progress.heads_to = progress.last_sequence;
        }
        for (const ForgottenDevice& device : forgetting_) {
            insertForgotten(device);
        }
        if (heads_are_due || !forgetting_.empty()) {
            store(progress);
        }
        published_.makeRoom(deviceCount());
        forgotten_.reserve(forgotten_.size() + forgetting_.size());
        transaction.commit();
    } catch (...) {
        rollback();
        throw;
    }
    // What is stored cannot be taken back: from here on nothing may fail.
    progress_ = progress;
    published_.publish(states_.rows(), connections_.rows(), events_.rows(), command_targets_.rows(),
                       forgetting_);
    commit();
}

void EventWriter::noteLife(std::span<const SignOfLife> signs) {
    Transaction transaction(connection_, Transaction::Kind::Write);
    devices_.noteLife(signs);
    transaction.commit();
}

void EventWriter::storeHeads() {
    if (progress_.heads_to == progress_.last_sequence) {
        return;
    }
    Progress progress = progress_;
    progress.heads_to = progress.last_sequence;
    Transaction transaction(connection_, Transaction::Kind::Write);
    insertHeads();
    store(progress);
    transaction.commit();
    progress_ = progress;
}

void EventWriter::storeProgress() { store(progress_); }

void EventWriter::gather(const Event& event) {
    devices_.apply(event);
    switch (event.kind) {
        case EventKind::Status:
            states_.add(event);
            break;
        case EventKind::Connected:
            connections_.add(event, "connected");
            break;
        case EventKind::Disconnected:
            connections_.add(event,
                             event.reason == OfflineReason::Timeout ? "timeout" : "disconnected");
            break;
        case EventKind::Registration:
        case EventKind::Message:
            events_.add(event, event.name);
            break;
        case EventKind::CommandRecorded:
            commands_.gather(event);
            break;
        case EventKind::CommandTarget:
            commands_.gather(event);
            command_targets_.add(event, toString(event.command->target));
            break;
        case EventKind::Forgotten:
            insertFarewell(event);
            forgetting_.push_back({event.device, headsOf(event.device)});
            break;
    }
}

void EventWriter::insertHeads() {
    std::vector<std::int64_t> devices;
    std::vector<std::int64_t> states;
    std::vector<std::int64_t> connections;
    std::vector<std::int64_t> events;
    std::vector<std::int64_t> command_targets;
    for (std::size_t index = 0; index < deviceCount(); ++index) {
        const DeviceHeads heads = headsOf(static_cast<DeviceIndex>(index));
        if (std::max({heads.state, heads.connection, heads.event, heads.command_target}) >
            progress_.heads_to) {
            devices.push_back(static_cast<std::int64_t>(index));
            states.push_back(static_cast<std::int64_t>(heads.state));
            connections.push_back(static_cast<std::int64_t>(heads.connection));
            events.push_back(static_cast<std::int64_t>(heads.event));
            command_targets.push_back(static_cast<std::int64_t>(heads.command_target));
        }
    }
    if (devices.empty()) {  // which Poco would refuse to bind
        return;
    }
    Poco::Data::Statement insert(connection_.session());
    insert << "INSERT OR REPLACE INTO head(device, state, connection, event, command_target)"
              " VALUES(?, ?, ?, ?, ?)",
        use(devices), use(states), use(connections), use(events), use(command_targets);
    connection_.run(insert);
}

void EventWriter::insertFarewell(const Event& event) {
    farewell_.bind(1, static_cast<std::int64_t>(event.sequence));
    farewell_.bind(2, storable(event.time).time_since_epoch().count());
    farewell_.bind(3, static_cast<std::int64_t>(event.device));
    farewell_.bind(4, event.device_id);
    farewell_.run();
}

void EventWriter::insertForgotten(const ForgottenDevice& device) {
    connection_.execute("DELETE FROM head WHERE device=" + toText(device.device));
    connection_.execute(
        "INSERT OR IGNORE INTO forgotten(device, state, connection, event, command_target) "
        "VALUES(" +
        toText(device.device) + ", " + std::to_string(device.heads.state) + ", " +
        std::to_string(device.heads.connection) + ", " + std::to_string(device.heads.event) + ", " +
        std::to_string(device.heads.command_target) + ")");
}

void EventWriter::store(const Progress& progress) {
    connection_.execute(
        "UPDATE progress SET last_sequence=" + std::to_string(progress.last_sequence) +
        ", last_time=" + std::to_string(progress.last_time.time_since_epoch().count()) +
        ", next_device=" + toText(devices_.nextDevice()) +
        ", heads_to=" + std::to_string(progress.heads_to) +
        ", last_command=" + std::to_string(static_cast<std::uint64_t>(commands_.last())));
}

DeviceHeads EventWriter::headsOf(DeviceIndex device) const noexcept {
    return {states_.chains().head(device), connections_.chains().head(device),
            events_.chains().head(device), command_targets_.chains().head(device)};
}

// One above the largest device number with a row.
std::size_t EventWriter::deviceCount() const noexcept {
    return std::max({states_.chains().size(), connections_.chains().size(), events_.chains().size(),
                     command_targets_.chains().size()});
}

void EventWriter::commit() noexcept {
    for (const ForgottenDevice& gone : forgetting_) {
        forgotten_.push_back(gone);
    }
    devices_.commit();
    states_.commit();
    connections_.commit();
    events_.commit();
    command_targets_.commit();
    commands_.clear();
    for (const ForgottenDevice& gone : forgetting_) {
        states_.forget(gone.device);
        connections_.forget(gone.device);
        events_.forget(gone.device);
        command_targets_.forget(gone.device);
    }
    forgetting_.clear();
}

void EventWriter::rollback() noexcept {
    devices_.rollback();
    states_.rollback();
    connections_.rollback();
    events_.rollback();
    command_targets_.rollback();
    commands_.clear();
    forgetting_.clear();
}

}  // namespace hub::sqlite_store
