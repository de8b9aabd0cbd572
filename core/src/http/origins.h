#pragma once

#include "hub/http.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hub::http {

// The origin in `text` (RFC 6454, 4) as a browser writes it: `scheme://host[:port]` in lower case,
// without the port that http and https imply. Nothing when it is none: a path, a user or a wildcard
// makes it so, and so does a missing host.
[[nodiscard]] std::optional<std::string> originFrom(std::string_view text);

// Whether a page from `origin` asks the host that it came from: `host` as in the field Host. The
// scheme is not compared, since TLS may end at a proxy before the hub.
[[nodiscard]] bool isSameHost(std::string_view origin, std::string_view host);

// Whether that proves a page to be the hub's own: only where `host` is an IP address or
// `localhost`, with any port. Who owns a name can have it lead to the hub after it gave out a page
// (DNS rebinding), so a page under a name must be among the Origins.
[[nodiscard]] bool isOwnPage(std::string_view origin, std::string_view host);

// The origins whose pages may use the hub from within a browser (Fetch standard, 3.2). Constant.
class Origins {
public:
    // Origins, or `*` for all. Throws std::invalid_argument for what is neither.
    explicit Origins(const std::vector<std::string>& allowed);

    // True when what a browser may read depends on who asks.
    [[nodiscard]] bool any() const noexcept { return all_ || !allowed_.empty(); }
    // `origin` as a browser sends it.
    [[nodiscard]] bool allows(std::string_view origin) const noexcept;

private:
    std::vector<std::string> allowed_;
    bool all_ = false;
};

// Whether a page that may not use the hub wants to change something in it: browsers send what a
// form on any page has, only the answer they keep from it.
[[nodiscard]] bool isForeignChange(const HttpRequest& request, const Origins& origins);

// Whether a page that may not use the hub wants to speak another protocol with it: browsers let any
// page open a WebSocket link and read it (RFC 6455, 10.2). A page is who comes from http, https or
// `null`; anything else, such as the `file://` of firmwares, is a program.
[[nodiscard]] bool isForeignUpgrade(const HttpRequest& request, const Origins& origins);

}  // namespace hub::http
