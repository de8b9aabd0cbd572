#include "device_table.h"

#include "database_connection.h"

#include <Poco/Data/Session.h>
#include <Poco/Data/Statement.h>

#include <cassert>
#include <cstdint>
#include <string>
#include <string_view>

using namespace Poco::Data::Keywords;

namespace hub::sqlite_store {

// The statements with what they are bound to: Poco binds by reference.
struct DeviceTable::Statements {
    explicit Statements(Poco::Data::Session& session)
        : insert(session),
          connect(session),
          disconnect(session),
          registration(session),
          heartbeat(session),
          remove(session) {
        insert << "INSERT INTO device(id, device_id, device_type, metadata, transport, is_online,"
                  " offline_reason) VALUES(?, ?, 'unknown', '{}', '', 0, '')",
            use(id), use(text);
        connect << "UPDATE device SET is_online=1, offline_reason='', transport=?,"
                   " connected_at=?, disconnected_at=NULL, last_changed=? WHERE id=?",
            use(text), use(time), use(time), use(id);
        disconnect << "UPDATE device SET is_online=0, offline_reason=?, disconnected_at=?,"
                      " last_changed=? WHERE id=?",
            use(text), use(time), use(time), use(id);
        registration
            << "UPDATE device SET device_type=?, metadata=coalesce(nullif(?, ''), metadata),"
               " last_heartbeat=max(?, ifnull(last_heartbeat, 0)) WHERE id=?",
            use(text), use(metadata), use(time), use(id);
        heartbeat << "UPDATE device SET last_heartbeat=max(?, ifnull(last_heartbeat, 0))"
                     " WHERE id=?",
            use(time), use(id);
        remove << "DELETE FROM device WHERE id=?", use(id);
    }

    std::int64_t id = 0;
    std::int64_t time = 0;
    std::string text;
    std::string metadata;

    Poco::Data::Statement insert;
    Poco::Data::Statement connect;
    Poco::Data::Statement disconnect;
    Poco::Data::Statement registration;
    Poco::Data::Statement heartbeat;
    Poco::Data::Statement remove;
};

DeviceTable::DeviceTable(DatabaseConnection& connection) : connection_(connection) {}

DeviceTable::~DeviceTable() = default;

void DeviceTable::resume(DeviceIndex next_device, const std::vector<Device>& devices) {
    known_.assign(static_cast<std::size_t>(next_device), false);
    for (const Device& device : devices) {
        known_[static_cast<std::size_t>(device.index)] = true;
    }
}

void DeviceTable::apply(const Event& event) {
    // What the hub asks of a device tells nothing of it, and a command as a whole has none.
    if (event.command != nullptr) return;
    const auto index = static_cast<std::size_t>(event.device);
    assert(index < kMaxDevices);
    if (index >= known_.size()) {
        known_.resize(index + 1);
    }
    if (event.kind != EventKind::Forgotten && !known_[index]) {
        add(event);
    }
    switch (event.kind) {
        case EventKind::Connected: {
            Statements& s = statementsFor(event);
            s.text = event.transport;
            connection_.run(s.connect);
            break;
        }
        case EventKind::Disconnected: {
            Statements& s = statementsFor(event);
            s.text = toString(event.reason);
            connection_.run(s.disconnect);
            break;
        }
        case EventKind::Registration: {
            Statements& s = statementsFor(event);
            s.text = event.device_type;
            s.metadata = event.metadata;
            connection_.run(s.registration);
            break;
        }
        case EventKind::Message:
            if (event.name == "heartbeat") {
                connection_.run(statementsFor(event).heartbeat);
            }
            break;
        case EventKind::Forgotten:
            forget(event);
            break;
        case EventKind::Status:
        case EventKind::CommandRecorded:
        case EventKind::CommandTarget:
            break;
    }
}

void DeviceTable::noteLife(std::span<const SignOfLife> signs) {
    if (signs.empty()) return;  // which Poco would refuse to bind
    std::vector<std::int64_t> seen;
    std::vector<std::int64_t> heartbeats;  // 0: none
    std::vector<std::int64_t> devices;
    for (const SignOfLife& sign : signs) {
        seen.push_back(sign.seen.time_since_epoch().count());
        heartbeats.push_back(sign.heartbeat.value_or(Timestamp{}).time_since_epoch().count());
        devices.push_back(static_cast<std::int64_t>(sign.device));
    }
    Poco::Data::Statement update(connection_.session());
    update << "UPDATE device SET last_seen=max(?, ifnull(last_seen, 0)),"
              " last_heartbeat=nullif(max(?, ifnull(last_heartbeat, 0)), 0) WHERE id=?",
        use(seen), use(heartbeats), use(devices);
    connection_.run(update);
}

void DeviceTable::add(const Event& event) {
    Statements& s = statementsFor(event);
    s.text = event.device_id;
    connection_.run(s.insert);
    const auto index = static_cast<std::size_t>(event.device);
    added_.push_back(index);
    known_[index] = true;
}

void DeviceTable::forget(const Event& event) {
    removed_.push_back(static_cast<std::size_t>(event.device));
    connection_.run(statementsFor(event).remove);
}

void DeviceTable::commit() noexcept {
    for (const std::size_t index : removed_) known_[index] = false;
    removed_.clear();
    added_.clear();
}

void DeviceTable::rollback() noexcept {
    for (const std::size_t index : added_) {
        known_[index] = false;
    }
    removed_.clear();
    added_.clear();
    statements_.reset();
}

DeviceTable::Statements& DeviceTable::statementsFor(const Event& event) {
    if (!statements_) {
        statements_ = std::make_unique<Statements>(connection_.session());
    }
    statements_->id = static_cast<std::int64_t>(event.device);
    statements_->time = event.time.time_since_epoch().count();
    return *statements_;
}

}  // namespace hub::sqlite_store
