#pragma once

#include "hub/logger.h"
#include "net/loop_group.h"
#include "net/service.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace hub::net {

class Acceptor;

// Listens on one TCP port with a socket for each loop, among which the kernel spreads what comes.
//
// Whoever comes between construction and `start` waits in the kernel's queue. Driven by one thread.
class Listener {
public:
    // Binds `address` (an IPv4 or IPv6 literal or `localhost`) and `port` (0: any free one). Throws
    // std::runtime_error with a sentence for the operator. All arguments must outlive it.
    Listener(LoopGroup& loops, const std::string& address, std::uint16_t port, Logger& logger,
             Service& service);
    // Stops.
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

    // Begins to accept. Once; the loops must be running, or be started before `stop`.
    void start();
    // Returns when nothing is accepted any more and the port is free.
    void stop() noexcept;

private:
    LoopGroup& loops_;
    std::uint16_t port_ = 0;
    bool started_ = false;
    std::atomic<int> spares_missing_{0};
    std::vector<std::unique_ptr<Acceptor>> acceptors_;  // one for each loop; empty once stopped
};

}  // namespace hub::net
