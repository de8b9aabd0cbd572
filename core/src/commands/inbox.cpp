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
    if (acknowledgements.capacity() * sizeof(Acknowledgement) > kKeptBytes) {
        acknowledgements.shrink_to_fit();
    }
    responses.clear();
    if (responses.capacity() > kKeptBytes) responses.shrink_to_fit();
    online.clear();
    dropped_acknowledgements = 0;
    many_online = false;
}

Inbox::Inbox(router::EventLog& log)
    : log_(log), subscription_(log.subscribe([this] { onLogMoved(); })) {}

void Inbox::open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
}

void Inbox::close() {
    const std::lock_guard lock(mutex_);
    open_ = false;
    changed_.notify_one();
}

template <class Item>
bool Inbox::push(std::vector<Item>& list, Item item) {
    const std::lock_guard lock(mutex_);
    if (!open_) return false;
    list.push_back(std::move(item));
    something_ = true;
    changed_.notify_one();
    return true;
}

bool Inbox::add(std::shared_ptr<Submission> submission) {
    return push(news_.submissions, std::move(submission));
}

bool Inbox::add(std::shared_ptr<Cancellation> cancellation) {
    return push(news_.cancellations, std::move(cancellation));
}

bool Inbox::add(std::shared_ptr<Farewell> farewell) {
    return push(news_.farewells, std::move(farewell));
}

void Inbox::acknowledged(DeviceIndex device, std::string_view id, bool succeeded,
                         const ChangeTexts& texts) {
    if (!looksLikeCommandId(id)) return;
    const std::lock_guard lock(mutex_);
    if (!open_) return;
    std::vector<News::Acknowledgement>& acks = news_.acknowledgements;
    const std::size_t bytes = acks.size() * sizeof(News::Acknowledgement) + news_.responses.size();
    if (bytes + texts.response.size() + texts.reason.size() > kMaxAckBytes) {
        ++news_.dropped_acknowledgements;
        return;
    }
    News::Acknowledgement& ack = acks.emplace_back();
    ack.device = device;
    ack.succeeded = succeeded;
    std::ranges::copy(id, ack.id.begin());
    ack.response_begin = news_.responses.size();
    ack.response_size = texts.response.size();
    ack.reason_size = texts.reason.size();
    news_.responses.append(texts.response).append(texts.reason);
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
