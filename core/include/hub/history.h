#pragma once

#include "hub/api.h"
#include "hub/command.h"
#include "hub/device.h"
#include "hub/event.h"
#include "hub/result.h"
#include "hub/time.h"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace hub {

// Which rows of a device's history are wanted: the newest `limit` ones with since <= time <= until
// and a number below `before`.
struct HistoryQuery {
    DeviceIndex device{};
    std::optional<Timestamp> since;
    std::optional<Timestamp> until;
    Sequence before = 0;      // 0: from the newest on
    std::size_t limit = 100;  // 1 to kMaxLimit

    static constexpr std::size_t kMaxLimit = 1000;
};

// One stored snapshot. Views are valid during the visit.
struct StateRow {
    Sequence sequence = 0;
    Timestamp time{};
    std::optional<Timestamp> device_time;
    std::string_view state;  // a JSON object as text
};

// One change between online and offline. Views are valid during the visit.
struct ConnectionRow {
    Sequence sequence = 0;
    Timestamp time{};
    std::string_view event;    // `connected`, `disconnected` or `timeout`
    std::string_view details;  // a JSON object as text
};

// Which commands are wanted: the newest `limit` ones that fit all that is given.
struct CommandQuery {
    std::optional<CommandStatus> status;
    std::optional<std::string> device_type;  // as recorded
    std::optional<DeviceIndex> device;       // one of its devices
    std::optional<std::string> id;
    std::optional<std::string> idempotency_key;
    std::optional<Timestamp> since;  // since <= created <= until
    std::optional<Timestamp> until;
    CommandNumber before{};   // 0: from the newest on
    std::size_t limit = 100;  // 1 to HistoryQuery::kMaxLimit
};

// One change of how a command stands with one of its devices. Views are valid during the visit.
struct CommandTargetRow {
    Sequence sequence = 0;
    Timestamp time{};
    DeviceIndex device{};
    std::string_view device_id;
    TargetStatus status = TargetStatus::Pending;
    bool late = false;
    std::string_view payload;  // of the event: a JSON object as text
};

// Reads what a store has kept. Any thread; each call sees one consistent state of the store that
// holds everything acknowledged before the call.
class HUB_API History {
public:
    virtual ~History();

    // Visit rows newest first, until `visit` returns false. A device without rows visits nothing.
    // `visit` must not block: it holds back a reader and its view of the database.
    // Error Unavailable when the store cannot be read just now.
    [[nodiscard]] virtual Result<void> states(
        const HistoryQuery& query, const std::function<bool(const StateRow&)>& visit) const = 0;
    [[nodiscard]] virtual Result<void> connections(
        const HistoryQuery& query,
        const std::function<bool(const ConnectionRow&)>& visit) const = 0;

    // Visits commands, newest first, until `visit` returns false.
    [[nodiscard]] virtual Result<void> commands(
        const CommandQuery& query,
        const std::function<bool(const CommandRecord&, const CommandProgress&)>& visit) const = 0;

    // Visits all changes of one command, oldest first, but for those of forgotten devices.
    [[nodiscard]] virtual Result<void> commandTargets(
        CommandNumber command, const std::function<bool(const CommandTargetRow&)>& visit) const = 0;

    // Visits every event behind `after` of all devices that are known, oldest first, as it was
    // published: number, time, kind, device, name and payload. `command` is null.
    [[nodiscard]] virtual Result<void> events(
        Sequence after, const std::function<bool(const Event&)>& visit) const = 0;
};

}  // namespace hub
