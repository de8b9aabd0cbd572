#pragma once

#include "hub/event.h"
#include "hub/hub_services.h"
#include "hub/time.h"

#include <cstddef>
#include <string>

namespace hub::daemon {

// How the hub is, in one line for people. One thread.
class StatusLine {
public:
    // `durable` is the number up to which everything is stored. `clock` must outlive it.
    StatusLine(const Clock& clock, Sequence durable);

    // `12 devices online, 840 events stored per minute`, the rate being that since the last call,
    // or `not ready: ` and why.
    [[nodiscard]] std::string text(const Readiness& readiness, std::size_t online,
                                   Sequence durable);

private:
    [[nodiscard]] std::string rate(Sequence durable);

    const Clock& clock_;
    Sequence counted_;
    SteadyTime counted_at_;
};

}  // namespace hub::daemon
