#include "ctl/sim/hub_url.h"

#include "net/socket_address.h"

#include <Poco/Exception.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/URI.h>
#include <netinet/in.h>

#include <cstring>
#include <utility>

namespace hub::ctl::sim {

namespace {

Error badUrl(std::string_view text, std::string_view why) {
    std::string message(1, '"');
    message.append(text).append("\" ").append(why).append(": write ws://127.0.0.1:8000");
    return {Error::Kind::Invalid, std::move(message)};
}

}  // namespace

std::string HubUrl::authority() const { return net::authorityOf(host, port); }

Result<HubUrl> parseHubUrl(std::string_view text) {
    try {
        const Poco::URI uri{std::string(text)};
        if (uri.getScheme() == "wss") return badUrl(text, "asks for TLS, not supported yet");
        if (uri.getScheme() != "ws") return badUrl(text, "does not begin with ws://");
        if (uri.getHost().empty()) return badUrl(text, "names no host");
        if (uri.getPort() == 0) return badUrl(text, "has no usable port");
        const bool bare = uri.getPath().empty() || uri.getPath() == "/";
        if (!bare || !uri.getRawQuery().empty() || !uri.getFragment().empty() ||
            !uri.getUserInfo().empty()) {
            return badUrl(text, "has more than a host and a port");
        }
        std::string host = uri.getHost();
        if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
        return HubUrl{std::move(host), uri.getPort()};
    } catch (const Poco::Exception&) {
        return badUrl(text, "is no url");
    }
}

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
