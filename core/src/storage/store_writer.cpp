#include "storage/store_writer.h"

#include <algorithm>
#include <exception>
#include <vector>

namespace hub::storage {

StoreWriter::StoreWriter(router::EventLog& log, Store& store, Logger& logger)
    : log_(log), store_(store), logger_(logger), thread_([this] { run(); }) {}

StoreWriter::~StoreWriter() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        stopped_.notify_all();
    }
    log_.interrupt();
    thread_.join();
}

std::string StoreWriter::failure() const {
    const std::lock_guard lock(mutex_);
    return failure_;
}

void StoreWriter::run() {
    std::vector<Event> events;
    while (log_.wait(events, kGroup)) store(events);
}

// Returns once the events are stored, or the writer is stopping.
void StoreWriter::store(const std::vector<Event>& events) {
    std::chrono::milliseconds retry = kFirstRetry;
    while (true) {
        const Result<void> stored = attempt(events);
        if (stored.ok()) {
            noteRecovery();
            log_.advance(events.back().sequence);
            return;
        }
        noteFailure(stored.error().message);
        if (!pause(retry)) return;
        retry = std::min(retry * 2, kLastRetry);
    }
}

Result<void> StoreWriter::attempt(const std::vector<Event>& events) {
    try {
        return store_.append(events);
    } catch (const std::exception& error) {
        return Error{Error::Kind::Unavailable, error.what()};
    }
}

// False when the writer is stopping.
bool StoreWriter::pause(std::chrono::milliseconds duration) {
    std::unique_lock lock(mutex_);
    return !stopped_.wait_for(lock, duration, [this] { return stopping_; });
}

void StoreWriter::noteFailure(const std::string& message) {
    {
        const std::lock_guard lock(mutex_);
        if (failure_ == message) return;
        failure_ = message;
    }
    logger_.error("events cannot be stored, so nothing is acknowledged until it works again: " +
                  message);
}

void StoreWriter::noteRecovery() {
    {
        const std::lock_guard lock(mutex_);
        if (failure_.empty()) return;
        failure_.clear();
    }
    logger_.info("events are stored again");
}

}  // namespace hub::storage
