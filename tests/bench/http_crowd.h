#pragma once

#include "net/descriptor.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hub::bench {

// Clients that hold a connection each and ask for nothing: some have sent half a request, the
// others have had an answer and keep the connection. Throws std::runtime_error when one cannot.
class HttpCrowd {
public:
    HttpCrowd(std::uint16_t port, int half, int idle);

    // How many of them the server has not closed yet.
    [[nodiscard]] std::size_t count() const;

private:
    std::vector<net::Descriptor> connections_;
};

}  // namespace hub::bench
