#include "past_events.h"

#include "query.h"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace hub::sqlite_store {

namespace {

enum Column { kSequence, kTime, kDevice, kDeviceId, kTable, kName, kPayload };

// Which table a row comes from: in the query as numbers.
enum Table { kStates, kConnections, kMessages, kCommandTargets };

EventKind kindOf(std::int64_t table, std::string_view name) {
    switch (table) {
        case kStates:
            return EventKind::Status;
        case kConnections:
            return name == "connected" ? EventKind::Connected : EventKind::Disconnected;
        case kCommandTargets:
            return EventKind::CommandTarget;
        default:
            return name == "registration" ? EventKind::Registration : EventKind::Message;
    }
}

// Why a device has gone is in the details.
std::string_view nameOf(EventKind kind, std::string_view stored) {
    return kind == EventKind::Disconnected ? "disconnected" : stored;
}

}  // namespace

constexpr std::string_view kEventsBehind =
    "SELECT e.seq, e.time, e.device, d.device_id, 0, 'status', e.state_data"
    " FROM state e CROSS JOIN device d ON d.id = e.device WHERE e.seq > ?1 "
    "UNION ALL SELECT e.seq, e.time, e.device, d.device_id, 1, e.event, e.details"
    " FROM connection e CROSS JOIN device d ON d.id = e.device WHERE e.seq > ?1 "
    "UNION ALL SELECT e.seq, e.time, e.device, d.device_id, 2, e.name, e.payload"
    " FROM event e CROSS JOIN device d ON d.id = e.device WHERE e.seq > ?1 "
    "UNION ALL SELECT e.seq, e.time, e.device, d.device_id, 3, 'command', e.payload"
    " FROM command_target e CROSS JOIN device d ON d.id = e.device WHERE e.seq > ?1 "
    "ORDER BY 1";

void visitEvents(Query& query, Sequence after, const std::function<bool(const Event&)>& visit) {
    constexpr auto kLargest = static_cast<Sequence>(std::numeric_limits<std::int64_t>::max());
    const QueryScope scope(query);
    query.bind(1, static_cast<std::int64_t>(std::min(after, kLargest)));
    while (query.next()) {
        Event event;
        event.sequence = static_cast<Sequence>(query.integer(kSequence));
        event.time = query.time(kTime);
        event.device = static_cast<DeviceIndex>(query.integer(kDevice));
        event.device_id = query.text(kDeviceId);
        event.kind = kindOf(query.integer(kTable), query.text(kName));
        event.name = nameOf(event.kind, query.text(kName));
        event.payload = query.text(kPayload);
        if (!visit(event)) return;
    }
}

}  // namespace hub::sqlite_store
