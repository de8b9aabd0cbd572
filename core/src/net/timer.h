#pragma once

#include "hub/time.h"

#include <functional>

namespace hub::net {

class Loop;

// Calls a function once, at a time. Belongs to the thread of its loop; destroying or disarming it
// guarantees that the function is not called any more. The function may arm its timer again, but
// not destroy it.
class Timer {
public:
    Timer(Loop& loop, std::function<void()> expired);
    ~Timer();
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    // Calls the function in the first turn at or after `at`; an earlier setting is forgotten.
    void arm(SteadyTime at);
    void disarm() noexcept;
    [[nodiscard]] bool armed() const noexcept { return armed_; }

private:
    friend class Loop;

    Loop& loop_;
    std::function<void()> expired_;
    SteadyTime at_{};
    bool armed_ = false;
    // The loop looks at the timer at `queued_at_`, never later than `at_`: pushing a deadline out,
    // which happens with every message, only changes `at_`.
    SteadyTime queued_at_{};
    bool queued_ = false;
};

}  // namespace hub::net
