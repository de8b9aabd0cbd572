#pragma once

#include "hub/time.h"

#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>

namespace hub::net {

class Loop;

// What a timer may call: anything no larger than a pointer that is copied as bytes, such as a
// lambda that captures `this`. A timer stands in every connection, so it is kept small.
template <class Function>
concept TimerFunction = std::is_invocable_v<Function&> && sizeof(Function) <= sizeof(void*) &&
                        std::is_trivially_copyable_v<Function>;

// Calls a function once, at a time. Belongs to the thread of its loop; destroying or disarming it
// guarantees that the function is not called any more. The function may arm its timer again, but
// not destroy it.
class Timer {
public:
    template <TimerFunction Function>
    Timer(Loop& loop, Function expired)
        : loop_(loop), call_([](std::byte* function) {
              (*std::launder(reinterpret_cast<Function*>(function)))();
          }) {
        new (function_) Function(expired);
    }
    ~Timer();
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    // Calls the function in the first turn at or after `at`; an earlier setting is forgotten.
    void arm(SteadyTime at);
    void disarm() noexcept { armed_ = false; }
    [[nodiscard]] bool armed() const noexcept { return armed_; }

private:
    friend class TimerQueue;

    // Where it stands in the queue of its loop.
    enum class Place : std::uint8_t {
        Nowhere,
        Waiting,  // queued for a time never later than `at_`: pushing it out only changes `at_`
        Due,      // looked at in this turn
    };

    Loop& loop_;
    void (*call_)(std::byte*);
    alignas(void*) std::byte function_[sizeof(void*)];
    SteadyTime at_{};
    std::uint32_t slot_ = 0;  // in its place
    Place place_ = Place::Nowhere;
    bool armed_ = false;
};

}  // namespace hub::net
