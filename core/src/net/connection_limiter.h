#pragma once

#include "hub/time.h"
#include "net/socket_address.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <utility>
#include <variant>

namespace hub::net {

// What the connections of one address (SocketAddress::Network) may be; 0 is no limit.
struct AddressLimits {
    std::size_t connections = 0;          // open at a time
    std::size_t connects_per_second = 0;  // new ones; twice as many may come at once
    std::size_t unregistered = 0;         // open, and their peer has not said who it is
};

// Bounds what one address can take of the hub: connections, and how fast it makes them. An address
// is remembered while it has a connection, and then until its bucket is full again: each admission
// looks at a few of those that wait for that.
//
// Any thread. Must outlive its admissions.
class ConnectionLimiter {
    // The rate is a token bucket, kept as the time at which it is full again: each connection puts
    // that off by the time that one token takes.
    struct Address {
        std::uint32_t connections = 0;
        std::uint32_t unregistered : 31 = 0;
        std::uint32_t waits : 1 = 0;  // in waiting_
        SteadyTime full_at{};
    };
    using Addresses = std::map<SocketAddress::Network, Address>;

public:
    // The place of one connection among those of its address; its end gives the place back.
    // Belongs to the connection. One that was made by default belongs to no address, and is
    // refused nothing.
    class Admission {
    public:
        Admission() = default;
        Admission(Admission&& other) noexcept
            : limiter_(std::exchange(other.limiter_, nullptr)),
              address_(other.address_),
              unregistered_(other.unregistered_) {}
        Admission& operator=(Admission&& other) noexcept {
            std::swap(limiter_, other.limiter_);
            std::swap(address_, other.address_);
            std::swap(unregistered_, other.unregistered_);
            return *this;
        }
        ~Admission();

        // Counts the connection among the unregistered ones until `registered` or its end. False,
        // and not counted, when its address has as many as it may.
        [[nodiscard]] bool beginUnregistered();
        void registered() noexcept;

    private:
        friend class ConnectionLimiter;
        Admission(ConnectionLimiter& limiter, Addresses::iterator address) noexcept
            : limiter_(&limiter), address_(address) {}

        ConnectionLimiter* limiter_ = nullptr;
        Addresses::iterator address_{};
        bool unregistered_ = false;
    };

    // Which limit a connection would have passed.
    enum class Limit : std::uint8_t { Connections, ConnectsPerSecond };

    ConnectionLimiter(const AddressLimits& limits, const Clock& clock);
    ConnectionLimiter(const ConnectionLimiter&) = delete;
    ConnectionLimiter& operator=(const ConnectionLimiter&) = delete;

    // How many seconds' worth of new connections may come at once.
    static constexpr std::chrono::seconds kBurst{2};

    // Judges a connection that has just come. One that is refused counts for nothing.
    [[nodiscard]] std::variant<Admission, Limit> admit(const SocketAddress& peer);

    // Connections that are open now, and all that ever were.
    [[nodiscard]] std::size_t open() const;
    [[nodiscard]] std::uint64_t admitted() const;

    // Addresses that are remembered.
    [[nodiscard]] std::size_t addresses() const;

private:
    void release(Addresses::iterator address, bool unregistered) noexcept;
    void forgetSome(SteadyTime now);

    // Constant after construction.
    const AddressLimits limits_;
    const Clock& clock_;
    const SteadyTime::duration per_connect_;

    // Guarded by mutex_.
    mutable std::mutex mutex_;
    Addresses addresses_;
    std::deque<Addresses::iterator> waiting_;  // to be forgotten
    std::size_t open_ = 0;
    std::uint64_t admitted_ = 0;
};

}  // namespace hub::net
