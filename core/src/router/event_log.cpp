#include "router/event_log.h"

#include <algorithm>
#include <utility>

namespace hub::router {

EventLog::EventLog(std::size_t limit, const Clock& clock)
    : high_water_(limit / 4 * 3), low_water_(limit / 4), clock_(clock) {}

void EventLog::retain(Sequence last_sequence, Timestamp last_time) {
    const std::lock_guard lock(mutex_);
    last_ = std::max(last_, last_sequence);
    last_time_ = std::max(last_time_.load(), last_time);
    durable_.store(last_, std::memory_order_release);
    retains_.store(true, std::memory_order_release);
    interrupted_ = false;
}

void EventLog::release() {
    {
        const std::lock_guard lock(mutex_);
        batches_.clear();
        bytes_ = 0;
        // In this order: whoever sees the new watermark also sees that it promises nothing.
        retains_.store(false, std::memory_order_release);
        durable_.store(last_, std::memory_order_release);
        full_.store(false, std::memory_order_release);
        advanced_.notify_all();
    }
    wakeProducers();
}

Sequence EventLog::append(Batch batch) {
    const Timestamp wall = clock_.wall();
    const std::lock_guard lock(mutex_);
    // The wall clock may be set back; what is stored must not run backwards.
    const Timestamp time = std::max(last_time_.load(), wall);
    last_time_ = time;
    for (Event& event : batch.events()) {
        event.sequence = ++last_;
        event.time = time;
    }
    if (!retains_.load(std::memory_order_relaxed)) {
        durable_.store(last_, std::memory_order_release);
        return last_;
    }
    bytes_ += batch.bytes();
    if (bytes_ > high_water_) full_.store(true, std::memory_order_release);
    batches_.push_back(std::move(batch));
    appended_.notify_one();
    return last_;
}

Timestamp EventLog::now() const noexcept { return std::max(last_time_.load(), clock_.wall()); }

Sequence EventLog::last() const {
    const std::lock_guard lock(mutex_);
    return last_;
}

std::size_t EventLog::bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_;
}

bool EventLog::wait(std::vector<Event>& events, std::size_t limit) {
    events.clear();
    std::unique_lock lock(mutex_);
    appended_.wait(lock, [this] { return interrupted_ || !batches_.empty(); });
    if (interrupted_) return false;
    for (const Batch& batch : batches_) {
        const std::span<const Event> more = batch.events();
        if (!events.empty() && events.size() + more.size() > limit) break;
        events.insert(events.end(), more.begin(), more.end());
    }
    return true;
}

void EventLog::advance(Sequence sequence) {
    std::deque<Batch> done;  // freed outside the lock
    {
        const std::lock_guard lock(mutex_);
        while (!batches_.empty() && batches_.front().events().back().sequence <= sequence) {
            bytes_ -= batches_.front().bytes();
            done.push_back(std::move(batches_.front()));
            batches_.pop_front();
        }
        durable_.store(sequence, std::memory_order_release);
        if (bytes_ <= low_water_) full_.store(false, std::memory_order_release);
        advanced_.notify_all();
    }
    wakeProducers();
}

void EventLog::interrupt() {
    const std::lock_guard lock(mutex_);
    interrupted_ = true;
    appended_.notify_all();
}

bool EventLog::drain(SteadyTime deadline) {
    std::unique_lock lock(mutex_);
    const Sequence target = last_;
    return advanced_.wait_until(lock, deadline, [&] { return durable_.load() >= target; });
}

Registration EventLog::subscribe(std::function<void()> wake) {
    const std::lock_guard lock(subscribers_mutex_);
    const auto added = subscribers_.insert(subscribers_.end(), std::move(wake));
    return Registration([this, added] {
        const std::lock_guard unsubscribing(subscribers_mutex_);
        subscribers_.erase(added);
    });
}

void EventLog::wakeProducers() {
    const std::lock_guard lock(subscribers_mutex_);
    for (const auto& wake : subscribers_) wake();
}

}  // namespace hub::router
