#pragma once

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <stdexcept>
#include <string>

namespace hub::fakes {

// A datagram socket somebody writes to, such as that of a service manager or of the journal.
class DatagramReceiver {
public:
    // `@` at the beginning of the path is an abstract name.
    explicit DatagramReceiver(const std::string& path)
        : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, path.data(), path.size());
        if (path[0] == '@') {
            address.sun_path[0] = '\0';
        }
        const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
        if (::bind(socket_, reinterpret_cast<const sockaddr*>(&address), length) != 0) {
            throw std::runtime_error("cannot listen at " + path);
        }
    }

    ~DatagramReceiver() { ::close(socket_); }
    DatagramReceiver(const DatagramReceiver&) = delete;
    DatagramReceiver& operator=(const DatagramReceiver&) = delete;

    // The next datagram that has arrived; "" when there is none.
    [[nodiscard]] std::string next() const {
        std::array<char, 8192> bytes{};
        const auto count = ::recv(socket_, bytes.data(), bytes.size(), 0);
        return count > 0 ? std::string(bytes.data(), static_cast<std::size_t>(count)) : "";
    }

private:
    const int socket_;
};

}  // namespace hub::fakes
