#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace hub::bench {

// Clients that ask for the same thing over and over, each on a connection of its own that is kept,
// each with one request under way.
struct HttpLoad {
    std::uint16_t port = 0;
    std::string target;
    int connections = 8;
    std::chrono::milliseconds duration{3000};
};

struct HttpLoadResult {
    double per_second = 0;
    double p50_ms = 0;
    double p99_ms = 0;
    std::size_t answer_bytes = 0;  // of the last answer, head and body
};

// One thread, epoll, over loopback. Throws std::runtime_error when an answer is not a 200 with a
// Content-Length.
HttpLoadResult runHttpLoad(const HttpLoad& load);

// One such answer, as it came over the wire.
std::string fetch(std::uint16_t port, const std::string& target);

}  // namespace hub::bench
