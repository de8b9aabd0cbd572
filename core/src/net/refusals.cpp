#include "net/refusals.h"

#include <string>
#include <utility>

namespace hub::net {
namespace {

struct Words {
    const char* label;
    const char* sentence;
};

constexpr Words wordsOf(Refusals::Reason reason) noexcept {
    switch (reason) {
        case Refusals::Reason::AddressLinks:
            return {"address_links",
                    "one address has as many open as it may (hub.links_per_address)"};
        case Refusals::Reason::AddressRate:
            return {"address_rate",
                    "one address makes them faster than it may (hub.connects_per_address)"};
        case Refusals::Reason::AddressUnregistered:
            return {"address_unregistered",
                    "one address has as many links without a registered device as it may "
                    "(hub.unregistered_per_address)"};
        case Refusals::Reason::Reserve:
            return {"descriptor_reserve",
                    "the descriptors that are left are kept for the store, the log and REST (raise "
                    "the limit of open files)"};
        case Refusals::Reason::Descriptors:
            return {"descriptors",
                    "no descriptor is left for them (raise the limit of open files)"};
    }
    return {};
}

}  // namespace

Refusals::Reason Refusals::reasonOf(ConnectionLimiter::Limit limit) noexcept {
    switch (limit) {
        case ConnectionLimiter::Limit::AddressConnections:
            return Reason::AddressLinks;
        case ConnectionLimiter::Limit::AddressRate:
            return Reason::AddressRate;
        case ConnectionLimiter::Limit::AddressUnregistered:
            return Reason::AddressUnregistered;
        case ConnectionLimiter::Limit::Connections:
        case ConnectionLimiter::Limit::Links:
            return Reason::Reserve;
    }
    return Reason::Reserve;
}

Refusals::Refusals(Metrics& metrics, Logger& logger) : logger_(logger) {
    for (std::size_t i = 0; i < tallies_.size(); ++i) {
        tallies_[i].counter = &refusalCounter(metrics, wordsOf(static_cast<Reason>(i)).label);
    }
}

void Refusals::add(Reason reason, std::string_view address, SteadyTime now) noexcept {
    Tally& tally = tallies_[static_cast<std::size_t>(reason)];
    tally.counter->add();
    std::uint64_t count = 0;
    {
        const std::lock_guard lock(mutex_);
        ++tally.untold;
        if (now < tally.told_again_at) return;
        tally.told_again_at = now + kLogInterval;
        count = std::exchange(tally.untold, 0);
    }
    std::string line = "refused ";
    line += std::to_string(count);
    line += count == 1 ? " connection, from " : " connections, the last from ";
    line += address;
    line += ": ";
    line += wordsOf(reason).sentence;
    logger_.warning(line);
}

Counter& refusalCounter(Metrics& metrics, std::string_view reason) {
    return metrics.counter("hub_refused_total", "Connections and requests that the hub refused.",
                           {{"reason", std::string(reason)}});
}

}  // namespace hub::net
