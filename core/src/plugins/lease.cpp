#include "plugins/lease.h"

#include <stdexcept>
#include <utility>

namespace hub::plugins {
namespace {

constexpr std::array<std::string_view, 9> kNames{
    "route",          "WebSocket endpoint", "store",      "metrics update", "command guard",
    "event listener", "event reader",       "event sink", "device session"};

std::size_t position(Lease::Holding what) { return static_cast<std::size_t>(what); }

}  // namespace

Lease::Loan::Loan(std::shared_ptr<Lease> lease, Holding what)
    : lease_(std::move(lease)), what_(what) {
    const std::lock_guard lock(lease_->mutex_);
    ++lease_->loans_[position(what_)];
}

Lease::Loan::~Loan() {
    const std::lock_guard lock(lease_->mutex_);
    --lease_->loans_[position(what_)];
}

Lease::Lease(std::string plugin, std::shared_ptr<Logger> faults)
    : plugin_(std::move(plugin)), faults_(std::move(faults)) {}

std::optional<Lease::Pass> Lease::call(std::string_view function) {
    auto pass = callBack();
    if (!pass) noteFault(function);
    return pass;
}

std::optional<Lease::Pass> Lease::callBack() {
    if (over_.load(std::memory_order_relaxed)) return std::nullopt;
    return gate_.enter();
}

Lease::Pass Lease::callOrThrow(std::string_view function) {
    auto pass = call(function);
    if (!pass) throw std::logic_error(refusal().message);
    return std::move(*pass);
}

Error Lease::refusal() const {
    return {Error::Kind::Unavailable, "plugin " + plugin_ + " has been stopped"};
}

Registration Lease::lend(Holding what, Registration attached) {
    const std::lock_guard lock(mutex_);
    const std::uint64_t number = ++last_number_;
    attachments_.emplace(number, Attachment{what, std::move(attached)});
    return Registration([lease = shared_from_this(), number] { lease->giveBack(number); });
}

void Lease::giveBack(std::uint64_t number) {
    Registration ending;  // detaches when the lock is released: that may wait for calls
    const std::lock_guard lock(mutex_);
    if (const auto found = attachments_.find(number); found != attachments_.end()) {
        ending = std::move(found->second.registration);
        attachments_.erase(found);
    }
}

std::string Lease::end() {
    revoke();
    gate_.close();
    std::string left = held();
    std::unordered_map<std::uint64_t, Attachment> ending;
    {
        const std::lock_guard lock(mutex_);
        ending.swap(attachments_);
    }
    return left;
}

bool Lease::strays() const {
    if (!over_.load()) return false;
    const std::lock_guard lock(mutex_);
    return faulty_.load() || loans_ != decltype(loans_){};
}

void Lease::noteFault(std::string_view function) noexcept {
    if (faulty_.exchange(true)) return;
    faults_->error("plugin " + plugin_ + " calls the hub (" + std::string(function) +
                   ") after it has been stopped: refused. A thread of it still runs, which is a "
                   "fault of the plugin.");
}

std::string Lease::held() const {
    const std::lock_guard lock(mutex_);
    auto counts = loans_;
    for (const auto& [number, attachment] : attachments_) ++counts[position(attachment.what)];
    static_assert(kNames.size() == kHoldings);
    std::string words;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (counts[i] == 0) continue;
        words += (words.empty() ? "" : ", ") + std::to_string(counts[i]) + " ";
        words.append(kNames[i]).append(counts[i] == 1 ? "" : "s");
    }
    return words;
}

}  // namespace hub::plugins
