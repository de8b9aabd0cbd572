#pragma once

#include "hub/logger.h"
#include "hub/metrics.h"
#include "hub/time.h"
#include "net/connection_limiter.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string_view>

namespace hub::net {

// Whom the hub turned away, and why: counted as `hub_refused_total`, and told in the log, for each
// reason at once and then once a minute. Any thread.
class Refusals {
public:
    enum class Reason : std::uint8_t {
        AddressLinks,         // AddressLimits::connections
        AddressRate,          // AddressLimits::connects_per_second
        AddressUnregistered,  // AddressLimits::unregistered
        Reserve,              // TotalLimits: what is left is for others
        Descriptors,          // the process may open no more
    };
    [[nodiscard]] static Reason reasonOf(ConnectionLimiter::Limit limit) noexcept;

    // Both must outlive it.
    Refusals(Metrics& metrics, Logger& logger);

    // `address` is the peer's, for people.
    void add(Reason reason, std::string_view address, SteadyTime now) noexcept;

    static constexpr std::chrono::minutes kLogInterval{1};

private:
    struct Tally {
        Counter* counter = nullptr;  // constant after construction
        // Guarded by mutex_.
        std::uint64_t untold = 0;
        SteadyTime told_again_at{};
    };

    Logger& logger_;
    std::mutex mutex_;
    std::array<Tally, 5> tallies_;  // by reason
};

// The counter of what is refused for this reason: of a connection, as above, or of a request.
[[nodiscard]] Counter& refusalCounter(Metrics& metrics, std::string_view reason);

}  // namespace hub::net
