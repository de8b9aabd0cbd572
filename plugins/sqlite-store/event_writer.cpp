#include "event_writer.h"

#include "database_connection.h"
#include "stored_state.h"

#include <Poco/Data/Session.h>
#include <Poco/Data/Statement.h>

#include <algorithm>
#include <cstdint>

using namespace Poco::Data::Keywords;

namespace hub::sqlite_store {

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
    for (const Device& device : stored.recovery.devices) {
        devices_.know(device.index);
        const DeviceHeads& heads = stored.heads[static_cast<std::size_t>(device.index)];
        states_.resume(device.index, heads.state);
        connections_.resume(device.index, heads.connection);
        events_.resume(device.index, heads.event);
        published_.publish(device.index, heads);
    }
    last_sequence_ = stored.recovery.last_sequence;
    heads_stored_to_ = stored.heads_stored_to;
}

void EventWriter::write(std::span<const Event> events) {
    const Sequence newest = events.back().sequence;
    const bool heads_are_due = newest - heads_stored_to_ >= heads_interval_;
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
        }
        published_.makeRoom(deviceCount());
        transaction.commit();
    } catch (...) {
        rollback();
        throw;
    }
    // What is stored cannot be taken back: from here on nothing may fail.
    last_sequence_ = newest;
    if (heads_are_due) {
        heads_stored_to_ = newest;
    }
    published_.publish(states_.rows(), connections_.rows(), events_.rows());
    commit();
}

void EventWriter::storeHeads() {
    if (heads_stored_to_ == last_sequence_) {
        return;
    }
    Transaction transaction(connection_, Transaction::Kind::Write);
    insertHeads();
    transaction.commit();
    heads_stored_to_ = last_sequence_;
}

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
    }
}

void EventWriter::insertHeads() {
    std::vector<std::int64_t> devices;
    std::vector<std::int64_t> states;
    std::vector<std::int64_t> connections;
    std::vector<std::int64_t> events;
    for (std::size_t index = 0; index < deviceCount(); ++index) {
        const auto device = static_cast<DeviceIndex>(index);
        const Sequence state = states_.chains().head(device);
        const Sequence connection = connections_.chains().head(device);
        const Sequence event = events_.chains().head(device);
        if (std::max({state, connection, event}) > heads_stored_to_) {
            devices.push_back(static_cast<std::int64_t>(index));
            states.push_back(static_cast<std::int64_t>(state));
            connections.push_back(static_cast<std::int64_t>(connection));
            events.push_back(static_cast<std::int64_t>(event));
        }
    }
    // Never empty, which Poco would refuse to bind: the newest event of all is some device's head.
    Poco::Data::Statement insert(connection_.session());
    insert << "INSERT OR REPLACE INTO head(device, state, connection, event) VALUES(?, ?, ?, ?)",
        use(devices), use(states), use(connections), use(events);
    connection_.run(insert);
}

// One above the largest device number with a row.
std::size_t EventWriter::deviceCount() const noexcept {
    return std::max(
        {states_.chains().size(), connections_.chains().size(), events_.chains().size()});
}

void EventWriter::commit() noexcept {
    devices_.commit();
    states_.commit();
    connections_.commit();
    events_.commit();
}

void EventWriter::rollback() noexcept {
    devices_.rollback();
    states_.rollback();
    connections_.rollback();
    events_.rollback();
}

}  // namespace hub::sqlite_store
