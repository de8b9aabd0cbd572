#include "ws_options.h"

#include <array>

namespace hub::ws_transport {
namespace {

constexpr std::array kOptions{
    Option{.name = "ws.message_limit",
           .type = Option::Type::Bytes,
           .default_value = "64k",
           .meaning = "The longest message a device may send; a longer one closes its link (1009).",
           .min = 1024,
           .max = 16 * 1024 * 1024},
    Option{.name = "ws.queue_limit",
           .type = Option::Type::Bytes,
           .default_value = "256k",
           .meaning =
               "How much may wait for a device that does not read; more closes its link (1013).",
           .min = 4096,
           .max = 64 * 1024 * 1024},
    Option{.name = "ws.first_message",
           .type = Option::Type::Duration,
           .default_value = "10s",
           .meaning = "The time a new link has to register its device, or it is closed (1008).",
           .min = 1,
           .max = 3600},
};

}  // namespace

std::span<const Option> declaredOptions() noexcept { return kOptions; }

WebSocketLimits readLimits(const Options& options) {
    WebSocketLimits limits;
    limits.message_bytes = options.bytes("ws.message_limit");
    limits.queue_bytes = options.bytes("ws.queue_limit");
    limits.first_message = options.duration("ws.first_message");
    return limits;
}

}  // namespace hub::ws_transport
