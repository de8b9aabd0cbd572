#pragma once

#include <cstdint>
#include <string>
#include <thread>

namespace hub::bench {

// What the kernel and one thread allow here and now: answers every read of a socket with the same
// bytes, without looking at what was asked. One thread, epoll, loopback.
class HttpLimit {
public:
    explicit HttpLimit(std::string answer);
    ~HttpLimit();
    HttpLimit(const HttpLimit&) = delete;
    HttpLimit& operator=(const HttpLimit&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }

private:
    void serve() const;

    const std::string answer_;
    int listener_;
    int stop_;  // an eventfd
    std::uint16_t port_ = 0;
    std::thread thread_;
};

}  // namespace hub::bench
