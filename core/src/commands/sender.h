#pragma once

#include "commands/change.h"
#include "commands/command_metrics.h"
#include "commands/device_directory.h"
#include "commands/guards.h"
#include "commands/ledger.h"
#include "commands/submission.h"
#include "hub/logger.h"
#include "hub/time.h"

#include <chrono>
#include <deque>
#include <optional>
#include <set>
#include <string>

namespace hub::commands {

// What a sender works with. Outlives it.
struct SenderSurroundings {
    DeviceDirectory& devices;
    const Guards& guards;
    const Clock& clock;
    Logger& logger;
    CommandMetrics& metrics;
};

// Gives the commands that wait in a ledger to the links of their devices: to each in the order of
// recording, and none that a guard refuses. What has changed is appended to `out`.
//
// The ledger's thread only.
class Sender {
public:
    // A device whose outgoing queue was full is tried again after this.
    static constexpr std::chrono::milliseconds kBusy{100};

    Sender(Ledger& ledger, const SenderSurroundings& surroundings)
        : ledger_(ledger), surroundings_(surroundings) {}

    // The command of this submission is on disk: sends it, behind what has waited for its devices.
    void send(Submission& submission, const Moment& now, Changes& out);

    // Sends what waits for `device`.
    void sendWaiting(DeviceIndex device, const Moment& now, Changes& out);

    // Tries those again whose queues were full, once it is time for that.
    void tryAgain(const Moment& now, Changes& out);
    // When that is, on the clock; nothing when there are none.
    [[nodiscard]] std::optional<SteadyTime> nextTry() const;

    // The changes are told: nobody views their texts any more.
    void forgetTexts() noexcept { reasons_.clear(); }

private:
    [[nodiscard]] Delivery flush(DeviceIndex device, const Moment& now, Changes& out);
    [[nodiscard]] Delivery offer(DeviceIndex device, const Ledger::Next& waiting, const Moment& now,
                                 Changes& out);
    [[nodiscard]] Delivery deliver(DeviceIndex device, const Command& command);

    // Constant after construction.
    Ledger& ledger_;
    const SenderSurroundings surroundings_;

    std::set<DeviceIndex> busy_;  // something waits for them in spite of their links
    SteadyTime next_try_{};       // of these
    std::deque<std::string> reasons_;
};

}  // namespace hub::commands
