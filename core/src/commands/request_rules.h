#pragma once

#include "hub/commands.h"
#include "hub/result.h"

#include <cstdint>

namespace hub::commands {

// Whether a request keeps the rules of CommandRequest; Invalid says which one it breaks.
[[nodiscard]] Result<void> check(const CommandRequest& request);

// The same for equal requests, whatever their keys, in every run and on every machine; for others
// most likely another: tells a repeat from a misuse of its key. 64-bit FNV-1a.
[[nodiscard]] std::uint64_t digestOf(const CommandRequest& request) noexcept;

}  // namespace hub::commands
