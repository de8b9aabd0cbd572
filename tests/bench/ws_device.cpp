#include "bench/ws_device.h"

#include "bench/loopback.h"
#include "websocket/frame.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>

namespace hub::bench {

namespace {

constexpr websocket::MaskingKey kKey{0x5a, 0xc3, 0x17, 0x8e};

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error("load: " + what); }

}  // namespace

std::string frame(const std::string& text) {
    std::string bytes;
    websocket::appendFrame(bytes, websocket::Opcode::Text, text, kKey);
    return bytes;
}

std::string statusText(int bytes) {
    const std::string head =
        R"({"message_type":"status","device_type":"sensor","payload":{"temperature":21.5,)"
        R"("humidity":40.25,"battery":87,"pad":")";
    const std::string tail = R"("}})";
    const int padding = bytes - static_cast<int>(head.size() + tail.size());
    return head + std::string(static_cast<std::size_t>(std::max(padding, 0)), 'x') + tail;
}

WsDevice::WsDevice(std::uint16_t port, const std::string& id)
    : connection_(connectToLoopback(port)) {
    sendAll("GET /ws/" + id +
            " HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
    sendAll(frame(R"({"message_type":"registration","device_type":"sensor","msg_id":"up"})"));
}

void WsDevice::waitFor(std::string_view text) {
    while (!has(text)) receive();
}

void WsDevice::send(std::string_view bytes, std::size_t& at) {
    const ssize_t count =
        ::send(descriptor(), bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count > 0) {
        at += static_cast<std::size_t>(count);
    } else if (errno != EAGAIN) {
        fail("the hub closed the link");
    }
}

void WsDevice::sendAll(std::string_view bytes) {
    if (::send(descriptor(), bytes.data(), bytes.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(bytes.size())) {
        fail("cannot send");
    }
}

void WsDevice::receive() {
    char bytes[4096];
    const ssize_t count = recv(descriptor(), bytes, sizeof bytes, 0);
    if (count <= 0) fail("the hub closed the link after: " + received_);
    received_.append(bytes, static_cast<std::size_t>(count));
    if (has("\"error\"")) fail(received_);
}

}  // namespace hub::bench
