#pragma once

#include "earlier_run.h"
#include "hub/commands.h"
#include "hub/devices.h"
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
#include <thread>

namespace hub::robot_interlock {

// What the interlock works with. Outlives it.
struct InterlockSurroundings {
    Commands& commands;
    const Devices& devices;
    const Clock& clock;
    Logger& logger;
};

// Has all wheels locked while poses are under way, on a thread of its own: that alone sends `lock`
// and `unlock`, so their order is right. What fails is tried again. While it does not know which
// poses are under way, it is engaged. Any thread.
class Interlock {
public:
    // Between two attempts to lock or unlock.
    static constexpr std::chrono::seconds kRetry{1};
    // How long robots that are offline may take to come and get their `unlock`.
    static constexpr std::chrono::minutes kUnlockPatience{10};
    // How long `engage` waits: for an attempt of the past to end, and one more.
    static constexpr std::chrono::seconds kEngagePatience{8};

    // Finds out which poses are under way, tells `restart`, and has what follows told to `heard`.
    // Error: it cannot just now.
    using Look = std::function<Result<void>()>;

    explicit Interlock(const InterlockSurroundings& surroundings) : surroundings_(surroundings) {}
    // As `stop`.
    ~Interlock();
    Interlock(const Interlock&) = delete;
    Interlock& operator=(const Interlock&) = delete;

    // Looks, and begins to lock and unlock. Its thread looks again after `lost` and when that
    // failed.
    void start(Look look);

    // What is under way now, by what is stored.
    void restart(const EarlierRun& now);
    // What follows is heard no more: look again.
    void lost() noexcept;

    // See PoseRuns. Return at once.
    void asked(const TargetKey& pose);
    void heard(const TargetKey& pose, TargetStatus status);
    [[nodiscard]] bool posing() const;

    // Why wheels have to stand still; nothing when they may move. Returns at once.
    [[nodiscard]] std::optional<std::string> objection();

    // Engaged until the registration is destroyed. Returns when `lock` was sent to whoever is
    // online. Error Unavailable: it could not be sent to all of them, or this is stopping.
    [[nodiscard]] Result<Registration> engage();

    // Degraded while poses cannot be followed, or robots not locked or unlocked.
    [[nodiscard]] Health health() const;

    // Ends the thread, and the waiting of those who engage. Robots that are locked stay so: the
    // next run frees them.
    void stop() noexcept;

private:
    using Lock = std::unique_lock<std::mutex>;

    enum class Wheels : std::uint8_t {
        Free,    // no robot holds a `lock` of ours
        Unsure,  // some may
        Locked,  // every robot that was online then was sent it
    };

    void run();
    void turn(Lock& lock);
    void await(Lock& lock, std::optional<SteadyTime> until);
    void attempt(Lock& lock);
    // Without the lock meanwhile. Return why it failed; "" when it did not.
    [[nodiscard]] std::string tryToLook(Lock& lock);
    [[nodiscard]] std::string send(Lock& lock, const std::string& name, Wheels done);
    [[nodiscard]] CommandRequest requestFor(const std::string& name);
    // Under the lock.
    [[nodiscard]] bool blind() const noexcept { return losses_ != looked_behind_; }
    [[nodiscard]] bool engaged(SteadyTime now) { return blind() || poses_.engaged(now); }
    void release();
    void wake() noexcept;

    // Constant after `start`.
    const InterlockSurroundings surroundings_;
    Look look_;

    // Guarded by mutex_.
    mutable std::mutex mutex_;
    std::condition_variable changed_;  // for the thread
    std::condition_variable tried_;    // for those who engage
    PoseRuns poses_;
    Wheels wheels_ = Wheels::Free;
    std::uint64_t losses_ = 1;         // how often there may be poses that are not in poses_
    std::uint64_t looked_behind_ = 0;  // of these
    bool news_ = false;
    bool stopping_ = false;
    std::uint64_t failures_ = 0;  // attempts that failed
    std::string failure_;         // of the last attempt; "" when all is well

    // The thread's only.
    SteadyTime retry_at_{};
    std::uint64_t requests_ = 0;

    std::thread thread_;
};

}  // namespace hub::robot_interlock
