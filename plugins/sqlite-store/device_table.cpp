#include "device_table.h"

#include "database_connection.h"

#include <Poco/Data/Session.h>
#include <Poco/Data/Statement.h>

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
          heartbeat(session) {
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
               " last_heartbeat=? WHERE id=?",
            use(text), use(metadata), use(time), use(id);
        heartbeat << "UPDATE device SET last_heartbeat=? WHERE id=?", use(time), use(id);
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
};

DeviceTable::DeviceTable(DatabaseConnection& connection) : connection_(connection) {}

DeviceTable::~DeviceTable() = default;

void DeviceTable::know(DeviceIndex device) {
    const auto index = static_cast<std::size_t>(device);
    if (index >= known_.size()) {
        known_.resize(index + 1);
    }
    known_[index] = true;
}

void DeviceTable::apply(const Event& event) {
    const auto index = static_cast<std::size_t>(event.device);
    if (index >= known_.size() || !known_[index]) {
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
        case EventKind::Status:
            break;
    }
}

void DeviceTable::add(const Event& event) {
    Statements& s = statementsFor(event);
    s.text = event.device_id;
    connection_.run(s.insert);
    added_.push_back(static_cast<std::size_t>(event.device));
    know(event.device);
}

void DeviceTable::rollback() noexcept {
    for (const std::size_t index : added_) {
        if (index < known_.size()) known_[index] = false;
    }
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
