#pragma once

#include "hub/logger.h"
#include "net/descriptor.h"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace hub::daemon {

// What an operator asks of the process by signals, heard on a thread of its own, whatever the other
// threads are doing: SIGTERM, SIGINT and SIGQUIT ask it to stop, a second one of them ends it at
// once with exit code 1. SIGHUP is for `on_hangup`.
//
// blockControlSignals() must have been called before the process had threads.
class ControlSignals {
public:
    // What SIGHUP means: true if it asks to stop, too. On the thread of the signals.
    using Hangup = std::function<bool()>;

    // `logger` must outlive it.
    ControlSignals(Hangup on_hangup, Logger& logger);
    ~ControlSignals();
    ControlSignals(const ControlSignals&) = delete;
    ControlSignals& operator=(const ControlSignals&) = delete;

    // Any thread.
    [[nodiscard]] bool stopRequested() const;
    // Waits until a stop is requested; false when it is not within `limit`.
    [[nodiscard]] bool waitForStop(std::chrono::milliseconds limit);

private:
    using SteadyClock = std::chrono::steady_clock;

    void run();
    void hear(int number);
    void requestStop(int number);

    // Constant after construction.
    const Hangup on_hangup_;
    Logger& logger_;
    const net::Descriptor signals_;  // a signalfd
    const net::Descriptor end_;      // an eventfd

    // Guarded by mutex_.
    mutable std::mutex mutex_;
    std::condition_variable requested_;
    bool stop_requested_ = false;

    SteadyClock::time_point first_request_;  // thread_ only

    std::thread thread_;
};

// Keeps the signals above for ControlSignals, also SIGHUP where the process was started with it
// ignored. Every thread inherits that: otherwise they would end the process through any other.
void blockControlSignals();

}  // namespace hub::daemon
