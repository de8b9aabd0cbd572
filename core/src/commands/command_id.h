#pragma once

#include "hub/time.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace hub::commands {

inline constexpr std::size_t kCommandIdLength = 36;

// A new id for a command: a UUID of version 7 (RFC 9562, 5.7). They sort by the time they were made
// at, to the microsecond. Any thread.
[[nodiscard]] std::string makeCommandId(Timestamp now);

// Whether `text` has the form of one: what else a device acknowledges is no command of a hub.
[[nodiscard]] bool looksLikeCommandId(std::string_view text) noexcept;

}  // namespace hub::commands
