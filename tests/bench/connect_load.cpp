#include "bench/connect_load.h"

#include "bench/loopback.h"
#include "bench/ws_device.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <stdexcept>

namespace hub::bench {

namespace {

using std::chrono::steady_clock;

constexpr std::size_t kOnTheirWay = 256;
constexpr int kPatienceMs = 30'000;

[[noreturn]] void fail(const std::string& what) {
    throw std::runtime_error("connect load: " + what);
}

void sendAll(int fd, const std::string& bytes) {
    if (send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size())) {
        fail("cannot send");
    }
}

}  // namespace

ConnectLoad::ConnectLoad(std::uint16_t port)
    : port_(port),
      registration_(
          frame(R"({"message_type":"registration","device_type":"sensor","msg_id":"up"})")),
      epoll_(epoll_create1(0)) {}

ConnectLoad::~ConnectLoad() {
    for (const Device& device : devices_) close(device.fd);
    close(epoll_);
}

double ConnectLoad::connect(int count) {
    const auto began = steady_clock::now();
    const std::size_t wanted = devices_.size() + static_cast<std::size_t>(count);
    devices_.reserve(wanted);
    std::size_t registered = devices_.size();
    std::array<epoll_event, 256> ready{};
    while (registered < wanted) {
        while (devices_.size() < wanted && devices_.size() - registered < kOnTheirWay) {
            begin(devices_.size());
        }
        const int events = epoll_wait(epoll_, ready.data(), ready.size(), kPatienceMs);
        if (events <= 0) fail("the hub does not answer");
        for (int i = 0; i < events; ++i) {
            Device& device = devices_[ready[static_cast<std::size_t>(i)].data.u32];
            receive(device);
            registered += static_cast<std::size_t>(advance(device));
        }
    }
    return std::chrono::duration<double>(steady_clock::now() - began).count();
}

void ConnectLoad::sendToAll(const std::string& message, std::string_view id) {
    const std::string bytes = frame(message);
    const std::string ack = "\"msg_id\":\"" + std::string(id) + '"';
    for (Device& device : devices_) {
        device.received.clear();
        sendAll(device.fd, bytes);
    }
    for (Device& device : devices_) {
        while (device.received.find(ack) == std::string::npos) receive(device);
    }
}

void ConnectLoad::begin(std::size_t number) {
    Device& device = devices_.emplace_back();
    device.fd = socket(AF_INET, SOCK_STREAM, 0);
    const sockaddr_in source = loopbackAddress(0, static_cast<std::uint32_t>(number) + 1);
    const sockaddr_in hub = loopbackAddress(port_);
    if (bind(device.fd, reinterpret_cast<const sockaddr*>(&source), sizeof source) != 0 ||
        ::connect(device.fd, reinterpret_cast<const sockaddr*>(&hub), sizeof hub) != 0) {
        fail("cannot connect device " + std::to_string(number));
    }
    epoll_event event{.events = EPOLLIN, .data = {.u32 = static_cast<std::uint32_t>(number)}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, device.fd, &event);
    sendAll(device.fd,
            "GET /ws/device-" + std::to_string(number) +
                " HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
}

void ConnectLoad::receive(Device& device) {
    std::array<char, 1024> bytes;
    const ssize_t count = recv(device.fd, bytes.data(), bytes.size(), 0);
    if (count <= 0) fail("the hub closed a link after: " + device.received);
    device.received.append(bytes.data(), static_cast<std::size_t>(count));
}

int ConnectLoad::advance(Device& device) {
    if (device.step == Step::Upgrading && device.received.ends_with("\r\n\r\n")) {
        if (!device.received.starts_with("HTTP/1.1 101")) fail("refused: " + device.received);
        device.step = Step::Registering;
        sendAll(device.fd, registration_);
    } else if (device.step == Step::Registering &&
               device.received.find(WsDevice::kRegistered) != std::string::npos) {
        device.step = Step::Registered;
        device.received = {};
        return 1;
    }
    return 0;
}

}  // namespace hub::bench
