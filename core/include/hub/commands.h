#pragma once

#include "hub/api.h"
#include "hub/command.h"
#include "hub/device.h"
#include "hub/registration.h"
#include "hub/result.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hub {

// For whom a command is.
struct CommandTargets {
    enum class By : std::uint8_t {
        Ids,   // exactly these devices, online or not
        Type,  // the devices of this type that are online, or with `queue_offline` every known one
        Tag,   // those with this word in `metadata.tags`, likewise
        All,   // all, likewise
    };
    By by = By::Ids;
    std::vector<std::string> ids;  // By::Ids: at least one; a repeated one counts once
    std::string word;              // By::Type, By::Tag
};

// What an operator asks for.
struct CommandRequest {
    static constexpr std::size_t kMaxPayloadBytes = 64 * 1024;
    static constexpr std::size_t kMaxNameBytes = 64;
    static constexpr std::size_t kMaxKeyBytes = 255;
    // Whether `key` can be an idempotency key: 1 to kMaxKeyBytes visible ASCII characters.
    [[nodiscard]] HUB_API static bool isValidKey(std::string_view key) noexcept;

    CommandTargets targets;
    std::string name;            // 1 to kMaxNameBytes bytes without control characters
    std::string payload = "{}";  // a JSON object as text: checked by the caller
    // Both from one millisecond to 30 days. A device that has not acknowledged when the former is
    // over has the outcome Timeout; one that has not come when the latter is over, Expired.
    std::chrono::milliseconds ack_timeout{30'000};
    std::chrono::milliseconds ttl{std::chrono::hours(24)};
    bool queue_offline = false;   // keep it for devices that are offline
    std::string idempotency_key;  // "": none. A repeat of the same request is answered as the first
};

// How a command stands with one device.
struct TargetOutcome {
    std::string device_id;
    TargetStatus status = TargetStatus::Pending;
    std::string reason;  // a sentence where there is more to say: a guard's word, a full queue
};

// The first answer to a request: the first send was tried, and all of this is on disk.
struct CommandReceipt {
    CommandRecord record;
    CommandStatus status = CommandStatus::NoDevices;
    std::vector<TargetOutcome> targets;
    bool repeated = false;  // of an earlier request with the same key: nothing was sent now
};

// What a guard said of the first device that is Rejected, as a view into `receipt`; "" when none
// is.
[[nodiscard]] HUB_API std::string_view firstReason(const CommandReceipt& receipt) noexcept;

// May refuse a command, such as one that would hurt the device's surroundings (an interlock).
class HUB_API CommandGuard {
public:
    virtual ~CommandGuard();

    // Why `target` must not get `command` now; nothing when this guard has no objection. Guards are
    // asked in the order of attaching, before the command is recorded and, for one that was queued,
    // again before it is sent. From any thread, several at a time; must return at once and must not
    // call the hub. One that throws refuses.
    [[nodiscard]] virtual std::optional<std::string> refuse(const Command& command,
                                                            const Device& target) = 0;
};

// The command ledger: what was asked of whom, and how it ended. Any thread but those that must not
// block.
class HUB_API Commands {
public:
    virtual ~Commands();

    // Records the command for each of its devices, and when that is durable sends it. Returns when
    // every send was tried and what became of it is durable, too; should the store hang only then,
    // without that. Blocks for two commits, at most for some seconds.
    // Error Invalid: the request breaks a rule above, or its key was used for another request.
    // NotFound: one of its ids is of no known device; nothing was recorded.
    // Unavailable: there is no store, it does not store just now, or too much is open; nothing was
    // or will be sent. Also when a guard or transport holds up the sending: the sentence then names
    // the command, which goes on by itself.
    [[nodiscard]] virtual Result<CommandReceipt> submit(const CommandRequest& request) = 0;

    // Ends what is still open of the command `id` as Cancelled: what is queued is never sent, what
    // was sent is waited for no longer. Returns how many devices that were, once it is durable that
    // nothing is open.
    // NotFound: there is no such command. Unavailable: it cannot be made durable now.
    [[nodiscard]] virtual Result<std::size_t> cancel(std::string_view id) = 0;

    // Has `guard` asked from now on. It must live until the registration is destroyed.
    [[nodiscard]] virtual Registration attach(CommandGuard& guard) = 0;
};

}  // namespace hub
