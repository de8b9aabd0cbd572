#include "daemon/stop_deadline.h"

#include <string>
#include <utility>

namespace hub::daemon {

StopDeadline::StopDeadline(std::chrono::milliseconds limit, Logger& logger,
                           std::function<void()> expired)
    : logger_(logger), expired_(std::move(expired)), thread_([this, limit] { watch(limit); }) {}

StopDeadline::~StopDeadline() {
    {
        const std::lock_guard lock(mutex_);
        over_ = true;
    }
    ended_.notify_one();
    thread_.join();
}

void StopDeadline::enter(std::string_view step) {
    const std::lock_guard lock(mutex_);
    step_ = step;
}

void StopDeadline::watch(std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex_);
    if (ended_.wait_for(lock, limit, [this] { return over_; })) return;
    const std::string step(step_);
    lock.unlock();
    logger_.error("the hub does not stop: it hangs in " + step +
                  ". Ending the process; what was acknowledged is stored.");
    expired_();
}

}  // namespace hub::daemon
