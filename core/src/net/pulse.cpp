#include "net/pulse.h"

#include <utility>

namespace hub::net {

bool Pulse::felt(SteadyTime deadline) {
    std::unique_lock lock(mutex_);
    const std::vector<OfLoop> before = of_;
    lock.unlock();
    for (std::size_t i = 0; i < loops_.size(); ++i) {
        if (!ask(i)) return false;
    }
    lock.lock();
    return answered_.wait_until(lock, deadline, [&] {
        for (std::size_t i = 0; i < before.size(); ++i) {
            if (of_[i].answers == before[i].answers) return false;
        }
        return true;
    });
}

// A question that waits already is as good as a new one. False when the loop has ended.
bool Pulse::ask(std::size_t index) {
    {
        const std::lock_guard lock(mutex_);
        if (std::exchange(of_[index].asked, true)) return true;
    }
    return loops_[index].post([this, index] {
        const std::lock_guard lock(mutex_);
        of_[index].asked = false;
        ++of_[index].answers;
        answered_.notify_all();
    });
}

}  // namespace hub::net
