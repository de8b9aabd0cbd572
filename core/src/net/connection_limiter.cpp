#include "net/connection_limiter.h"

#include <algorithm>

namespace hub::net {
namespace {

// More than the one that an admission may add, so that the queue shrinks.
constexpr int kLooks = 2;

SteadyTime::duration timeOfOne(std::size_t per_second) {
    if (per_second == 0) return {};
    return std::chrono::nanoseconds(std::chrono::seconds{1}) /
           static_cast<std::int64_t>(per_second);
}

// Whether one more would pass the limit.
bool isReached(std::size_t limit, std::size_t count) { return limit > 0 && count >= limit; }

}  // namespace

ConnectionLimiter::Admission::~Admission() {
    if (limiter_ != nullptr) limiter_->release(address_, standing_);
}

std::optional<ConnectionLimiter::Limit> ConnectionLimiter::Admission::becomeLink() {
    if (limiter_ == nullptr || standing_ != Standing::NoLink) return std::nullopt;
    const std::lock_guard lock(limiter_->mutex_);
    Address& address = address_->second;
    if (isReached(limiter_->of_all_.links, limiter_->links_)) return Limit::Links;
    if (isReached(limiter_->of_address_.unregistered, address.unregistered)) {
        return Limit::AddressUnregistered;
    }
    ++address.unregistered;
    ++limiter_->links_;
    standing_ = Standing::Unregistered;
    return std::nullopt;
}

void ConnectionLimiter::Admission::registered() noexcept {
    if (standing_ != Standing::Unregistered) return;
    standing_ = Standing::Registered;
    const std::lock_guard lock(limiter_->mutex_);
    --address_->second.unregistered;
}

void ConnectionLimiter::Admission::leaveLinks() noexcept {
    const Standing left = std::exchange(standing_, Standing::NoLink);
    if (left == Standing::NoLink) return;
    const std::lock_guard lock(limiter_->mutex_);
    --limiter_->links_;
    if (left == Standing::Unregistered) --address_->second.unregistered;
}

ConnectionLimiter::ConnectionLimiter(const AddressLimits& of_address, const TotalLimits& of_all,
                                     const Clock& clock)
    : of_address_(of_address),
      of_all_(of_all),
      clock_(clock),
      per_connect_(timeOfOne(of_address.connects_per_second)) {}

std::variant<ConnectionLimiter::Admission, ConnectionLimiter::Limit> ConnectionLimiter::admit(
    const SocketAddress& peer) {
    const SteadyTime now = clock_.steady();
    const std::lock_guard lock(mutex_);
    forgetSome(now);
    if (isReached(of_all_.connections, open_)) return Limit::Connections;
    const auto entry = addresses_.try_emplace(peer.network()).first;
    Address& address = entry->second;
    // A new address passes neither limit, so none is remembered for a refusal.
    if (isReached(of_address_.connections, address.connections)) return Limit::AddressConnections;
    const SteadyTime full_at = std::max(address.full_at, now) + per_connect_;
    if (full_at > now + kBurst) return Limit::AddressRate;
    address.full_at = full_at;
    ++address.connections;
    ++open_;
    ++admitted_;
    return Admission(*this, entry);
}

std::size_t ConnectionLimiter::open() const {
    const std::lock_guard lock(mutex_);
    return open_;
}

std::uint64_t ConnectionLimiter::admitted() const {
    const std::lock_guard lock(mutex_);
    return admitted_;
}

std::size_t ConnectionLimiter::addresses() const {
    const std::lock_guard lock(mutex_);
    return addresses_.size();
}

void ConnectionLimiter::release(Addresses::iterator address,
                                Admission::Standing standing) noexcept {
    const SteadyTime now = clock_.steady();
    const std::lock_guard lock(mutex_);
    Address& of = address->second;
    if (standing != Admission::Standing::NoLink) --links_;
    if (standing == Admission::Standing::Unregistered) --of.unregistered;
    --of.connections;
    --open_;
    if (of.connections > 0 || of.waits != 0) return;
    if (of.full_at <= now) {
        addresses_.erase(address);
    } else {
        of.waits = 1;
        waiting_.push_back(address);
    }
}

void ConnectionLimiter::forgetSome(SteadyTime now) {
    for (int look = 0; look < kLooks && !waiting_.empty(); ++look) {
        const auto address = waiting_.front();
        waiting_.pop_front();
        if (address->second.connections > 0) {
            address->second.waits = 0;
        } else if (address->second.full_at <= now) {
            addresses_.erase(address);
        } else {
            waiting_.push_back(address);
        }
    }
}

}  // namespace hub::net
