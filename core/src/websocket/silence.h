#pragma once

#include "hub/time.h"

#include <chrono>
#include <cstdint>

namespace hub::websocket {

// For how long the peer of a link has sent nothing, and what that calls for. It stands still while
// the link is paused, and it only judges: the timer is the link's.
class Silence {
public:
    enum class Verdict : std::uint8_t {
        Bearable,
        PingDue,        // a third of the timeout has passed since the peer was heard or pinged
        TooLong,        // all of it has, since it was heard
        NotRegistered,  // the peer has not shown in time who it is, whatever it has sent
    };

    // The link opens `now`; its peer has `first_message` until it must be registered.
    Silence(SteadyTime now, std::chrono::milliseconds first_message) noexcept
        : since_(now), registration_due_(now + first_message) {}

    void heard(SteadyTime now) noexcept { since_ = now; }
    void pinged(SteadyTime now) noexcept { pinged_at_ = now; }
    void registered() noexcept { registration_due_ = SteadyTime::max(); }
    // 0: none, as in the beginning.
    void setTimeout(std::chrono::milliseconds timeout) noexcept { timeout_ = timeout; }

    void pause(SteadyTime now) noexcept { paused_at_ = now; }
    // The peer has kReadGrace at least from here: what it sent meanwhile is still to be read.
    void resume(SteadyTime now) noexcept;

    [[nodiscard]] Verdict judge(SteadyTime now) const noexcept;
    // When to judge next: nothing can be due before, unless the timeout changes. SteadyTime::max()
    // for never.
    [[nodiscard]] SteadyTime due() const noexcept;

    static constexpr std::chrono::seconds kReadGrace{1};

private:
    [[nodiscard]] SteadyTime pingDue() const noexcept;

    std::chrono::milliseconds timeout_{0};
    SteadyTime since_;
    SteadyTime pinged_at_{};
    SteadyTime registration_due_;
    SteadyTime paused_at_{};
};

}  // namespace hub::websocket
