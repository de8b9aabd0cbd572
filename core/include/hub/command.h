#pragma once

#include "hub/api.h"
#include "hub/time.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hub {

// What an operator wants a device to do.
struct Command {
    std::string id;       // chosen by the hub, a UUID; a device answers with it
    std::string name;     // `forward`, `start_recording`, ...
    std::string payload;  // a JSON object as text
};

// What became of handing a command to a transport.
enum class Delivery : std::uint8_t {
    Accepted,     // on its way; whether the device got it, its acknowledgement tells
    Busy,         // the outgoing queue of the device is full
    Unreachable,  // the link is gone
};

// The hub's own number for a command: increases in the order of recording, never used again. 0
// stands for "none".
enum class CommandNumber : std::uint64_t {};

// How a command stands with one of its devices. Open: Pending, Queued, Sent; every other one is an
// outcome, and a device has one for good.
enum class TargetStatus : std::uint8_t {
    Pending,      // recorded, about to be sent
    Queued,       // the device is offline: sent when it comes back
    Sent,         // given to the device's link
    AckSuccess,   // the device has done it
    AckError,     // the device says that it could not
    Timeout,      // no acknowledgement came in time of what was sent, or may have been
    Expired,      // queued, and the device did not come in time
    Unreachable,  // the device was offline, or its outgoing queue was full
    Cancelled,    // an operator took it back, or the device was forgotten
    Rejected,     // a guard refused it
};
inline constexpr std::size_t kTargetStatuses = 10;

[[nodiscard]] constexpr bool isOpen(TargetStatus status) noexcept {
    return status <= TargetStatus::Sent;
}

// The word used in REST and in the database: `pending`, `ack_success`, ...
[[nodiscard]] HUB_API std::string_view toString(TargetStatus status) noexcept;
[[nodiscard]] HUB_API std::optional<TargetStatus> targetStatusFrom(std::string_view word) noexcept;

// How a command stands as a whole.
enum class CommandStatus : std::uint8_t {
    NoDevices,
    Pending,
    Queued,
    Sent,
    AckSuccess,
    AckError,
    Partial,  // some have done it, the others did not get it or did not answer
    Timeout,
    Expired,
    Unreachable,
    Cancelled,
    Rejected,
};

// The word used in REST and in the database: `no_devices`, `partial`, ...
[[nodiscard]] HUB_API std::string_view toString(CommandStatus status) noexcept;
[[nodiscard]] HUB_API std::optional<CommandStatus> commandStatusFrom(
    std::string_view word) noexcept;

// How many devices of a command stand how.
struct TargetCounts {
    std::array<std::uint32_t, kTargetStatuses> by_status{};
    std::uint32_t ever_sent = 0;  // those that were Sent at any time

    [[nodiscard]] std::uint32_t operator[](TargetStatus status) const noexcept {
        return by_status[static_cast<std::size_t>(status)];
    }
    [[nodiscard]] HUB_API std::uint32_t total() const noexcept;
    [[nodiscard]] HUB_API std::uint32_t open() const noexcept;
};

// The whole's status, by the first rule that fits: nobody matched: NoDevices; something is open:
// Sent, or if nothing was sent yet Queued, or Pending when nothing is queued either; any AckError:
// AckError; all AckSuccess: AckSuccess; some: Partial; otherwise the outcome of most devices (of
// equally many the one that stands first in TargetStatus).
[[nodiscard]] HUB_API CommandStatus statusOf(const TargetCounts& counts) noexcept;

// What stays the same for a command's life.
struct CommandRecord {
    CommandNumber number{};
    Command command;
    std::string device_type;  // that was asked for, or of the one device; "" otherwise
    Timestamp created{};
    std::chrono::milliseconds ack_timeout{};
    std::chrono::milliseconds ttl{};   // 0: it is not kept for devices that are offline
    std::string idempotency_key;       // "": none
    std::uint64_t request_digest = 0;  // of what was asked for: tells a repeat from a misuse
};

// What changes.
struct CommandProgress {
    CommandStatus status = CommandStatus::NoDevices;
    std::optional<Timestamp> executed;   // first sent to a device
    std::optional<Timestamp> completed;  // the last device's outcome
    std::uint32_t target_count = 0;
    std::uint32_t success_count = 0;
};

// What a command event tells beside its payload. Borrowed like the event's views.
struct CommandChange {
    const CommandRecord* record = nullptr;
    CommandProgress progress;                     // after the change
    TargetStatus target = TargetStatus::Pending;  // of the event's device; not in CommandRecorded
    bool late = false;  // an acknowledgement after the outcome: told, and changes nothing
};

}  // namespace hub
