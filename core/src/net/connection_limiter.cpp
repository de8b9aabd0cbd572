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

}  // namespace

ConnectionLimiter::Admission::~Admission() {
    if (limiter_ != nullptr) limiter_->release(address_, unregistered_);
}

bool ConnectionLimiter::Admission::beginUnregistered() {
    if (limiter_ == nullptr || unregistered_) return true;
    const std::size_t limit = limiter_->limits_.unregistered;
    const std::lock_guard lock(limiter_->mutex_);
    Address& address = address_->second;
    if (limit > 0 && address.unregistered >= limit) return false;
    ++address.unregistered;
    unregistered_ = true;
    return true;
}

void ConnectionLimiter::Admission::registered() noexcept {
    if (!std::exchange(unregistered_, false)) return;
    const std::lock_guard lock(limiter_->mutex_);
    --address_->second.unregistered;
}

ConnectionLimiter::ConnectionLimiter(const AddressLimits& limits, const Clock& clock)
    : limits_(limits), clock_(clock), per_connect_(timeOfOne(limits.connects_per_second)) {}

std::variant<ConnectionLimiter::Admission, ConnectionLimiter::Limit> ConnectionLimiter::admit(
    const SocketAddress& peer) {
    const SteadyTime now = clock_.steady();
    const std::lock_guard lock(mutex_);
    forgetSome(now);
    const auto entry = addresses_.try_emplace(peer.network()).first;
    Address& address = entry->second;
    // A new address passes neither limit, so none is remembered for a refusal.
    if (limits_.connections > 0 && address.connections >= limits_.connections) {
        return Limit::Connections;
    }
    const SteadyTime full_at = std::max(address.full_at, now) + per_connect_;
    if (full_at > now + kBurst) return Limit::ConnectsPerSecond;
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

void ConnectionLimiter::release(Addresses::iterator address, bool unregistered) noexcept {
    const std::lock_guard lock(mutex_);
    Address& of = address->second;
    if (unregistered) --of.unregistered;
    --of.connections;
    --open_;
    if (of.connections > 0 || of.waits != 0) return;
    if (of.full_at <= clock_.steady()) {
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
