#pragma once

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>

#include <cstdint>

namespace hub::ctl::sim {

// A port of the loopback that refuses connections, and that nobody else can take meanwhile.
class ClosedPort {
public:
    // Bound, and never made to listen.
    ClosedPort() { socket_.bind(Poco::Net::SocketAddress("127.0.0.1", 0)); }

    [[nodiscard]] std::uint16_t number() const { return socket_.address().port(); }

private:
    Poco::Net::ServerSocket socket_;
};

}  // namespace hub::ctl::sim
