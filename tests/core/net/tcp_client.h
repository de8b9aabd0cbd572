#pragma once

#include "net/descriptor.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hub::net {

// A blocking TCP client for tests. Every wait has a deadline, after which the test fails.
class TcpClient {
public:
    // To 127.0.0.1, perhaps from another address of the machine.
    explicit TcpClient(std::uint16_t port, const char* from = "127.0.0.1");
    explicit TcpClient(Descriptor socket);

    void send(std::string_view bytes);
    // As many bytes as that, or fewer when the peer finishes before.
    std::string receive(std::size_t count);
    // Up to and with `end`; nothing behind it is lost.
    std::string receiveUntil(std::string_view end);
    // All until the peer's FIN; a reset is a failure.
    std::string receiveAll();

    // Sends FIN; the peer may still be read.
    void finish();
    // Closes with RST.
    void reset();
    void close();
    // Waits until the peer has reset the connection, which `byte` provokes when its socket is gone.
    void awaitReset();

    [[nodiscard]] int descriptor() const noexcept { return socket_.value(); }

private:
    bool fill();

    Descriptor socket_;
    std::string received_;
};

// Both ends of a TCP connection over loopback.
struct TcpPair {
    TcpPair();

    TcpClient client;
    Descriptor server;  // non-blocking

private:
    explicit TcpPair(const Descriptor& listener);
};

}  // namespace hub::net
