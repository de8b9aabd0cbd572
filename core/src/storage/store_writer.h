#pragma once

#include "hub/logger.h"
#include "hub/metrics.h"
#include "hub/store.h"
#include "router/event_log.h"
#include "storage/life_keeper.h"
#include "storage/watched_store.h"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace hub::storage {

// What a store writer works with, beside the log and the store. Must outlive it.
struct WriterSurroundings {
    const Clock& clock;
    Logger& logger;
    Metrics& metrics;
    LifeKeeper::Take take_signs_of_life;  // called on the writer's thread
};

// The thread that makes events durable: takes what has gathered in the log, gives it to the store
// as one transaction, and advances the watermark. It never waits for a group to fill: when idle a
// single event commits at once, and under load groups grow while the previous one commits.
//
// A store that fails is asked again until it works: nothing is acknowledged meanwhile, nothing is
// lost, and producers pause when the log is full.
//
// Between the groups, the thread has the store keep the signs of life and do its housekeeping, a
// piece of each at a time; also while events cannot be stored: that may be what makes room for
// them.
class StoreWriter {
public:
    // About 10 ms of work: what a command has to wait behind.
    static constexpr std::size_t kGroup = 8192;
    static constexpr std::chrono::milliseconds kFirstRetry{50};
    static constexpr std::chrono::milliseconds kLastRetry{1000};
    // The store does a piece of its housekeeping so often, for each so many bytes of events, and
    // between all groups while there is more: so a limit of its size holds whatever comes in.
    static constexpr std::chrono::seconds kMaintenanceInterval{1};
    static constexpr std::size_t kMaintenanceBytes = 1 << 20;

    // Starts the thread. Everything given must outlive the writer; the log must retain.
    StoreWriter(router::EventLog& log, Store& store, WriterSurroundings surroundings);

    // Ends after the transaction in progress; what is not durable then stays so. Drain the log
    // first to lose nothing.
    ~StoreWriter();
    StoreWriter(const StoreWriter&) = delete;
    StoreWriter& operator=(const StoreWriter&) = delete;

    // Why nothing can be stored at the moment; nothing when all is well. Any thread.
    [[nodiscard]] std::optional<std::string> failure() const;

    // How long the call of the store in progress has lasted; zero between calls. Any thread.
    [[nodiscard]] std::chrono::nanoseconds busy() const noexcept { return store_.busy(); }

private:
    void run();
    [[nodiscard]] bool store(const std::vector<Event>& events);
    void measure(const std::vector<Event>& events, std::chrono::duration<double> spent);
    [[nodiscard]] bool pauseBeforeRetry();
    void noteFailure(const std::string& message);
    void noteRecovery();
    void maintain();
    [[nodiscard]] std::chrono::nanoseconds untilNextChore() const;

    // Constant after construction.
    router::EventLog& log_;
    const Clock& clock_;
    Logger& logger_;
    Counter& rows_;
    Counter& failures_;
    Histogram& commit_seconds_;
    Histogram& group_events_;

    // Called by the writer's thread only.
    WatchedStore store_;

    // The writer's thread only.
    LifeKeeper life_;
    std::chrono::milliseconds retry_ = kFirstRetry;  // the next pause after a failure
    std::size_t group_ =
        kGroup;  // the next one at most: after a failure less, which needs less room
    SteadyTime maintenance_due_;
    std::size_t unmaintained_bytes_ = 0;  // stored since the last piece of housekeeping
    bool more_to_maintain_ = false;

    // Guarded by mutex_.
    mutable std::mutex mutex_;
    std::condition_variable stopped_;
    bool stopping_ = false;
    std::optional<std::string> failure_;

    std::thread thread_;
};

}  // namespace hub::storage
