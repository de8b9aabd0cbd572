#pragma once

#include "hub/http.h"
#include "net/connection.h"

#include <memory>
#include <string>
#include <variant>

namespace hub::http {

// What an accepted upgrade answers: the whole head of the 101 response, and what is spoken after.
struct Upgrade {
    std::string response_head;
    std::unique_ptr<net::Protocol> protocol;
};

// Switches a connection away from HTTP (RFC 9110, 7.8). Mounted on a path at the front door, which
// calls it on the connection's I/O thread for every request that carries an `Upgrade` header there.
class UpgradeHandler {
public:
    virtual ~UpgradeHandler() = default;

    // The upgrade, or the response that refuses it (the connection then goes on with HTTP).
    virtual std::variant<Upgrade, HttpResponse> upgrade(const HttpRequest& request,
                                                        net::Connection& connection) = 0;
};

}  // namespace hub::http
