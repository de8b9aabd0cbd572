#include "net/timer.h"

#include "net/loop.h"

namespace hub::net {

Timer::~Timer() { loop_.timers_.remove(*this); }

void Timer::arm(SteadyTime at) {
    at_ = at;
    armed_ = true;
    loop_.timers_.bringForward(*this);
}

}  // namespace hub::net
