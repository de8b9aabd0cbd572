#pragma once

#include "net/descriptor.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cstdint>
#include <stdexcept>
#include <string>

namespace hub::bench {

// 127.0.0.1, or the address that lies so many behind it.
inline sockaddr_in loopbackAddress(std::uint16_t port, std::uint32_t host = 0) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + host);
    return address;
}

// A blocking connection that sends small writes at once. Throws std::runtime_error.
inline net::Descriptor connectToLoopback(std::uint16_t port) {
    net::Descriptor connection(socket(AF_INET, SOCK_STREAM, 0));
    const sockaddr_in address = loopbackAddress(port);
    if (connect(connection.value(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
        0) {
        throw std::runtime_error("load: cannot connect to port " + std::to_string(port));
    }
    const int on = 1;
    setsockopt(connection.value(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return connection;
}

}  // namespace hub::bench
