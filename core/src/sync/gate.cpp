#include "sync/gate.h"

namespace hub::sync {

std::optional<Gate::Pass> Gate::enter() {
    const std::lock_guard lock(mutex_);
    if (closed_) return std::nullopt;
    ++inside_;
    return Pass{*this};
}

void Gate::close() {
    std::unique_lock lock(mutex_);
    closed_ = true;
    empty_.wait(lock, [this] { return inside_ == 0; });
}

// Under the lock: once it is given up, whoever closed the gate may destroy it.
void Gate::leave() {
    const std::lock_guard lock(mutex_);
    if (--inside_ == 0) empty_.notify_all();
}

}  // namespace hub::sync
