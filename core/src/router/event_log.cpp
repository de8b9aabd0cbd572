#include "router/event_log.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace hub::router {

EventLog::EventLog(std::size_t limit, const Clock& clock, Metrics& metrics)
    : high_water_(limit / 4 * 3),
      low_water_(limit / 4),
      clock_(clock),
      events_by_kind_(countersByKind(metrics)),
      pauses_(metrics.counter("hub_log_pauses_total",
                              "Times the event log was full and devices were not read from.")),
      before_metrics_read_(publishMeasures(limit, metrics)) {}

EventLog::CountersByKind EventLog::countersByKind(Metrics& metrics) {
    CountersByKind counters{};
    for (std::size_t kind = 0; kind < counters.size(); ++kind) {
        const std::string word(toString(static_cast<EventKind>(kind)));
        counters[kind] = &metrics.counter("hub_events_total", "Events taken into the event log.",
                                          {{"kind", word}});
    }
    return counters;
}

Registration EventLog::publishMeasures(std::size_t limit, Metrics& metrics) {
    metrics.gauge("hub_log_limit_bytes", "Bytes of events that may wait for the store.")
        .set(static_cast<double>(limit));
    Gauge& waiting = metrics.gauge("hub_log_bytes", "Bytes of events that wait for the store.");
    Gauge& newest = metrics.gauge("hub_sequence", "The number of the newest event.");
    Gauge& stored =
        metrics.gauge("hub_durable_sequence", "The number up to which every event is durable.");
    return metrics.beforeRead([this, &waiting, &newest, &stored] {
        std::size_t bytes = 0;
        Sequence last = 0;
        Sequence durable = 0;
        {
            const std::lock_guard lock(mutex_);
            bytes = bytes_;
            last = last_;
            durable = durable_.load(std::memory_order_relaxed);
        }
        waiting.set(static_cast<double>(bytes));
        newest.set(static_cast<double>(last));
        stored.set(static_cast<double>(durable));
    });
}

void EventLog::retain(Sequence last_sequence, Timestamp last_time) {
    const std::lock_guard lock(mutex_);
    last_ = std::max(last_, last_sequence);
    last_time_ = std::max(last_time_.load(), last_time);
    durable_.store(last_, std::memory_order_release);
    retains_.store(true, std::memory_order_release);
    stalled_ = false;
    interrupted_ = false;
}

void EventLog::release() {
    const SteadyTime now = clock_.steady();
    std::deque<Batch> dropped;  // freed outside the lock
    {
        const std::lock_guard lock(mutex_);
        if (!batches_.empty()) {
            dropped_after_ = durable_.load(std::memory_order_relaxed);
            dropped_last_ = last_;
        }
        dropped.swap(batches_);
        bytes_ = 0;
        // In this order: whoever sees the new watermark also sees that it promises nothing.
        retains_.store(false, std::memory_order_release);
        durable_.store(last_, std::memory_order_release);
        endFullness(now);
        advanced_.notify_all();
    }
    wakeProducers();
}

Sequence EventLog::append(Batch batch) {
    std::array<std::uint32_t, kEventKinds> counts{};
    for (const Event& event : batch.events()) ++counts[static_cast<std::size_t>(event.kind)];
    bool pauses = false;
    std::vector<Batch> done;  // freed outside the lock
    const Sequence last = take(std::move(batch), pauses, done);
    for (std::size_t kind = 0; kind < counts.size(); ++kind) {
        if (counts[kind] > 0) events_by_kind_[kind]->add(counts[kind]);
    }
    if (pauses) pauses_.add();
    return last;
}

// `pauses`: whether it has made the log full. What nobody needs any more goes to `done`.
Sequence EventLog::take(Batch batch, bool& pauses, std::vector<Batch>& done) {
    const Timestamp wall = clock_.wall();
    const SteadyTime now = clock_.steady();
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
        handover_.add(std::move(batch), done);
        if (!handover_.empty()) fresh_.notify_one();
        return last_;
    }
    bytes_ += batch.bytes();
    if (bytes_ > high_water_) pauses = !full_.exchange(true, std::memory_order_release);
    if (pauses) full_since_ = now;
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

bool EventLog::wait(std::vector<Event>& events, std::size_t limit,
                    std::chrono::nanoseconds patience) {
    events.clear();
    offered_.clear();
    {
        std::unique_lock lock(mutex_);
        appended_.wait_for(lock, patience, [this] { return interrupted_ || !batches_.empty(); });
        if (interrupted_) return false;
        std::size_t count = 0;
        for (const Batch& batch : batches_) {
            const std::span<const Event> more = batch.events();
            if (count > 0 && count + more.size() > limit) break;
            count += more.size();
            offered_.push_back(more);
        }
    }
    // Outside the lock, which producers need: what a batch holds never moves, and nobody but this
    // thread ends one.
    for (const std::span<const Event> more : offered_) {
        events.insert(events.end(), more.begin(), more.end());
    }
    return true;
}

void EventLog::advance(Sequence sequence) {
    const SteadyTime now = clock_.steady();
    std::vector<Batch> done;  // freed outside the lock
    {
        const std::lock_guard lock(mutex_);
        while (!batches_.empty() && batches_.front().last() <= sequence) {
            bytes_ -= batches_.front().bytes();
            handover_.add(std::move(batches_.front()), done);
            batches_.pop_front();
        }
        durable_.store(sequence, std::memory_order_release);
        if (!handover_.empty()) fresh_.notify_one();
        stalled_ = false;
        if (bytes_ <= low_water_) endFullness(now);
        advanced_.notify_all();
    }
    wakeProducers();
}

void EventLog::stall() {
    {
        const std::lock_guard lock(mutex_);
        stalled_ = true;
        advanced_.notify_all();
    }
    wakeProducers();
}

std::chrono::nanoseconds EventLog::timeFull() const {
    const SteadyTime now = clock_.steady();
    const std::lock_guard lock(mutex_);
    const bool full = full_.load(std::memory_order_relaxed);
    return full ? time_full_ + (now - full_since_) : time_full_;
}

// Under the lock.
void EventLog::endFullness(SteadyTime now) {
    if (full_.exchange(false, std::memory_order_release)) time_full_ += now - full_since_;
}

void EventLog::interrupt() {
    const std::lock_guard lock(mutex_);
    interrupted_ = true;
    appended_.notify_all();
}

bool EventLog::drain(SteadyTime deadline) {
    std::unique_lock lock(mutex_);
    const Sequence end = last_;
    advanced_.wait_until(lock, deadline, [&] { return durable_.load() >= end; });
    return isDurable(end);
}

bool EventLog::awaitDurable(Sequence sequence, SteadyTime deadline) {
    std::unique_lock lock(mutex_);
    advanced_.wait_until(lock, deadline, [&] { return stalled_ || durable_.load() >= sequence; });
    return isDurable(sequence);
}

// Under the lock.
bool EventLog::isDurable(Sequence sequence) const {
    const bool dropped = dropped_after_ < sequence && sequence <= dropped_last_;
    return durable_.load() >= sequence && !dropped;
}

Sequence EventLog::follow(std::size_t limit) {
    const std::lock_guard lock(mutex_);
    const Sequence durable = durable_.load(std::memory_order_relaxed);
    handover_.open(durable, limit);
    return durable;
}

void EventLog::unfollow() {
    std::deque<Batch> dropped;  // freed outside the lock
    const std::lock_guard lock(mutex_);
    dropped = handover_.close();
}

bool EventLog::fetch(DurableBatches& fetched) {
    fetched.batches.clear();
    std::unique_lock lock(mutex_);
    fresh_.wait(lock, [this] { return following_ended_ || !handover_.empty(); });
    if (following_ended_) return false;
    handover_.fetch(fetched);
    return true;
}

void EventLog::endFollowing() {
    const std::lock_guard lock(mutex_);
    following_ended_ = true;
    fresh_.notify_all();
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
