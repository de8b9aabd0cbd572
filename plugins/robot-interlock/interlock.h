#pragma once

#include "earlier_run.h"
#include "hub/commands.h"
#include "hub/logger.h"
#include "hub/plugin_status.h"
#include "hub/registration.h"
#include "hub/result.h"
#include "hub/time.h"
#include "pose_runs.h"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace hub::robot_interlock {

// What the interlock works with. Outlives it.
struct InterlockSurroundings {
    Commands& commands;
    const Clock& clock;
    Logger& logger;
};

// Has all wheels locked while poses are under way, on a thread of its own: that alone sends `lock`
// and `unlock`, so their order is right. What cannot be sent is tried again. Any thread.
class Interlock {
public:
    // Between two attempts to lock or unlock.
    static constexpr std::chrono::seconds kRetry{1};
    // How long robots that are offline may take to come and get their `unlock`.
    static constexpr std::chrono::minutes kUnlockPatience{10};
    // How long `engage` waits: for an attempt of the past to end, and one more.
    static constexpr std::chrono::seconds kEngagePatience{8};

    Interlock(const InterlockSurroundings& surroundings, const EarlierRun& earlier);
    // As `stop`.
    ~Interlock();
    Interlock(const Interlock&) = delete;
    Interlock& operator=(const Interlock&) = delete;

    // See PoseRuns. Return at once.
    void asked(const TargetKey& pose);
    void heard(const TargetKey& pose, TargetStatus status);
    [[nodiscard]] bool engaged();
    [[nodiscard]] bool posing() const;

    // Engaged until the registration is destroyed. Returns when `lock` was sent to whoever is
    // online. Error Unavailable: it could not be sent.
    [[nodiscard]] Result<Registration> engage();

    // Has its thread do this soon; never after `stop`.
    void post(std::function<void()> task);

    // Degraded while robots cannot be locked or unlocked.
    [[nodiscard]] Health health() const;

    // Ends the thread. Robots that are locked are unlocked, or at least that is tried once.
    void stop() noexcept;

private:
    using Lock = std::unique_lock<std::mutex>;

    void run();
    void turn(Lock& lock);
    void runTasks(Lock& lock);
    void lockRobots(Lock& lock);
    void unlockRobots(Lock& lock);
    // Without the lock meanwhile; nothing when it could not be sent.
    [[nodiscard]] std::optional<CommandReceipt> send(Lock& lock, const CommandRequest& request);
    [[nodiscard]] CommandRequest requestFor(std::string_view name);
    void release();
    void wake();

    // Constant after construction.
    const InterlockSurroundings surroundings_;

    // Guarded by mutex_.
    mutable std::mutex mutex_;
    std::condition_variable changed_;  // for the thread
    std::condition_variable tried_;    // for those who engage
    PoseRuns poses_;
    bool news_ = false;
    bool stopping_ = false;
    bool locked_ = false;         // `lock` was sent, and no `unlock` since
    std::uint64_t failures_ = 0;  // attempts that failed
    std::string failure_;         // of the last attempt; "" when all is well. Written by the thread
    std::vector<std::function<void()>> tasks_;

    // The thread's only.
    SteadyTime retry_at_{};
    std::uint64_t requests_ = 0;
    std::string unlock_;  // id of an `unlock` that some robots may still wait for

    std::thread thread_;
};

}  // namespace hub::robot_interlock
