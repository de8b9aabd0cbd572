#pragma once

#include <chrono>
#include <random>

namespace hub::ctl::sim {

// How long a device waits before it tries to connect again: at random between half and all of a
// ceiling that doubles from 1 s to 15 s. The random half keeps the devices of a hub that went away
// from coming back all at once.
class Backoff {
public:
    static constexpr std::chrono::milliseconds kFirstCeiling{1'000};
    static constexpr std::chrono::milliseconds kLastCeiling{15'000};

    explicit Backoff(std::minstd_rand::result_type seed) : random_(seed) {}

    // The next wait, after one more failure.
    [[nodiscard]] std::chrono::milliseconds next();

    // A link has proven good: the next failure is a first one again.
    void reset() noexcept { ceiling_ = kFirstCeiling; }

private:
    std::minstd_rand random_;
    std::chrono::milliseconds ceiling_ = kFirstCeiling;
};

}  // namespace hub::ctl::sim
