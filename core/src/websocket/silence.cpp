#include "websocket/silence.h"

#include <algorithm>

namespace hub::websocket {

void Silence::resume(SteadyTime now) noexcept {
    const auto stood_still = now - paused_at_;
    // It may have been heard during the pause.
    since_ = std::min(since_ + stood_still, now);
    since_ = std::max(since_, now + kReadGrace - timeout_);
    if (registration_due_ == SteadyTime::max()) return;
    registration_due_ = std::max(registration_due_ + stood_still, now + kReadGrace);
}

Silence::Verdict Silence::judge(SteadyTime now) const noexcept {
    if (now >= registration_due_) return Verdict::NotRegistered;
    if (timeout_.count() == 0) return Verdict::Bearable;
    if (now >= since_ + timeout_) return Verdict::TooLong;
    return now >= pingDue() ? Verdict::PingDue : Verdict::Bearable;
}

SteadyTime Silence::due() const noexcept {
    if (timeout_.count() == 0) return registration_due_;
    return std::min({registration_due_, pingDue(), since_ + timeout_});
}

SteadyTime Silence::pingDue() const noexcept { return std::max(since_, pinged_at_) + timeout_ / 3; }

}  // namespace hub::websocket
