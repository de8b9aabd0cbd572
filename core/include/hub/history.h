#pragma once

#include "hub/api.h"
#include "hub/device.h"
#include "hub/event.h"
#include "hub/result.h"
#include "hub/time.h"

#include <cstddef>
#include <functional>
#include <optional>
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
};

}  // namespace hub
