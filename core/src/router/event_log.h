#pragma once

#include "hub/event.h"
#include "hub/metrics.h"
#include "hub/registration.h"
#include "hub/time.h"
#include "router/batch.h"
#include "router/handover.h"

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <span>
#include <vector>

namespace hub::router {

// The one ordered queue of the hub. Producers append batches, each event gets the next sequence
// number and the time; one consumer, the store writer, makes them durable and advances the
// watermark, and only what is below the watermark is acknowledged or shown.
//
// Bounded in bytes by agreement: above the high-water mark `full()` asks producers to stop reading
// from devices, until the low-water mark is reached. What was read already is always taken, so
// nothing is dropped.
//
// Until `retain` the hub has no store: the watermark is then the end of the log, and nothing is
// kept. Any thread unless said otherwise.
class EventLog {
public:
    // `limit` in bytes: `full()` begins at three quarters of it and ends at one quarter. `clock`
    // and `metrics` must outlive it.
    EventLog(std::size_t limit, const Clock& clock, Metrics& metrics);
    EventLog(const EventLog&) = delete;
    EventLog& operator=(const EventLog&) = delete;

    // Keeps events from now on until they are durable, numbered from `last_sequence` + 1, stamped
    // not before `last_time`.
    void retain(Sequence last_sequence, Timestamp last_time);

    // Drops what is kept and keeps no more: the consumer has ended. The watermark becomes the end;
    // whoever waits for something that is dropped here is told.
    void release();

    // Numbers and stamps the batch (at least one event) and takes it. Returns the number of its
    // last event.
    Sequence append(Batch batch);

    [[nodiscard]] bool retains() const noexcept { return retains_.load(std::memory_order_acquire); }
    [[nodiscard]] bool full() const noexcept { return full_.load(std::memory_order_acquire); }
    // How long it has been full, all times together: what deadlines of devices do not count.
    [[nodiscard]] std::chrono::nanoseconds timeFull() const;
    // Nothing can be made durable just now: see `stall`.
    [[nodiscard]] bool stalled() const noexcept { return stalled_.load(std::memory_order_acquire); }
    [[nodiscard]] Sequence durable() const noexcept {
        return durable_.load(std::memory_order_acquire);
    }
    // The time as events are stamped with it: the wall clock's, but never before one already given.
    [[nodiscard]] Timestamp now() const noexcept;
    [[nodiscard]] Sequence last() const;
    [[nodiscard]] std::size_t bytes() const;

    // The consumer: waits until there are events above the watermark, then puts the oldest of them
    // into `events` (cleared first): whole batches, at most `limit` events but at least one batch.
    // They stay valid until `advance` has passed them. True with no events once `patience` is over;
    // false after `interrupt`.
    [[nodiscard]] bool wait(std::vector<Event>& events, std::size_t limit,
                            std::chrono::nanoseconds patience);

    // The consumer: everything up to `sequence` is durable. Wakes producers.
    void advance(Sequence sequence);

    // The consumer: nothing can be made durable just now. Holds until `advance`.
    void stall();

    // Makes `wait` return false, now and from now on; `retain` ends this.
    void interrupt();

    // Waits until everything appended before is durable, also through a stall. False when it is not
    // by `deadline`, or was dropped.
    [[nodiscard]] bool drain(SteadyTime deadline);

    // Waits until the event `sequence` is durable. False when it is not by `deadline` or was
    // dropped, and at once while the consumer is stalled.
    [[nodiscard]] bool awaitDurable(Sequence sequence, SteadyTime deadline);

    // Keeps what becomes durable for one follower from now on, until `unfollow`: `limit` bytes of
    // it at most, the newest. Returns the watermark, behind which that begins.
    Sequence follow(std::size_t limit);
    void unfollow();

    // The follower: waits until more has become durable and puts it into `fetched`, whose batches
    // are dropped. False after `endFollowing`.
    [[nodiscard]] bool fetch(DurableBatches& fetched);

    // Makes `fetch` return false, now and from now on.
    void endFollowing();

    // Calls `wake` whenever the watermark has moved or `full()` has ended, and after `stall`, on
    // the consumer's thread, until the registration is destroyed; it must only notify.
    [[nodiscard]] Registration subscribe(std::function<void()> wake);

private:
    static constexpr std::size_t kEventKinds =
        static_cast<std::size_t>(EventKind::CommandTarget) + 1;
    using CountersByKind = std::array<Counter*, kEventKinds>;

    [[nodiscard]] static CountersByKind countersByKind(Metrics& metrics);
    [[nodiscard]] Registration publishMeasures(std::size_t limit, Metrics& metrics);
    Sequence take(Batch batch, bool& pauses, std::vector<Batch>& done);
    [[nodiscard]] bool isDurable(Sequence sequence) const;
    void endFullness(SteadyTime now);
    void wakeProducers();

    // Constant after construction.
    const std::size_t high_water_;
    const std::size_t low_water_;
    const Clock& clock_;
    const CountersByKind events_by_kind_;
    Counter& pauses_;

    // Guarded by mutex_.
    mutable std::mutex mutex_;
    std::condition_variable appended_;
    std::condition_variable advanced_;
    std::condition_variable fresh_;
    std::deque<Batch> batches_;  // all above the watermark, oldest first
    std::size_t bytes_ = 0;
    Sequence last_ = 0;
    Sequence dropped_after_ = 0;            // release() dropped what is above this ...
    Sequence dropped_last_ = 0;             // ... up to and with this
    SteadyTime full_since_{};               // while it is full
    std::chrono::nanoseconds time_full_{};  // before that
    bool interrupted_ = false;
    Handover handover_;  // from below the watermark to the follower
    bool following_ended_ = false;

    // The consumer only.
    std::vector<std::span<const Event>> offered_;  // by the `wait` in progress

    // Written under mutex_, read without it.
    std::atomic<bool> retains_ = false;
    std::atomic<bool> full_ = false;
    std::atomic<bool> stalled_ = false;
    std::atomic<Sequence> durable_ = 0;
    std::atomic<Timestamp> last_time_{};

    // Guarded by subscribers_mutex_, which is held during the calls: that is how the end of a
    // registration can promise an end. No producer ever waits for it.
    std::mutex subscribers_mutex_;
    std::list<std::function<void()>> subscribers_;

    const Registration before_metrics_read_;  // last: it reads what stands above
};

}  // namespace hub::router
