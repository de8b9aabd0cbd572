#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "hub/options.h"
#include "hub/websocket.h"

namespace hub::ws_transport {

// The configuration of this transport.
struct WsOptions {
    WebSocketLimits limits;
    std::chrono::milliseconds timeout{};  // after which a silent device is offline
    std::map<std::string, std::chrono::milliseconds, std::less<>> timeouts;  // by device type

    [[nodiscard]] std::chrono::milliseconds timeoutOf(std::string_view device_type) const;
};

// The keys it is read from.
[[nodiscard]] std::span<const Option> declaredOptions() noexcept;

// Throws std::invalid_argument, naming the key, for what cannot be.
[[nodiscard]] WsOptions readOptions(const Options& options);

}  // namespace hub::ws_transport
