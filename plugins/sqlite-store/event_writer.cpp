#include "event_writer.h"

#include "database_connection.h"
#include "stored_state.h"

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
      events_(connection, "event", "name, payload", "word, payload") {}

void EventWriter::resume(const StoredState& stored) {
    devices_.resume(stored.recovery.next_device, stored.recovery.devices);
    for (const Device& device : stored.recovery.devices) {
        const DeviceHeads& heads = stored.heads[static_cast<std::size_t>(device.index)];
        states_.resume(device.index, heads.state);
        connections_.resume(device.index, heads.connection);
        events_.resume(device.index, heads.event);
        published_.publish(device.index, heads);
    }
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
    published_.publish(states_.rows(), connections_.rows(), events_.rows(), forgetting_);
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
        case EventKind::Forgotten:
            forgetting_.push_back({event.device, headsOf(event.device)});
            break;
    }
}

void EventWriter::insertHeads() {
    std::vector<std::int64_t> devices;
    std::vector<std::int64_t> states;
    std::vector<std::int64_t> connections;
    std::vector<std::int64_t> events;
    for (std::size_t index = 0; index < deviceCount(); ++index) {
        const DeviceHeads heads = headsOf(static_cast<DeviceIndex>(index));
        if (std::max({heads.state, heads.connection, heads.event}) > progress_.heads_to) {
            devices.push_back(static_cast<std::int64_t>(index));
            states.push_back(static_cast<std::int64_t>(heads.state));
            connections.push_back(static_cast<std::int64_t>(heads.connection));
            events.push_back(static_cast<std::int64_t>(heads.event));
        }
    }
    if (devices.empty()) {  // which Poco would refuse to bind
        return;
    }
    Poco::Data::Statement insert(connection_.session());
    insert << "INSERT OR REPLACE INTO head(device, state, connection, event) VALUES(?, ?, ?, ?)",
        use(devices), use(states), use(connections), use(events);
    connection_.run(insert);
}

void EventWriter::insertForgotten(const ForgottenDevice& device) {
    connection_.execute("DELETE FROM head WHERE device=" + toText(device.device));
    connection_.execute(
        "INSERT OR IGNORE INTO forgotten(device, state, connection, event) VALUES(" +
        toText(device.device) + ", " + std::to_string(device.heads.state) + ", " +
        std::to_string(device.heads.connection) + ", " + std::to_string(device.heads.event) + ")");
}

void EventWriter::store(const Progress& progress) {
    connection_.execute(
        "UPDATE progress SET last_sequence=" + std::to_string(progress.last_sequence) +
        ", last_time=" + std::to_string(progress.last_time.time_since_epoch().count()) +
        ", next_device=" + toText(devices_.nextDevice()) +
        ", heads_to=" + std::to_string(progress.heads_to));
}

DeviceHeads EventWriter::headsOf(DeviceIndex device) const noexcept {
    return {states_.chains().head(device), connections_.chains().head(device),
            events_.chains().head(device)};
}

// One above the largest device number with a row.
std::size_t EventWriter::deviceCount() const noexcept {
    return std::max(
        {states_.chains().size(), connections_.chains().size(), events_.chains().size()});
}

void EventWriter::commit() noexcept {
    for (const ForgottenDevice& gone : forgetting_) {
        forgotten_.push_back(gone);
    }
    devices_.commit();
    states_.commit();
    connections_.commit();
    events_.commit();
    for (const ForgottenDevice& gone : forgetting_) {
        states_.forget(gone.device);
        connections_.forget(gone.device);
        events_.forget(gone.device);
    }
    forgetting_.clear();
}

void EventWriter::rollback() noexcept {
    devices_.rollback();
    states_.rollback();
    connections_.rollback();
    events_.rollback();
    forgetting_.clear();
}

}  // namespace hub::sqlite_store
