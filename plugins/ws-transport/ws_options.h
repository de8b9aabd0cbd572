#pragma once

#include "hub/options.h"
#include "hub/websocket.h"

#include <span>

namespace hub::ws_transport {

// The keys this transport is configured by.
[[nodiscard]] std::span<const Option> declaredOptions() noexcept;

// What they say: all of it are limits.
[[nodiscard]] WebSocketLimits readLimits(const Options& options);

}  // namespace hub::ws_transport
