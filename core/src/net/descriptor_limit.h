#pragma once

#include "net/connection_limiter.h"

#include <cstddef>

namespace hub::net {

// Allows this process as many open descriptors as the system grants it (the soft RLIMIT_NOFILE is
// raised to the hard one): the usual soft limit of 1024 protects only users of select(2). Returns
// how many that are.
std::size_t raiseDescriptorLimit() noexcept;

// How many this process may have open now (the soft limit).
[[nodiscard]] std::size_t descriptorLimit() noexcept;

// How many connections fit into so many descriptors. Those for files come first: the store's, of
// which each of `threads` may read through a connection of its own, the log, what plugins open.
// Then some for requests, so that links cannot have all the rest.
[[nodiscard]] TotalLimits connectionsWithin(std::size_t descriptors, std::size_t threads) noexcept;

}  // namespace hub::net
