#pragma once

#include <cstddef>
#include <deque>
#include <functional>

namespace hub::ctl::sim {

// Lets only so many devices connect at once, first come, first served, so that a hub that returns
// is met by a stream of devices and not by all of them in one moment.
class HandshakeQueue {
public:
    static constexpr std::size_t kMaxInFlight = 256;

    // Calls `begin` as soon as there is room, perhaps at once. Whoever was begun calls `done`,
    // once, when it has come to its end, good or bad: also from within `begin`.
    void request(std::function<void()> begin);
    void done();

    // Forgets those that wait.
    void clear() noexcept { waiting_.clear(); }

private:
    void beginNext();

    std::deque<std::function<void()>> waiting_;
    std::size_t in_flight_ = 0;
    bool beginning_ = false;
};

}  // namespace hub::ctl::sim
