#pragma once

#include "hub/api.h"
#include "hub/device.h"
#include "hub/event.h"
#include "hub/result.h"

#include <optional>
#include <span>
#include <vector>

namespace hub {

// A command with devices whose outcome is open.
struct OpenCommand {
    struct Target {
        DeviceIndex device{};
        TargetStatus status = TargetStatus::Pending;  // an open one
        Timestamp since{};                            // when it came to stand so
    };
    CommandRecord record;
    CommandProgress progress;
    TargetCounts counts;          // of all its devices; one forgotten since counts as AckSuccess
                                  // or Cancelled
    std::vector<Target> targets;  // the open ones, ascending by device
};

// What the hub needs to know at its start.
struct Recovery {
    Sequence last_sequence = 0;   // the highest number ever stored
    Timestamp last_time{};        // the latest time ever stored
    std::vector<Device> devices;  // in any order; `online` as it was stored last
    DeviceIndex next_device{};    // above every number ever given to a device, forgotten ones too
    std::vector<OpenCommand> commands;  // ascending by number
    CommandNumber last_command{};       // the highest ever given
};

// When a device was last heard of, where that is newer than its stored events tell.
struct SignOfLife {
    DeviceIndex device{};
    Timestamp seen{};                    // Device::last_seen
    std::optional<Timestamp> heartbeat;  // Device::last_heartbeat
};

// Keeps events. The hub calls a store from one thread only, so `append` needs no locks; what else
// the plugin offers (History) comes from other threads.
class HUB_API Store {
public:
    virtual ~Store();

    // Called once, before anything else. Throws std::exception with a sentence an operator can act
    // on.
    [[nodiscard]] virtual Recovery recover() = 0;

    // Makes the whole batch durable, so that it survives a power cut, or none of it. The views in
    // it are valid during the call. Sequence numbers increase within a batch and from batch to
    // batch.
    // On failure the hub keeps the batch and offers the same events again, perhaps fewer at once,
    // or with later ones behind them: an event that is already stored is not an error. A Forgotten
    // event takes the device, and what was stored of it before, out of all that is read, and is
    // itself kept; the space may be given back later.
    [[nodiscard]] virtual Result<void> append(std::span<const Event> batch) = 0;

    // Keeps these times for the next `recover`, in one transaction. Devices it does not know (any
    // more) are passed over. On failure nothing is kept; the hub comes back with newer times.
    [[nodiscard]] virtual Result<void> noteLife(std::span<const SignOfLife> signs) = 0;

    // A small piece of housekeeping, such as deleting what is older than it may be: some
    // milliseconds of work at most, since events wait meanwhile. True: there is more, ask again
    // soon. `now` is the wall clock's, behind the times of events while the clock has been set
    // back. By default there is none.
    [[nodiscard]] virtual bool maintain(Timestamp now) noexcept;
};

}  // namespace hub
