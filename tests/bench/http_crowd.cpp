#include "bench/http_crowd.h"

#include "bench/loopback.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <string>
#include <string_view>

namespace hub::bench {

namespace {

constexpr std::string_view kRequest = "GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

net::Descriptor clientThatSent(std::uint16_t port, std::string_view bytes) {
    net::Descriptor client = connectToLoopback(port);
    if (send(client.value(), bytes.data(), bytes.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(bytes.size())) {
        throw std::runtime_error("http crowd: cannot send");
    }
    return client;
}

// Reads an answer, whose body is a JSON object without another one in it.
void readAnswer(const net::Descriptor& client) {
    std::string answer;
    std::array<char, 1024> bytes;
    while (!answer.ends_with('}')) {
        const ssize_t count = recv(client.value(), bytes.data(), bytes.size(), 0);
        if (count <= 0) throw std::runtime_error("http crowd: closed after: " + answer);
        answer.append(bytes.data(), static_cast<std::size_t>(count));
    }
}

}  // namespace

HttpCrowd::HttpCrowd(std::uint16_t port, int half, int idle) {
    for (int i = 0; i < idle; ++i) {
        connections_.push_back(clientThatSent(port, kRequest));
        readAnswer(connections_.back());
    }
    for (int i = 0; i < half; ++i) {
        connections_.push_back(clientThatSent(port, kRequest.substr(0, kRequest.size() / 2)));
    }
}

std::size_t HttpCrowd::count() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(connections_, [](const net::Descriptor& one) {
            char byte = 0;
            return recv(one.value(), &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
        }));
}

}  // namespace hub::bench
