#pragma once

#include "hub/time.h"

#include <algorithm>
#include <chrono>

namespace hub::sqlite_store {

// The times that formatTimestamp can show, and so all that are stored: the years 0000 to 9999.
inline constexpr Timestamp kFirstTime{std::chrono::sys_days{std::chrono::year{0} / 1 / 1}};
inline constexpr Timestamp kLastTime{std::chrono::sys_days{std::chrono::year{10'000} / 1 / 1} -
                                     std::chrono::microseconds(1)};

// `time`, or the nearest that can be stored. Of those no sum or difference with another one
// overflows, whatever a plugin says or another program has written into the file.
[[nodiscard]] constexpr Timestamp storable(Timestamp time) noexcept {
    return std::clamp(time, kFirstTime, kLastTime);
}

}  // namespace hub::sqlite_store
