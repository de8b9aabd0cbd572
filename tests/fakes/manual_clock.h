#pragma once

#include "hub/time.h"

#include <atomic>
#include <chrono>

namespace hub::fakes {

// A clock that stands still until a test moves it. Read by any thread, moved by one at a time.
class ManualClock final : public Clock {
public:
    // 2026-11-23T16:40:00Z, so that a time in a failed expectation looks like one.
    static constexpr Timestamp kStart{std::chrono::seconds{1'795'452'000}};

    explicit ManualClock(Timestamp wall = kStart) : wall_{wall} {}

    [[nodiscard]] Timestamp wall() const noexcept override { return wall_.load(); }
    [[nodiscard]] SteadyTime steady() const noexcept override { return steady_.load(); }

    // Time passes, on both clocks.
    void advance(std::chrono::microseconds by) {
        wall_ = wall_.load() + by;
        steady_ = steady_.load() + by;
    }

    // Somebody sets the wall clock, perhaps backwards; monotonic time does not notice.
    void setWall(Timestamp wall) { wall_ = wall; }

private:
    std::atomic<Timestamp> wall_;
    std::atomic<SteadyTime> steady_{SteadyTime{std::chrono::hours{1}}};
};

}  // namespace hub::fakes
