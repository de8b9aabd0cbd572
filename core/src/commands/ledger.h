#pragma once

#include "commands/change.h"
#include "commands/deadlines.h"
#include "commands/recipient.h"
#include "hub/command.h"
#include "hub/device.h"
#include "hub/store.h"
#include "hub/time.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hub::commands {

// An instant: for deadlines, and for what is shown.
struct Moment {
    SteadyTime steady{};
    Timestamp wall{};
};

// How the commands whose outcome is open stand with each of their devices, and the rules by which
// that changes: PROTOCOL's states. A pure state machine: it holds no thread, clock or log; every
// call is told the moment, and appends what has changed to `out`, which the caller makes events of,
// in this order and before the next call's. A command that has closed is remembered for a while,
// for the acknowledgements that come late.
//
// One thread at a time.
class Ledger {
public:
    // What may be open: a target takes some 40 bytes, another 64 until it is sent, and a command
    // kCommandBytes and its texts.
    static constexpr std::size_t kMaxOpen = 1'000'000;
    static constexpr std::size_t kMaxOpenBytes = 256 * 1024 * 1024;
    static constexpr std::size_t kCommandBytes = 512;
    // Closed commands that are remembered.
    static constexpr std::size_t kMaxRememberedBytes = 16 * 1024 * 1024;
    static constexpr std::chrono::minutes kRemembered{5};

    static constexpr std::string_view kOffline = "the device is offline";
    static constexpr std::string_view kQueueFull =
        "more waits to go out to the device than its link may hold";
    static constexpr std::string_view kSendingUnknown =
        "the hub was restarted before it could note whether this was sent, and no acknowledgement "
        "has come";

    // Whether a command with so many targets may be recorded.
    [[nodiscard]] bool hasRoomFor(const CommandRecord& record, std::size_t targets) const noexcept;

    // Takes a command in; its number is above all before, its devices are different ones, each
    // Pending, Queued, Unreachable or Rejected. One change for itself, then one for each of them,
    // in their order, with its id, and viewing its reason. With a `ttl` those that are offline are
    // waited for.
    void record(std::shared_ptr<const CommandRecord> record, std::span<const Recipient> recipients,
                const Moment& now, Changes& out);

    // The command is on disk: its targets may be sent. In the order of recording.
    void committed(CommandNumber number);

    // The oldest command behind `after` that waits to be sent to `device`; nothing when there is
    // none or it is not committed yet.
    struct Next {
        const CommandRecord& record;  // valid until the next call that changes anything
        bool queued = false;          // it was kept for the device, and not just recorded
    };
    [[nodiscard]] std::optional<Next> nextToSend(DeviceIndex device, CommandNumber after) const;

    // What became of sending it. Nothing changes for one that is not waiting to be sent.
    void delivered(CommandNumber number, DeviceIndex device, Delivery delivery, const Moment& now,
                   Changes& out);
    // A guard does not let it go out.
    void rejected(CommandNumber number, DeviceIndex device, std::string_view reason,
                  const Moment& now, Changes& out);

    enum class Known : std::uint8_t {
        Yes,       // it was of one of this command's devices: told in `out`
        NoTarget,  // the command was never for this device
        Unknown,   // the ledger does not know (any more)
    };
    // `device` acknowledges the command `id`.
    Known acknowledged(std::string_view id, DeviceIndex device, bool succeeded,
                       const ChangeTexts& texts, const Moment& now, Changes& out);

    // Whether `device` has no outcome yet of the command `id`.
    [[nodiscard]] bool isOpen(std::string_view id, DeviceIndex device);
    // The command `id`, if it is open or remembered.
    [[nodiscard]] std::optional<CommandNumber> find(std::string_view id) const;
    // How that stands after all changes until now; null when the ledger does not know it (any
    // more). Valid until the next call that changes anything.
    [[nodiscard]] const CommandProgress* progressOf(CommandNumber number) const;

    // Ends what is open of a command, or of a device, as Cancelled; returns how much that was.
    std::size_t cancel(CommandNumber number, std::string_view reason, const Moment& now,
                       Changes& out);
    std::size_t cancelAllOf(DeviceIndex device, std::string_view reason, const Moment& now,
                            Changes& out);

    // Ends what is due, at most `limit` targets; true when there may be more. Nothing is due before
    // nextDeadline().
    bool expire(const Moment& now, std::size_t limit, Changes& out);
    [[nodiscard]] std::optional<SteadyTime> nextDeadline();

    // Takes over what an earlier run has left open, ascending by number, before anything else. What
    // was Pending then may have gone out or not. With a `ttl` it becomes Queued, and so goes out at
    // least once. Otherwise it is not sent: it stays Pending, and ends as Timeout `ack_timeout`
    // after it was recorded, unless it is acknowledged.
    void restore(const OpenCommand& command, const Moment& now, Changes& out);

    // The devices that something waits to be sent to.
    [[nodiscard]] std::vector<DeviceIndex> waitedFor() const;

    [[nodiscard]] std::size_t open() const noexcept { return open_; }
    // How many of them wait to be sent.
    [[nodiscard]] std::size_t unsent() const noexcept { return unsent_.size(); }

private:
    struct Target {
        DeviceIndex device{};
        TargetStatus status = TargetStatus::Pending;
        SteadyTime deadline = SteadyTime::max();
    };
    struct Entry {
        std::shared_ptr<const CommandRecord> record;
        CommandProgress progress;
        TargetCounts counts;
        bool committed = false;
        bool thinned = false;         // some closed targets are not in the list any more
        std::vector<Target> targets;  // ascending by device
    };
    struct Remembered {
        SteadyTime since;
        CommandNumber number;
    };

    static void tellRecorded(const std::shared_ptr<const CommandRecord>& record,
                             std::size_t targets, Changes& out);
    [[nodiscard]] static Target* targetIn(Entry& entry, DeviceIndex device);
    [[nodiscard]] static std::size_t bytesOf(const CommandRecord& record) noexcept;
    [[nodiscard]] Entry* entryOf(CommandNumber number);
    void change(Entry& entry, Target& target, TargetStatus to, const Moment& now, Changes& out,
                const ChangeTexts& texts = {});
    static void count(Entry& entry, Target& target, TargetStatus to, Timestamp when);
    void tell(const Entry& entry, const Target& target, Changes& out,
              const ChangeTexts& texts) const;
    void await(const Entry& entry, Target& target, TargetStatus status, SteadyTime deadline);
    void close(Entry& entry, const Moment& now);
    void thin(Entry& entry);
    void forgetOld(SteadyTime now);
    // What makes a deadline stale: it stands as long as the target waits for it.
    [[nodiscard]] auto stale() {
        return [this](const Deadline& deadline) { return !stands(deadline); };
    }
    [[nodiscard]] bool stands(const Deadline& deadline);

    std::unordered_map<CommandNumber, Entry> commands_;  // the open and the remembered ones
    std::unordered_map<std::string_view, CommandNumber> by_id_;
    // What waits to be sent, Pending or Queued: for each device in the order of recording.
    std::set<std::pair<DeviceIndex, CommandNumber>> unsent_;
    Deadlines deadlines_;
    std::deque<Remembered> remembered_;  // oldest first
    std::size_t open_ = 0;
    std::size_t open_bytes_ = 0;
    std::size_t remembered_bytes_ = 0;
};

}  // namespace hub::commands
