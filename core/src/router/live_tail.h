#pragma once

#include "hub/event.h"
#include "hub/metrics.h"
#include "router/event_log.h"
#include "router/feed_ring.h"
#include "sync/gate.h"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace hub::router {

// The newest durable events, kept in a ring as long as somebody reads them, and the thread that
// takes them from the log and wakes whoever waits for more: at once when it is calm, and not more
// often than every `kWakeInterval`, so that a thousand readers are not woken for each commit.
//
// Any thread.
class LiveTail {
public:
    static constexpr std::chrono::milliseconds kWakeInterval{2};
    // In one `read`: the lock is held while so many are counted out.
    static constexpr std::size_t kBatches = 256;

    // One who reads. `wake` is called on the tail's thread when a `read` that found Nothing would
    // find more, once for each such `read`.
    class Reader {
    public:
        explicit Reader(std::function<void()> wake) : wake_(std::move(wake)) {}

    private:
        friend class LiveTail;

        sync::Gate wakes_;
        std::function<void()> wake_;
        bool waiting_ = false;  // guarded by LiveTail::mutex_
    };

    // Of the ring and of what is on its way to it, each: `limit` in bytes. All must outlive it.
    LiveTail(EventLog& log, std::size_t limit, Metrics& metrics);
    // All readers must have left.
    ~LiveTail();
    LiveTail(const LiveTail&) = delete;
    LiveTail& operator=(const LiveTail&) = delete;

    // The first reader to join begins the ring. Returns the watermark: what becomes durable behind
    // it is in the ring, until it has to make room.
    [[nodiscard]] Sequence join();

    // Waits for a `wake` in progress; none comes any more. The last reader to leave ends the ring.
    void leave(Reader& reader);

    enum class Found : std::uint8_t {
        Batches,  // those behind the position, oldest first, kBatches at most
        Nothing,  // so far: `wake` follows
        Gone,     // the ring begins later
    };
    // What the ring has behind `position`, appended to `batches`.
    [[nodiscard]] Found read(Sequence position, const std::shared_ptr<Reader>& reader,
                             std::vector<SharedBatch>& batches);

    // The number behind which the ring begins.
    [[nodiscard]] Sequence begin() const;

private:
    void run();
    void add(DurableBatches& fresh);
    void wakeWaiting();
    [[nodiscard]] bool pause();
    [[nodiscard]] Registration publishMeasures(Metrics& metrics);

    // Constant after construction.
    EventLog& log_;
    const std::size_t limit_;

    // Guarded by mutex_, which is held while the log's is taken, never the other way round.
    mutable std::mutex mutex_;
    std::condition_variable stopped_;
    bool stopping_ = false;
    std::size_t readers_ = 0;
    FeedRing ring_;
    std::vector<std::shared_ptr<Reader>> waiting_;

    const Registration before_metrics_read_;  // it reads what stands above
    std::thread thread_;
};

}  // namespace hub::router
