#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "hub/logger.h"
#include "hub/store.h"
#include "router/event_log.h"

namespace hub::storage {

// The thread that makes events durable: takes what has gathered in the log, gives it to the store
// as one transaction, and advances the watermark. It never waits for a group to fill: when idle a
// single event commits at once, and under load groups grow while the previous one commits.
//
// A store that fails is asked again until it works: nothing is acknowledged meanwhile, nothing is
// lost, and producers pause when the log is full.
class StoreWriter {
public:
    // About 10 ms of work: what a command has to wait behind.
    static constexpr std::size_t kGroup = 8192;
    static constexpr std::chrono::milliseconds kFirstRetry{50};
    static constexpr std::chrono::milliseconds kLastRetry{1000};

    // Starts the thread. Everything given must outlive the writer; the log must retain.
    StoreWriter(router::EventLog& log, Store& store, Logger& logger);

    // Ends after the transaction in progress; what is not durable then stays so. Drain the log
    // first to lose nothing.
    ~StoreWriter();
    StoreWriter(const StoreWriter&) = delete;
    StoreWriter& operator=(const StoreWriter&) = delete;

    // Why nothing can be stored at the moment, or "" when all is well. Any thread.
    [[nodiscard]] std::string failure() const;

private:
    void run();
    void store(const std::vector<Event>& events);
    [[nodiscard]] Result<void> attempt(const std::vector<Event>& events);
    [[nodiscard]] bool pause(std::chrono::milliseconds duration);
    void noteFailure(const std::string& message);
    void noteRecovery();

    router::EventLog& log_;
    Store& store_;
    Logger& logger_;

    // Guarded by mutex_.
    mutable std::mutex mutex_;
    std::condition_variable stopped_;
    bool stopping_ = false;
    std::string failure_;

    std::thread thread_;
};

}  // namespace hub::storage
