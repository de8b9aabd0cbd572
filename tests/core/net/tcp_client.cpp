#include "core/net/tcp_client.h"

#include "net/socket_address.h"

#include <gtest/gtest.h>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace hub::net {
namespace {

Descriptor connected(std::uint16_t port, const char* from) {
    const auto local = SocketAddress::parse(from, 0);
    const auto address = SocketAddress::parse("127.0.0.1", port);
    Descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    EXPECT_EQ(::bind(socket.value(), local->get(), local->size()), 0) << std::strerror(errno);
    EXPECT_EQ(::connect(socket.value(), address->get(), address->size()), 0)
        << std::strerror(errno);
    return socket;
}

// What TcpPair's client connects to.
Descriptor listening() {
    const auto address = SocketAddress::parse("127.0.0.1", 0);
    Descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    EXPECT_EQ(::bind(socket.value(), address->get(), address->size()), 0);
    EXPECT_EQ(::listen(socket.value(), 1), 0);
    return socket;
}

}  // namespace

TcpClient::TcpClient(std::uint16_t port, const char* from) : TcpClient(connected(port, from)) {}

TcpClient::TcpClient(Descriptor socket) : socket_(std::move(socket)) {
    const timeval limit{20, 0};
    ::setsockopt(socket_.value(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(socket_.value(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

void TcpClient::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::send(socket_.value(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        ASSERT_GT(count, 0) << std::strerror(errno);
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
}

// False at the peer's FIN.
bool TcpClient::fill() {
    std::array<char, 64 * 1024> buffer;
    const ssize_t count = ::recv(socket_.value(), buffer.data(), buffer.size(), 0);
    EXPECT_GE(count, 0) << "receiving: " << std::strerror(errno);
    if (count <= 0) return false;
    received_.append(buffer.data(), static_cast<std::size_t>(count));
    return true;
}

std::string TcpClient::receive(std::size_t count) {
    while (received_.size() < count && fill()) {
    }
    std::string bytes = received_.substr(0, count);
    received_.erase(0, bytes.size());
    return bytes;
}

std::string TcpClient::receiveUntil(std::string_view end) {
    std::size_t at = received_.find(end);
    while (at == std::string::npos) {
        if (!fill()) {
            ADD_FAILURE() << "the peer finished before '" << end << "', after '" << received_
                          << "'";
            return std::exchange(received_, {});
        }
        at = received_.find(end);
    }
    return receive(at + end.size());
}

std::string TcpClient::receiveAll() {
    while (fill()) {
    }
    return std::exchange(received_, {});
}

void TcpClient::finish() { ::shutdown(socket_.value(), SHUT_WR); }

void TcpClient::reset() {
    const linger now{1, 0};
    ::setsockopt(socket_.value(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close();
}

void TcpClient::close() { socket_ = Descriptor{}; }

void TcpClient::awaitReset() {
    ::send(socket_.value(), "x", 1, MSG_NOSIGNAL);
    pollfd watched{socket_.value(), 0, 0};
    ASSERT_EQ(::poll(&watched, 1, 20'000), 1) << "the peer did not reset the connection";
    EXPECT_NE(watched.revents & (POLLERR | POLLHUP), 0);
}

TcpPair::TcpPair() : TcpPair(listening()) {}

TcpPair::TcpPair(const Descriptor& listener)
    : client(SocketAddress::ofSocket(listener.value()).port()),
      server(::accept4(listener.value(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) {}

}  // namespace hub::net
