#pragma once

#include "hub/logger.h"
#include "hub/metrics.h"
#include "hub/store.h"
#include "router/event_log.h"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
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
    // Who was heard of since the last time this was asked, and when. On the writer's thread.
    std::function<std::vector<SignOfLife>()> take_signs_of_life;
};

// The thread that makes events durable: takes what has gathered in the log, gives it to the store
// as one transaction, and advances the watermark. It never waits for a group to fill: when idle a
// single event commits at once, and under load groups grow while the previous one commits.
//
// A store that fails is asked again until it works: nothing is acknowledged meanwhile, nothing is
// lost, and producers pause when the log is full.
//
// From time to time, and once at its end, the thread also has the store keep the signs of life, a
// piece at a time between the groups. It lets the store do its housekeeping, above all while events
// cannot be stored: that may be what makes room for them.
class StoreWriter {
public:
    // About 10 ms of work: what a command has to wait behind.
    static constexpr std::size_t kGroup = 8192;
    static constexpr std::chrono::milliseconds kFirstRetry{50};
    static constexpr std::chrono::milliseconds kLastRetry{1000};
    static constexpr std::chrono::seconds kLifeInterval{10};
    // Signs of life in one transaction: some milliseconds that events have to wait behind.
    static constexpr std::size_t kLifePiece = 2000;
    // What the last signs of life may take, so that the end comes in time on a slow disk, too.
    static constexpr std::chrono::seconds kLastLifeLimit{1};
    // Between two pieces of housekeeping, when the first one was the last for the time being.
    static constexpr std::chrono::seconds kMaintenanceInterval{1};

    // Starts the thread. Everything given must outlive the writer; the log must retain.
    StoreWriter(router::EventLog& log, Store& store, WriterSurroundings surroundings);

    // Ends after the transaction in progress; what is not durable then stays so. Drain the log
    // first to lose nothing.
    ~StoreWriter();
    StoreWriter(const StoreWriter&) = delete;
    StoreWriter& operator=(const StoreWriter&) = delete;

    // Why nothing can be stored at the moment; nothing when all is well. Any thread.
    [[nodiscard]] std::optional<std::string> failure() const;

private:
    void run();
    [[nodiscard]] bool store(const std::vector<Event>& events);
    [[nodiscard]] Result<void> append(const std::vector<Event>& events);
    [[nodiscard]] bool pauseBeforeRetry();
    void noteFailure(const std::string& message);
    void noteRecovery();
    void doChores();
    void takeSignsOfLife();
    [[nodiscard]] bool keepSomeSignsOfLife();
    void keepLastSignsOfLife();
    [[nodiscard]] std::chrono::nanoseconds untilNextChore() const;

    // Constant after construction.
    router::EventLog& log_;
    Store& store_;
    const WriterSurroundings surroundings_;
    Counter& rows_;
    Counter& failures_;
    Histogram& commit_seconds_;
    Histogram& group_events_;

    // The writer's thread only.
    std::chrono::milliseconds retry_ = kFirstRetry;  // the next pause after a failure
    SteadyTime life_due_;
    SteadyTime maintenance_due_;
    bool more_to_maintain_ = false;
    std::vector<SignOfLife> signs_;  // taken, and not kept yet
    bool signs_waiting_ = false;     // more of them go to the store behind the next group
    bool signs_refused_ = false;     // the last time they were offered

    // Guarded by mutex_.
    mutable std::mutex mutex_;
    std::condition_variable stopped_;
    bool stopping_ = false;
    std::optional<std::string> failure_;

    std::thread thread_;
};

}  // namespace hub::storage
