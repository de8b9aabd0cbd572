#include "bench/ws_load.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "websocket/frame.h"

namespace hub::bench {

namespace {

using std::chrono::steady_clock;

constexpr websocket::MaskingKey kKey{0x5a, 0xc3, 0x17, 0x8e};
// Frames in one send: about 40 KiB, so that the generator costs little beside the hub.
constexpr int kFramesPerSend = 256;

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error("load: " + what); }

double secondsSince(steady_clock::time_point begin) {
    return std::chrono::duration<double>(steady_clock::now() - begin).count();
}

std::string frame(const std::string& text) {
    std::string bytes;
    websocket::appendFrame(bytes, websocket::Opcode::Text, text, kKey);
    return bytes;
}

// One device: a socket, and how far it is.
class Device {
public:
    Device(std::uint16_t port, const std::string& id) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
            fail("cannot connect to port " + std::to_string(port));
        }
        const int on = 1;
        setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        sendAll("GET /ws/" + id +
                " HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
        sendAll(frame(R"({"message_type":"registration","device_type":"sensor","msg_id":"up"})"));
    }
    ~Device() {
        if (fd_ >= 0) close(fd_);
    }
    Device(Device&& other) noexcept
        : fd_(std::exchange(other.fd_, -1)), received_(std::move(other.received_)) {}
    Device& operator=(Device&&) = delete;

    // Blocks until the hub has sent `text`.
    void waitFor(std::string_view text) {
        while (!has(text)) receive(0);
    }
    // True once the hub has sent `text`; reads what is there.
    bool received(std::string_view text) {
        receive(MSG_DONTWAIT);
        return has(text);
    }
    void send(std::string_view bytes, std::size_t& at) {
        const ssize_t count =
            ::send(fd_, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count > 0) {
            at += static_cast<std::size_t>(count);
        } else if (errno != EAGAIN) {
            fail("the hub closed the link");
        }
    }
    [[nodiscard]] int descriptor() const { return fd_; }

private:
    void sendAll(const std::string& bytes) {
        if (::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) !=
            static_cast<ssize_t>(bytes.size())) {
            fail("cannot send");
        }
    }
    void receive(int flags) {
        char bytes[4096];
        const ssize_t count = recv(fd_, bytes, sizeof bytes, flags);
        if (count > 0) {
            received_.append(bytes, static_cast<std::size_t>(count));
        } else if (count == 0 || errno != EAGAIN) {
            fail("the hub closed the link after: " + received_);
        }
        if (received_.find("\"error\"") != std::string::npos) fail(received_);
    }
    [[nodiscard]] bool has(std::string_view text) const {
        return received_.find(text) != std::string::npos;
    }

    int fd_;
    std::string received_;
};

// Sends each device's part while its socket takes it.
void sendStatuses(std::vector<Device>& devices, const WsLoad& load) {
    const std::string one = frame(statusText(load.text_bytes));
    std::string many;
    for (int i = 0; i < std::min(kFramesPerSend, load.messages); ++i) many += one;
    const std::string last = frame(R"({"message_type":"heartbeat","msg_id":"end"})");
    const std::size_t total = one.size() * static_cast<std::size_t>(load.messages);

    std::vector<std::size_t> sent(devices.size(), 0);
    std::vector<pollfd> writable;
    for (const Device& device : devices) writable.push_back({device.descriptor(), POLLOUT, 0});
    for (std::size_t unfinished = devices.size(); unfinished > 0;) {
        if (poll(writable.data(), writable.size(), 60'000) <= 0) fail("the hub takes nothing");
        for (std::size_t i = 0; i < devices.size(); ++i) {
            if (writable[i].fd < 0 || !(writable[i].revents & POLLOUT)) continue;
            if (sent[i] < total) {
                const std::size_t offset = sent[i] % many.size();
                std::size_t at = offset;
                const std::size_t end = std::min(many.size(), offset + (total - sent[i]));
                devices[i].send(std::string_view(many).substr(0, end), at);
                sent[i] += at - offset;
            } else {
                std::size_t at = sent[i] - total;
                devices[i].send(last, at);
                sent[i] = total + at;
                if (at == last.size()) {
                    writable[i].fd = -1;
                    --unfinished;
                }
            }
        }
    }
}

}  // namespace

std::string statusText(int bytes) {
    const std::string head =
        R"({"message_type":"status","device_type":"sensor","payload":{"temperature":21.5,)"
        R"("humidity":40.25,"battery":87,"pad":")";
    const std::string tail = R"("}})";
    const int padding = bytes - static_cast<int>(head.size() + tail.size());
    return head + std::string(static_cast<std::size_t>(std::max(padding, 0)), 'x') + tail;
}

WsLoadResult runWsLoad(const WsLoad& load) {
    WsLoadResult result;
    auto begin = steady_clock::now();
    std::vector<Device> devices;
    devices.reserve(static_cast<std::size_t>(load.devices));
    for (int i = 0; i < load.devices; ++i) {
        devices.emplace_back(load.port, "bench-" + std::to_string(i));
    }
    for (Device& device : devices) device.waitFor(R"("msg_id":"up")");
    result.connect_seconds = secondsSince(begin);

    begin = steady_clock::now();
    sendStatuses(devices, load);
    for (Device& device : devices) device.waitFor(R"("msg_id":"end")");
    result.seconds = secondsSince(begin);
    return result;
}

}  // namespace hub::bench
