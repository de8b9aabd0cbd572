#pragma once

#include "hub/api.h"
#include "hub/result.h"

#include <chrono>
#include <string>
#include <string_view>

namespace hub {

// Wall-clock time, UTC, in microseconds: what is shown and stored.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

// Monotonic time: what every deadline and duration is measured with.
using SteadyTime = std::chrono::steady_clock::time_point;

// Where time comes from. One is injected into everything that needs it, so that tests move time
// instead of waiting for it. Any thread.
class HUB_API Clock {
public:
    virtual ~Clock();
    [[nodiscard]] virtual Timestamp wall() const noexcept = 0;
    [[nodiscard]] virtual SteadyTime steady() const noexcept = 0;
};

// The machine's clocks.
class HUB_API SystemClock final : public Clock {
public:
    [[nodiscard]] Timestamp wall() const noexcept override;
    [[nodiscard]] SteadyTime steady() const noexcept override;
};

// `2026-11-23T16:40:03.000120Z`: ISO 8601, UTC, always six decimals, so that text order is time
// order. Years 0000 to 9999.
[[nodiscard]] HUB_API std::string formatTimestamp(Timestamp time);

// The same, appended to `out`.
HUB_API void appendTimestamp(std::string& out, Timestamp time);

// Reads ISO 8601 (`2026-11-23T16:40:03Z`, with up to nine decimals of which six count, `Z`, an
// offset such as `+02:00`, or none, which means UTC; a space may stand for the `T`; a date alone is
// its midnight) or milliseconds since 1970 as digits. Error::Kind::Invalid otherwise, naming the
// accepted forms.
[[nodiscard]] HUB_API Result<Timestamp> parseTimestamp(std::string_view text);

}  // namespace hub
