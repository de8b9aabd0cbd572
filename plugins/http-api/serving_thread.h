#pragma once

#include "hub/time.h"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace hub::http_api {

// A thread that serves when that is due, and when it is woken.
class ServingThread {
public:
    // Begins at once. `serve(now)` is called on the thread and returns when it is due again.
    // `clock`, and what `serve` uses, must outlive this.
    ServingThread(const Clock& clock, std::function<SteadyTime(SteadyTime)> serve);
    // Waits for a `serve` in progress.
    ~ServingThread();
    ServingThread(const ServingThread&) = delete;
    ServingThread& operator=(const ServingThread&) = delete;

    // Has it serve now. Any thread.
    void wake();

private:
    void run();

    // Constant after construction.
    const Clock& clock_;
    const std::function<SteadyTime(SteadyTime)> serve_;

    // Guarded by mutex_.
    std::mutex mutex_;
    std::condition_variable changed_;
    bool woken_ = false;
    bool stopping_ = false;

    std::thread thread_;
};

}  // namespace hub::http_api
