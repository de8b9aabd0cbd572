#pragma once

#include "ctl/hub_url.h"
#include "hub/result.h"

#include <sys/socket.h>

#include <cstddef>
#include <optional>

namespace hub::ctl::sim {

// An address to connect to.
struct Endpoint {
    sockaddr_storage address{};
    socklen_t length = 0;

    [[nodiscard]] const sockaddr* get() const noexcept {
        return reinterpret_cast<const sockaddr*>(&address);
    }
};

// Looks the host up, which may block for some seconds; prefers IPv4.
[[nodiscard]] Result<Endpoint> resolve(const HubUrl& url);

// The address that device number `device` (from 0 on) connects from, port 0: on the loopback, where
// all of 127.0.0.0/8 is this machine, another one for every 10,000 devices; otherwise the system's
// choice. From one address to one port, Linux gets a hundred times slower at finding a free port
// once half of the range (14,116 by default) is taken.
[[nodiscard]] std::optional<Endpoint> sourceFor(const Endpoint& hub, std::size_t device);

}  // namespace hub::ctl::sim
