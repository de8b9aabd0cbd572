#include "commands/inbox.h"

#include <algorithm>
#include <utility>

namespace hub::commands {

namespace {

// What one flood of acknowledgements took is not kept for ever.
constexpr std::size_t kKeptBytes = 1024 * 1024;

}  // namespace

void News::clear() {
    submissions.clear();
    cancellations.clear();
    farewells.clear();
    acknowledgements.clear();
    responses.clear();
    if (responses.capacity() > kKeptBytes) responses.shrink_to_fit();
    online.clear();
    dropped_acknowledgements = 0;
    many_online = false;
    ending = false;
}

Inbox::Inbox(router::EventLog& log)
    : log_(log), subscription_(log.subscribe([this] { onLogMoved(); })) {}

void Inbox::open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    refusing_ = false;
}

void Inbox::refuse() {
    const std::lock_guard lock(mutex_);
    refusing_ = true;
    news_.ending = true;
    something_ = true;
    changed_.notify_one();
}

void Inbox::close() {
    const std::lock_guard lock(mutex_);
    open_ = false;
    refusing_ = true;
    changed_.notify_one();
}

bool Inbox::add(std::shared_ptr<Submission> submission) {
    const std::lock_guard lock(mutex_);
    if (refusing_) return false;
    news_.submissions.push_back(std::move(submission));
    something_ = true;
    changed_.notify_one();
    return true;
}

bool Inbox::add(std::shared_ptr<Cancellation> cancellation) {
    const std::lock_guard lock(mutex_);
    if (refusing_) return false;
    news_.cancellations.push_back(std::move(cancellation));
    something_ = true;
    changed_.notify_one();
    return true;
}

bool Inbox::add(std::shared_ptr<Farewell> farewell) {
    const std::lock_guard lock(mutex_);
    if (!open_) return false;
    news_.farewells.push_back(std::move(farewell));
    something_ = true;
    changed_.notify_one();
    return true;
}

void Inbox::acknowledged(DeviceIndex device, std::string_view id, bool succeeded,
                         std::string_view response) {
    if (!looksLikeCommandId(id)) return;
    const std::lock_guard lock(mutex_);
    if (!open_) return;
    std::vector<News::Acknowledgement>& acks = news_.acknowledgements;
    const std::size_t bytes = acks.size() * sizeof(News::Acknowledgement) + news_.responses.size();
    if (bytes + response.size() > kMaxAckBytes) {
        ++news_.dropped_acknowledgements;
        return;
    }
    News::Acknowledgement& ack = acks.emplace_back();
    ack.device = device;
    ack.succeeded = succeeded;
    std::ranges::copy(id, ack.id.begin());
    ack.response_begin = news_.responses.size();
    ack.response_size = response.size();
    news_.responses += response;
    if (!std::exchange(something_, true)) changed_.notify_one();
}

void Inbox::cameOnline(DeviceIndex device) {
    if (!wants_online_) return;
    const std::lock_guard lock(mutex_);
    if (!open_) return;
    if (news_.online.size() < kMaxOnline) {
        news_.online.push_back(device);
    } else {
        news_.many_online = true;
    }
    if (!std::exchange(something_, true)) changed_.notify_one();
}

void Inbox::poke() {
    const std::lock_guard lock(mutex_);
    something_ = true;
    changed_.notify_one();
}

bool Inbox::take(News& news, const Interest& interest) {
    news.clear();
    std::unique_lock lock(mutex_);
    interest_ = interest;
    const auto arrived = [this] { return something_ || !open_ || reached(interest_); };
    if (interest.patience) {
        changed_.wait_for(lock, *interest.patience, arrived);
    } else {
        changed_.wait(lock, arrived);
    }
    interest_ = {};
    something_ = false;
    std::swap(news, news_);
    return open_;
}

// Under the lock.
bool Inbox::reached(const Interest& interest) const noexcept {
    const bool waits = interest.durable != Interest::kNone;
    if (waits && (log_.durable() >= interest.durable || log_.stalled())) return true;
    return interest.room && !log_.full();
}

// The log moves with every commit; most of them concern no command.
void Inbox::onLogMoved() {
    const std::lock_guard lock(mutex_);
    if (reached(interest_)) changed_.notify_one();
}

}  // namespace hub::commands
