#pragma once

#include "commands/change.h"
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

// A device of a command that is to be recorded.
struct Recipient {
    DeviceIndex device{};
    TargetStatus begins = TargetStatus::Pending;  // or Queued, Unreachable, Rejected
    std::string_view reason;                      // of the last two
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
        "the device does not read what is sent to it: its outgoing queue is full";

    // Whether a command with so many targets may be recorded.
    [[nodiscard]] bool hasRoomFor(const CommandRecord& record, std::size_t targets) const noexcept;

    // Takes a command in; its number is above all before, its devices are different ones. One
    // change for itself, then one for each of them, in their order. `keep`: those that are offline
    // are waited for.
    void record(std::shared_ptr<const CommandRecord> record, std::span<const Recipient> recipients,
                bool keep, const Moment& now, Changes& out);

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
    // `device` acknowledges the command `id`. `response` is JSON or "".
    Known acknowledged(std::string_view id, DeviceIndex device, bool succeeded,
                       std::string_view response, const Moment& now, Changes& out);

    // The command `id`, if it is open or remembered.
    [[nodiscard]] std::optional<CommandNumber> find(std::string_view id) const;

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
    // was Pending then may have gone out, so it counts as sent when it was recorded.
    void restore(const OpenCommand& command, const Moment& now);

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
        bool keep = false;
        bool committed = false;
        bool thinned = false;         // some closed targets are not in the list any more
        std::vector<Target> targets;  // ascending by device
    };
    struct Deadline {
        SteadyTime at;
        CommandNumber number;
        DeviceIndex device;
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
                std::string_view text = {});
    void tell(const Entry& entry, const Target& target, Changes& out, std::string_view text) const;
    void await(const Entry& entry, Target& target, TargetStatus status, SteadyTime deadline);
    void close(Entry& entry, const Moment& now);
    void thin(Entry& entry);
    void forgetOld(SteadyTime now);
    [[nodiscard]] bool stale(const Deadline& deadline);
    void dropStaleDeadlines();

    std::unordered_map<CommandNumber, Entry> commands_;  // the open and the remembered ones
    std::unordered_map<std::string_view, CommandNumber> by_id_;
    // Pending and Queued ones: for each device in the order of recording.
    std::set<std::pair<DeviceIndex, CommandNumber>> unsent_;
    // A heap, the earliest first. What has changed since is found stale when its turn comes, or
    // swept out once that is the most of it.
    std::vector<Deadline> deadlines_;
    std::deque<Remembered> remembered_;  // oldest first
    std::size_t open_ = 0;
    std::size_t open_bytes_ = 0;
    std::size_t remembered_bytes_ = 0;
};

}  // namespace hub::commands
