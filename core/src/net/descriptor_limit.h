#pragma once

#include <cstddef>

namespace hub::net {

// Allows this process as many open descriptors as the system grants it (the soft RLIMIT_NOFILE is
// raised to the hard one): the usual soft limit of 1024 protects only users of select(2). Returns
// how many that are.
std::size_t raiseDescriptorLimit() noexcept;

// How many this process may have open now (the soft limit).
[[nodiscard]] std::size_t descriptorLimit() noexcept;

}  // namespace hub::net
