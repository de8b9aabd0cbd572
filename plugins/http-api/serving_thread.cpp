#include "serving_thread.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace hub::http_api {

namespace {

// A wait until the end of time would overflow.
constexpr SteadyTime::duration kLongestWait = std::chrono::minutes(1);

}  // namespace

ServingThread::ServingThread(const Clock& clock, std::function<SteadyTime(SteadyTime)> serve)
    : clock_(clock), serve_(std::move(serve)), thread_([this] { run(); }) {}

ServingThread::~ServingThread() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

void ServingThread::wake() {
    {
        const std::lock_guard lock(mutex_);
        woken_ = true;
    }
    changed_.notify_one();
}

void ServingThread::run() {
    while (true) {
        const SteadyTime now = clock_.steady();
        const SteadyTime next = serve_(now);
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, std::min(next - now, kLongestWait),
                          [this] { return stopping_ || woken_; });
        if (stopping_) return;
        woken_ = false;
    }
}

}  // namespace hub::http_api
