#include "net/timer.h"

#include "net/loop.h"

namespace hub::net {

Timer::Timer(Loop& loop, std::function<void()> expired)
    : loop_(loop), expired_(std::move(expired)) {}

Timer::~Timer() {
    if (queued_) loop_.timers_.erase({queued_at_, this});
}

void Timer::arm(SteadyTime at) {
    at_ = at;
    armed_ = true;
    if (queued_ && queued_at_ <= at) return;
    if (queued_) loop_.timers_.erase({queued_at_, this});
    loop_.timers_.emplace(at, this);
    queued_at_ = at;
    queued_ = true;
}

void Timer::disarm() noexcept { armed_ = false; }

}  // namespace hub::net
