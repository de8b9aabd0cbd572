#pragma once

#include "core/websocket/decoding.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdint>
#include <deque>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace hub::websocket {

// A device's end of a link on a plain blocking socket: it can send what no library would. Waiting
// for something that never comes fails after ten seconds.
class RawClient {
public:
    explicit RawClient(std::uint16_t port, std::string_view path = "/ws/lamp-1",
                       std::string_view more_headers = "", const char* from = "127.0.0.1") {
        connectTo(port, from);
        std::string request = "GET ";
        request += path;
        request +=
            " HTTP/1.1\r\nHost: hub\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        request += more_headers;
        request += "\r\n";
        sendBytes(request);
        readResponse();
    }
    ~RawClient() { ::close(socket_); }
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    // The status line and headers of the answer.
    [[nodiscard]] const std::string& response() const noexcept { return response_; }

    void sendBytes(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (count < 0) throw std::runtime_error("the client cannot send");
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
    }
    void sendText(std::string_view text) { sendBytes(clientFrame(0x81, text)); }
    void sendClose(CloseCode code, std::string_view reason = "") {
        sendBytes(clientFrame(0x88, closePayload(code, reason)));
    }

    // The next message or control frame; nothing when the server has finished sending.
    std::optional<Told> read() {
        while (told_.empty()) {
            char buffer[16 * 1024];
            const ssize_t count = ::recv(socket_, buffer, sizeof(buffer), 0);
            if (count < 0 && errno != ECONNRESET) throw std::runtime_error("nothing came");
            if (count <= 0) return std::nullopt;
            take({buffer, static_cast<std::size_t>(count)});
        }
        Told next = std::move(told_.front());
        told_.pop_front();
        return next;
    }

    // Reads up to the end; the last thing that came.
    std::optional<Told> readToEnd() {
        std::optional<Told> last;
        while (auto next = read()) last = std::move(next);
        return last;
    }

private:
    void connectTo(std::uint16_t port, const char* from) {
        socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
        const timeval patience{10, 0};
        const int on = 1;
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
        ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
        ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        sockaddr_in local{};
        local.sin_family = AF_INET;
        ::inet_pton(AF_INET, from, &local.sin_addr);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::bind(socket_, reinterpret_cast<const sockaddr*>(&local), sizeof(local)) < 0) {
            throw std::runtime_error("the client does not have its address");
        }
        if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) < 0) {
            throw std::runtime_error("the client cannot connect");
        }
    }

    void readResponse() {
        constexpr std::string_view kEnd = "\r\n\r\n";
        char buffer[4096];
        while (response_.find(kEnd) == std::string::npos) {
            const ssize_t count = ::recv(socket_, buffer, sizeof(buffer), 0);
            if (count <= 0) throw std::runtime_error("no answer to the upgrade");
            response_.append(buffer, static_cast<std::size_t>(count));
        }
        const std::size_t end = response_.find(kEnd) + kEnd.size();
        std::string rest = response_.substr(end);
        response_.resize(end);
        take(rest);
    }

    void take(std::string_view bytes) {
        for (Told& told : decode(decoder_, bytes)) told_.push_back(std::move(told));
    }

    int socket_ = -1;
    std::string response_;
    FrameDecoder decoder_{Role::Client, {64 * 1024 * 1024, 1}};
    std::deque<Told> told_;
};

}  // namespace hub::websocket
