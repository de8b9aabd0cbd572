#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "hub/logger.h"
#include "net/loop_group.h"

namespace hub::net {

class Acceptor;

// Listens on one TCP port with a socket for each loop, among which the kernel spreads what comes.
//
// Whoever comes between construction and `start` waits in the kernel's queue. Driven by one thread.
class Listener {
public:
    // Called on the loop's thread for each accepted connection: a non-blocking descriptor, which
    // the callee owns, and the peer's address.
    using Accepted = std::function<void(Loop& loop, int descriptor, std::string address)>;

    // Binds `address` (an IPv4 or IPv6 literal or `localhost`) and `port` (0: any free one). Throws
    // std::runtime_error with a sentence for the operator. All arguments must outlive it.
    Listener(LoopGroup& loops, const std::string& address, std::uint16_t port, Logger& logger,
             Accepted accepted);
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
    const Accepted accepted_;
    std::uint16_t port_ = 0;
    bool started_ = false;
    std::vector<std::unique_ptr<Acceptor>> acceptors_;  // one for each loop; empty once stopped
};

}  // namespace hub::net
