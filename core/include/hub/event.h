#pragma once

#include "hub/api.h"
#include "hub/command.h"
#include "hub/device.h"
#include "hub/time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hub {

// The hub-wide number of an event: increasing, unique over all kinds of events, never used again
// once anybody has seen it, not even after a crash. 0 stands for "none".
using Sequence = std::uint64_t;

// What happened. The set is closed: adding a kind must break every switch that has to know of it.
enum class EventKind : std::uint8_t {
    Connected,        // a device came online
    Disconnected,     // a device went offline; `reason` says why
    Registration,     // a device told what it is: `device_type` and `metadata`
    Status,           // a state snapshot
    Message,          // anything else a device said; `name` is its message type
    Forgotten,        // an operator has deleted the device and its history: the last of its events
    CommandRecorded,  // a command was asked for; of no device: the hub's own, told to nobody else
    CommandTarget,    // how a command stands with the device has changed
};

// The word for it: `registration`, `command_target`, ... "" for none of them.
[[nodiscard]] HUB_API std::string_view toString(EventKind kind) noexcept;

// One thing that happened to one device. A value that borrows: its views are valid as long as the
// batch it came in, that is, during the call that hands it over.
struct Event {
    Sequence sequence = 0;  // given when the hub's log accepts the event
    Timestamp time{};       // stamped together with the number: never decreases with it
    DeviceIndex device{};
    EventKind kind = EventKind::Message;
    OfflineReason reason = OfflineReason::None;  // Disconnected only
    std::string_view device_id{};
    std::string_view name{};     // last level of the topic: `status`, `alert`, `disconnected`, ...
    std::string_view payload{};  // a JSON object: the snapshot, the details, or the whole document
    std::string_view device_type{};  // Registration only
    std::string_view metadata{};     // Registration only: a JSON object as text, "" if untold
    std::string_view transport{};    // Connected and Disconnected only
    std::optional<Timestamp> device_time{};  // Status only: when the device itself says it was
    const CommandChange* command = nullptr;  // CommandRecorded and CommandTarget only
};

// `devices/{id}/{name}`, the topic that filters match.
[[nodiscard]] HUB_API std::string topicOf(const Event& event);

}  // namespace hub
