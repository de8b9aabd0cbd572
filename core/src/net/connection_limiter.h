#pragma once

#include "hub/time.h"
#include "net/socket_address.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <variant>

namespace hub::net {

// What the connections of one address (SocketAddress::Network) may be; 0 is no limit.
struct AddressLimits {
    std::size_t connections = 0;          // open at a time
    std::size_t connects_per_second = 0;  // new ones; twice as many may come at once
    std::size_t unregistered = 0;         // links whose peer has not said who it is
};

// What all connections together may be, so that they leave descriptors to what else needs some; 0
// is no limit.
struct TotalLimits {
    std::size_t connections = 0;  // open at a time
    std::size_t links = 0;        // of these
};

// Bounds what is taken of the hub by one address, and by all together: connections, and how fast
// they are made. An address is remembered while it has a connection, and then until its bucket is
// full again: each admission looks at a few of those that wait for that.
//
// A connection that stays for as long as its peer likes, as that of a device, is a *link*.
//
// Any thread. Must outlive its admissions.
class ConnectionLimiter {
public:
    // Which limit would have been passed.
    enum class Limit : std::uint8_t {
        AddressConnections,
        AddressRate,
        AddressUnregistered,
        Connections,
        Links,
    };

private:
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
              standing_(other.standing_) {}
        Admission& operator=(Admission&& other) noexcept {
            std::swap(limiter_, other.limiter_);
            std::swap(address_, other.address_);
            std::swap(standing_, other.standing_);
            return *this;
        }
        ~Admission();

        // Counts the connection among the links until its end, and among the unregistered ones
        // until `registered`. It is not, and stays what it was, when that would pass the limit
        // that is returned.
        [[nodiscard]] std::optional<Limit> becomeLink();
        void registered() noexcept;
        // No link has come of it: it is a connection like any other.
        void leaveLinks() noexcept;

    private:
        friend class ConnectionLimiter;
        enum class Standing : std::uint8_t { NoLink, Unregistered, Registered };

        Admission(ConnectionLimiter& limiter, Addresses::iterator address) noexcept
            : limiter_(&limiter), address_(address) {}

        ConnectionLimiter* limiter_ = nullptr;
        Addresses::iterator address_{};
        Standing standing_ = Standing::NoLink;
    };

    ConnectionLimiter(const AddressLimits& of_address, const TotalLimits& of_all,
                      const Clock& clock);
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
    void release(Addresses::iterator address, Admission::Standing standing) noexcept;
    void forgetSome(SteadyTime now);

    // Constant after construction.
    const AddressLimits of_address_;
    const TotalLimits of_all_;
    const Clock& clock_;
    const SteadyTime::duration per_connect_;

    // Guarded by mutex_.
    mutable std::mutex mutex_;
    Addresses addresses_;
    std::deque<Addresses::iterator> waiting_;  // to be forgotten
    std::size_t open_ = 0;
    std::size_t links_ = 0;  // of these
    std::uint64_t admitted_ = 0;
};

}  // namespace hub::net
