#include "router/live_tail.h"

#include <deque>
#include <utility>

namespace hub::router {

LiveTail::LiveTail(EventLog& log, std::size_t limit, Metrics& metrics)
    : log_(log),
      limit_(limit),
      ring_(limit),
      before_metrics_read_(publishMeasures(metrics)),
      thread_([this] { run(); }) {}

LiveTail::~LiveTail() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        stopped_.notify_all();
    }
    log_.endFollowing();
    thread_.join();
}

Registration LiveTail::publishMeasures(Metrics& metrics) {
    Gauge& readers = metrics.gauge("hub_feed_readers", "Readers of the live events.");
    Gauge& bytes = metrics.gauge("hub_feed_ring_bytes", "Bytes of events kept for live readers.");
    return metrics.beforeRead([this, &readers, &bytes] {
        std::size_t count = 0;
        std::size_t held = 0;
        {
            const std::lock_guard lock(mutex_);
            count = readers_;
            held = ring_.bytes();
        }
        readers.set(static_cast<double>(count));
        bytes.set(static_cast<double>(held));
    });
}

Sequence LiveTail::join() {
    const std::lock_guard lock(mutex_);
    if (readers_++ == 0) static_cast<void>(ring_.reset(log_.follow(limit_)));
    return log_.durable();
}

void LiveTail::leave(Reader& reader) {
    reader.wakes_.close();
    // What it holds goes with its owner, not on the tail's thread.
    reader.wake_ = nullptr;
    std::deque<SharedBatch> dropped;  // freed outside the lock
    const std::lock_guard lock(mutex_);
    if (reader.waiting_) {
        std::erase_if(waiting_, [&reader](const auto& one) { return one.get() == &reader; });
    }
    if (--readers_ > 0) return;
    log_.unfollow();
    dropped = ring_.reset(ring_.end());
}

LiveTail::Found LiveTail::read(Sequence position, const std::shared_ptr<Reader>& reader,
                               std::vector<SharedBatch>& batches) {
    const std::lock_guard lock(mutex_);
    if (position < ring_.begin()) return Found::Gone;
    if (position < ring_.end()) {
        ring_.find(position, kBatches, batches);
        return Found::Batches;
    }
    if (!std::exchange(reader->waiting_, true)) waiting_.push_back(reader);
    return Found::Nothing;
}

Sequence LiveTail::begin() const {
    const std::lock_guard lock(mutex_);
    return ring_.begin();
}

void LiveTail::run() {
    DurableBatches fresh;
    while (log_.fetch(fresh)) {
        add(fresh);
        wakeWaiting();
        if (!pause()) return;
    }
}

void LiveTail::add(DurableBatches& fresh) {
    std::vector<SharedBatch> shared;
    shared.reserve(fresh.batches.size());
    for (Batch& batch : fresh.batches) {
        shared.push_back(std::make_shared<const Batch>(std::move(batch)));
    }
    std::deque<SharedBatch> dropped;  // both freed outside the lock
    std::vector<SharedBatch> evicted;
    const std::lock_guard lock(mutex_);
    // The last one has left meanwhile; if another has joined since, the ring begins anew, behind
    // some of these.
    if (readers_ == 0) return;
    if (fresh.begin > ring_.end()) dropped = ring_.reset(fresh.begin);
    for (SharedBatch& batch : shared) ring_.add(std::move(batch), evicted);
}

void LiveTail::wakeWaiting() {
    std::vector<std::shared_ptr<Reader>> woken;
    {
        const std::lock_guard lock(mutex_);
        woken.swap(waiting_);
        for (const auto& reader : woken) reader->waiting_ = false;
    }
    for (const auto& reader : woken) {
        if (const auto pass = reader->wakes_.enter()) reader->wake_();
    }
}

// False when the tail is ending.
bool LiveTail::pause() {
    std::unique_lock lock(mutex_);
    return !stopped_.wait_for(lock, kWakeInterval, [this] { return stopping_; });
}

}  // namespace hub::router
