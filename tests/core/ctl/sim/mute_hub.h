#pragma once

#include "websocket/frame_decoder.h"
#include "websocket/handshake.h"

#include <Poco/Exception.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace hub::ctl::sim {

// A hub on a free port of the loopback that lets a device in and then never says a word. Until
// `acceptOne` it does not even answer the handshake.
class MuteHub {
public:
    MuteHub() = default;
    MuteHub(const MuteHub&) = delete;
    MuteHub& operator=(const MuteHub&) = delete;
    ~MuteHub() {
        if (thread_.joinable()) thread_.join();
    }

    [[nodiscard]] std::uint16_t port() const { return socket_.address().port(); }

    // Accepts one link, in the background.
    void acceptOne() {
        thread_ = std::thread([this] {
            Poco::Net::StreamSocket link = socket_.acceptConnection();
            const std::string request = receiveUntil(link, "\r\n\r\n");
            const std::size_t at = request.find("Sec-WebSocket-Key: ") + 19;
            const std::string answer =
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                "Sec-WebSocket-Accept: " +
                websocket::acceptKey(request.substr(at, request.find('\r', at) - at)) + "\r\n\r\n";
            link.sendBytes(answer.data(), static_cast<int>(answer.size()));
            heard_ = receiveUntil(link, "");
        });
    }

    // The kinds of frames the link brought until its end.
    [[nodiscard]] std::vector<websocket::Decoded::Kind> heard() {
        thread_.join();
        websocket::FrameDecoder decoder(websocket::Role::Server,
                                        {.message_bytes = 4096, .fragments = 1});
        std::vector<websocket::Decoded::Kind> kinds;
        std::span<char> bytes(heard_);
        while (true) {
            kinds.push_back(decoder.next(bytes).kind);
            if (kinds.back() == websocket::Decoded::Kind::Nothing) break;
        }
        kinds.pop_back();
        return kinds;
    }

private:
    // Without an `end`: until the peer has gone.
    static std::string receiveUntil(Poco::Net::StreamSocket& link, std::string_view end) {
        std::string text;
        std::array<char, 4096> buffer{};
        try {
            while (end.empty() || text.find(end) == std::string::npos) {
                const int count = link.receiveBytes(buffer.data(), buffer.size());
                if (count <= 0) break;
                text.append(buffer.data(), static_cast<std::size_t>(count));
            }
        } catch (const Poco::Exception&) {
            // A reset is an end, too.
        }
        return text;
    }

    Poco::Net::ServerSocket socket_{Poco::Net::SocketAddress("127.0.0.1", 0)};
    std::thread thread_;
    std::string heard_;
};

}  // namespace hub::ctl::sim
