#pragma once

#include "hub/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace hub::ctl {

// Where a hub listens, as a person writes it: `http://127.0.0.1:8000`, `ws://127.0.0.1:8000`.
struct HubUrl {
    std::string host;  // a name, an IPv4 address, or an IPv6 address without brackets
    std::uint16_t port = 0;

    // `127.0.0.1:8000`, `[::1]:8000`: as in a Host header.
    [[nodiscard]] std::string authority() const;
    // `http://127.0.0.1:8000`.
    [[nodiscard]] std::string text() const { return "http://" + authority(); }
};

// Reads `scheme://host[:port]`, port 80 when absent, with the scheme `http` or `ws` (RFC
// 9110, 4.2.1 and RFC 6455, 3), which mean the same: a hub answers both on one port. The error
// names the url and what would be right.
[[nodiscard]] Result<HubUrl> parseHubUrl(std::string_view text);

}  // namespace hub::ctl
