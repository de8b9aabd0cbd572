#pragma once

#include "hub/time.h"

#include <cstddef>
#include <vector>

namespace hub::net {

class Timer;

// The timers of a loop that wait, as a binary heap: one entry for each, no block of memory of its
// own. A timer that is put off stays where it is, and is put back when it is looked at too early.
class TimerQueue {
public:
    // Sees to it that `timer` is looked at no later than its time.
    void bringForward(Timer& timer);
    void remove(Timer& timer) noexcept;

    [[nodiscard]] bool empty() const noexcept { return waiting_.empty(); }
    // When the first one is to be looked at; there must be one.
    [[nodiscard]] SteadyTime next() const noexcept { return waiting_.front().at; }

    // Calls those that are due. What they arm for a time not behind `now` waits for the next run.
    void run(SteadyTime now);

private:
    struct Entry {
        SteadyTime at;
        Timer* timer;
    };

    void put(std::size_t slot, const Entry& entry) noexcept;
    void rise(std::size_t slot, const Entry& entry) noexcept;
    void sink(std::size_t slot, const Entry& entry) noexcept;
    void erase(std::size_t slot) noexcept;

    std::vector<Entry> waiting_;
    std::vector<Timer*> due_;  // of this run; null for those that went meanwhile
};

}  // namespace hub::net
