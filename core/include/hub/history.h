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

using VisitCommand = std::function<bool(const CommandRecord&, const CommandProgress&)>;

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

using VisitTarget = std::function<bool(const CommandTargetRow&)>;

// Reads what a store has kept. Any thread; each call sees one consistent state of the store that
// holds everything acknowledged before the call.
//
// A visit ends when `visit` returns false. It must not block: it holds back a reader and its view
// of the database.
//
// A read that takes too long (a second at most) is cut short, though not before it has got on, and
// returns the position of the last row it looked at: another one from there on (`before`, `after`)
// sees the rest, of which this one may have visited nothing. Otherwise it returns nothing.
//
// Error Unavailable when the store cannot be read just now.
class HUB_API History {
public:
    virtual ~History();

    // Visit rows newest first. A device without rows visits nothing.
    [[nodiscard]] virtual Result<std::optional<Sequence>> states(
        const HistoryQuery& query, const std::function<bool(const StateRow&)>& visit) const = 0;
    [[nodiscard]] virtual Result<std::optional<Sequence>> connections(
        const HistoryQuery& query,
        const std::function<bool(const ConnectionRow&)>& visit) const = 0;

    // Visits commands, newest first.
    [[nodiscard]] virtual Result<std::optional<CommandNumber>> commands(
        const CommandQuery& query, const VisitCommand& visit) const = 0;

    // Visits the command with this id, then every change of its devices from the index `from` on:
    // device by device in the order of their indexes, of each the oldest first, without those of
    // forgotten ones. All as of one moment, and never cut short: the visitors say when to stop.
    // False: there is no such command.
    [[nodiscard]] virtual Result<bool> command(std::string_view id, DeviceIndex from,
                                               const VisitCommand& visit,
                                               const VisitTarget& visit_target) const = 0;

    // Visits every event behind `after` of all devices that are known, and of those that were
    // forgotten the last one, which says so, oldest first, as it was published: number, time, kind,
    // device, name and payload. `command` is null.
    [[nodiscard]] virtual Result<std::optional<Sequence>> events(
        Sequence after, const std::function<bool(const Event&)>& visit) const = 0;
};

}  // namespace hub
