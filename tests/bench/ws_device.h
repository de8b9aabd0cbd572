#pragma once

#include "net/descriptor.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hub::bench {

// One masked text frame (RFC 6455, 5.2).
std::string frame(const std::string& text);

// A status document of `bytes` bytes (at least 120), as a sensor sends it.
std::string statusText(int bytes);

// One device: a socket on the loopback. Everything throws std::runtime_error when the link fails or
// the hub answers with an error.
class WsDevice {
public:
    // Connects and asks for registration, whose acknowledgement will be `kRegistered`.
    WsDevice(std::uint16_t port, const std::string& id);

    static constexpr std::string_view kRegistered = R"("msg_id":"up")";

    // Blocks until the hub has sent `text`, at any time since the link began.
    void waitFor(std::string_view text);

    // Sends what the socket takes of `bytes` from `at` on, and moves `at`.
    void send(std::string_view bytes, std::size_t& at);

    // Sends all of `bytes`, which must find room.
    void sendAll(std::string_view bytes);

    [[nodiscard]] int descriptor() const { return connection_.value(); }

private:
    void receive();
    [[nodiscard]] bool has(std::string_view text) const {
        return received_.find(text) != std::string::npos;
    }

    net::Descriptor connection_;
    std::string received_;
};

}  // namespace hub::bench
