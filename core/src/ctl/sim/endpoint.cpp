#include "ctl/sim/endpoint.h"

#include <Poco/Exception.h>
#include <Poco/Net/SocketAddress.h>

#include <netinet/in.h>

#include <cstdint>
#include <cstring>

namespace hub::ctl::sim {

Result<Endpoint> resolve(const HubUrl& url) {
    try {
        const Poco::Net::SocketAddress address(url.host, url.port);
        Endpoint endpoint;
        std::memcpy(&endpoint.address, address.addr(), address.length());
        endpoint.length = address.length();
        return endpoint;
    } catch (const Poco::Exception& error) {
        return Error{Error::Kind::Unavailable,
                     "cannot find the host \"" + url.host + "\": " + error.displayText()};
    }
}

std::optional<Endpoint> sourceFor(const Endpoint& hub, std::size_t device) {
    constexpr std::size_t kDevicesPerAddress = 10'000;
    constexpr std::uint32_t kFirstByte = 0xFF00'0000;

    sockaddr_in address{};
    if (hub.address.ss_family != AF_INET) return std::nullopt;
    std::memcpy(&address, &hub.address, sizeof address);
    if ((ntohl(address.sin_addr.s_addr) & kFirstByte) != (INADDR_LOOPBACK & kFirstByte)) {
        return std::nullopt;
    }
    address.sin_port = 0;
    address.sin_addr.s_addr =
        htonl(static_cast<std::uint32_t>(INADDR_LOOPBACK + device / kDevicesPerAddress));
    Endpoint source;
    std::memcpy(&source.address, &address, sizeof address);
    source.length = sizeof address;
    return source;
}

}  // namespace hub::ctl::sim
