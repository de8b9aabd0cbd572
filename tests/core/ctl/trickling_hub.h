#pragma once

#include <Poco/Exception.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Timespan.h>

#include <array>
#include <string>
#include <thread>
#include <utility>

namespace hub::ctl {

// What listens where a hub was expected, answers its one client with `beginning`, and then with
// `piece` after `piece` until the client has gone, or two seconds at most.
class TricklingHub {
public:
    TricklingHub(std::string beginning, std::string piece)
        : thread_([this, text = std::move(beginning), next = std::move(piece)]() mutable {
              try {
                  trickle(std::move(text), next);
              } catch (const Poco::Exception&) {
                  // The client has gone.
              }
          }) {}
    ~TricklingHub() { thread_.join(); }
    TricklingHub(const TricklingHub&) = delete;
    TricklingHub& operator=(const TricklingHub&) = delete;

    [[nodiscard]] std::string url() const {
        return "http://127.0.0.1:" + std::to_string(socket_.address().port());
    }

private:
    void trickle(std::string text, const std::string& piece) {
        constexpr int kPieces = 400;
        const Poco::Timespan pace(5'000);
        Poco::Net::StreamSocket link = socket_.acceptConnection();
        std::array<char, 4096> request{};
        link.receiveBytes(request.data(), request.size());
        for (int sent = 0; sent < kPieces; ++sent) {
            link.sendBytes(text.data(), static_cast<int>(text.size()));
            if (link.poll(pace, Poco::Net::Socket::SELECT_READ)) return;
            text = piece;
        }
    }

    Poco::Net::ServerSocket socket_{Poco::Net::SocketAddress("127.0.0.1", 0)};

    // Behind what it uses.
    std::thread thread_;
};

}  // namespace hub::ctl
