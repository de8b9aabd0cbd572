#pragma once

#include "hub/time.h"
#include "net/loop.h"

#include <functional>
#include <thread>

namespace hub::net {

// A loop that runs, and a way for the test's thread to do something on its thread.
class LoopThread {
public:
    explicit LoopThread(const Clock& clock) : loop_(clock), thread_([this] { loop_.run(); }) {}
    ~LoopThread() { stop(); }

    [[nodiscard]] Loop& loop() noexcept { return loop_; }

    // Returns when `task` has run; a turn of the loop begins before it.
    void run(const std::function<void()>& task) { loop_.call(task); }

    // Whole turns have passed since the call: the loop has seen the clock and what was ready.
    void settle() {
        for (int i = 0; i < 3; ++i) run([] {});
    }

    void stop() {
        loop_.stop();
        if (thread_.joinable()) thread_.join();
    }

private:
    Loop loop_;
    std::thread thread_;
};

}  // namespace hub::net
