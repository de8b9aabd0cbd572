#include "past_events.h"

#include "deadline.h"
#include "query.h"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace hub::sqlite_store {

namespace {

enum Column { kSequence, kTime, kDevice, kDeviceId, kTable, kName, kPayload };

// Which table a row comes from: in the query as numbers.
enum Table { kStates, kConnections, kMessages, kCommandTargets, kFarewells };

EventKind kindOf(std::int64_t table, std::string_view name) {
    switch (table) {
        case kStates:
            return EventKind::Status;
        case kConnections:
            return name == "connected" ? EventKind::Connected : EventKind::Disconnected;
        case kCommandTargets:
            return EventKind::CommandTarget;
        case kFarewells:
            return EventKind::Forgotten;
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
    " FROM state e LEFT JOIN device d ON d.id = e.device WHERE e.seq > ?1 "
    "UNION ALL SELECT e.seq, e.time, e.device, d.device_id, 1, e.event, e.details"
    " FROM connection e LEFT JOIN device d ON d.id = e.device WHERE e.seq > ?1 "
    "UNION ALL SELECT e.seq, e.time, e.device, d.device_id, 2, e.name, e.payload"
    " FROM event e LEFT JOIN device d ON d.id = e.device WHERE e.seq > ?1 "
    "UNION ALL SELECT e.seq, e.time, e.device, d.device_id, 3, 'command', e.payload"
    " FROM command_target e LEFT JOIN device d ON d.id = e.device WHERE e.seq > ?1 "
    "UNION ALL SELECT seq, time, device, device_id, 4, 'forgotten', '{}'"
    " FROM farewell WHERE seq > ?1 "
    "ORDER BY 1";

std::optional<Sequence> visitEvents(Query& query, Sequence after,
                                    const std::function<bool(const Event&)>& visit,
                                    const Deadline& deadline) {
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
        if (!event.device_id.empty() && !visit(event)) return std::nullopt;
        if (deadline.passed()) return event.sequence;
    }
    return std::nullopt;
}

}  // namespace hub::sqlite_store
