#pragma once

#include "hub/logger.h"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string_view>
#include <thread>

namespace hub::daemon {

// Sees to it that stopping comes to an end: when it takes longer than `limit`, logs which step it
// hangs in, and calls `expired`, which ends the process. A thread of its own.
class StopDeadline {
public:
    // `logger` must outlive it.
    StopDeadline(std::chrono::milliseconds limit, Logger& logger, std::function<void()> expired);
    // Stopping has come to its end.
    ~StopDeadline();
    StopDeadline(const StopDeadline&) = delete;
    StopDeadline& operator=(const StopDeadline&) = delete;

    // What is done next, as in `stopping the transports`; a literal.
    void enter(std::string_view step);

private:
    void watch(std::chrono::milliseconds limit);

    // Constant after construction.
    Logger& logger_;
    const std::function<void()> expired_;

    // Guarded by mutex_.
    std::mutex mutex_;
    std::condition_variable ended_;
    bool over_ = false;
    std::string_view step_ = "beginning to stop";

    std::thread thread_;
};

}  // namespace hub::daemon
