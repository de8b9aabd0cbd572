#pragma once

#include <cstddef>

#include "hub/result.h"

namespace hub::sim {

// Allows this process as many open descriptors as the system grants it (the soft RLIMIT_NOFILE is
// raised to the hard one). An error when that is not enough for `devices` sockets.
[[nodiscard]] Result<void> raiseDescriptorLimit(std::size_t devices);

}  // namespace hub::sim
