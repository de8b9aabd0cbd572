#include "ctl/hub_url.h"

#include "net/socket_address.h"

#include <Poco/Exception.h>
#include <Poco/URI.h>

#include <utility>

namespace hub::ctl {

std::string HubUrl::authority() const { return net::authorityOf(host, port); }

Result<HubUrl> parseHubUrl(std::string_view text) {
    const auto refused = [&](const std::string& why) -> Error {
        return {Error::Kind::Invalid,
                '"' + std::string(text) + "\" " + why + ": write http://127.0.0.1:8000"};
    };
    try {
        const Poco::URI uri{std::string(text)};
        const std::string& scheme = uri.getScheme();
        if (scheme == "https" || scheme == "wss") return refused("asks for TLS, not supported yet");
        if (scheme != "http" && scheme != "ws") return refused("does not begin with http://");
        if (uri.getHost().empty()) return refused("names no host");
        if (uri.getPort() == 0) return refused("has no usable port");
        const bool bare = uri.getPath().empty() || uri.getPath() == "/";
        if (!bare || !uri.getRawQuery().empty() || !uri.getFragment().empty() ||
            !uri.getUserInfo().empty()) {
            return refused("has more than a host and a port");
        }
        std::string host = uri.getHost();
        if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
        return HubUrl{std::move(host), uri.getPort()};
    } catch (const Poco::Exception&) {
        return refused("is no url");
    }
}

}  // namespace hub::ctl
