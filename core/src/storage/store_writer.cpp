#include "storage/store_writer.h"

#include <algorithm>
#include <array>
#include <utility>

namespace hub::storage {

namespace {

constexpr std::array<double, 16> kCommitSeconds{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005,
                                                0.01,   0.025,   0.05,   0.1,   0.25,   0.5,
                                                1,      2.5,     5,      10};
constexpr std::array<double, 8> kGroupEvents{1, 4, 16, 64, 256, 1024, 4096, StoreWriter::kGroup};

// What an event takes in a store, about: its texts, and some numbers.
std::size_t bytesOf(const Event& event) {
    constexpr std::size_t kNumbers = 32;
    return kNumbers + event.payload.size() + event.metadata.size();
}

}  // namespace

StoreWriter::StoreWriter(router::EventLog& log, Store& store, WriterSurroundings surroundings)
    : log_(log),
      clock_(surroundings.clock),
      logger_(surroundings.logger),
      rows_(surroundings.metrics.counter("hub_store_rows_total", "Events made durable.")),
      failures_(surroundings.metrics.counter("hub_store_failures_total",
                                             "Times the store could not keep what it was given.")),
      commit_seconds_(surroundings.metrics.histogram(
          "hub_store_commit_seconds", "How long the store took to make a group of events durable.",
          {kCommitSeconds.begin(), kCommitSeconds.end()})),
      group_events_(surroundings.metrics.histogram("hub_store_group_events",
                                                   "Events made durable in one transaction.",
                                                   {kGroupEvents.begin(), kGroupEvents.end()})),
      store_(store, clock_),
      life_(store_, std::move(surroundings.take_signs_of_life), clock_, logger_, failures_),
      maintenance_due_(clock_.steady()),
      thread_([this] { run(); }) {}

StoreWriter::~StoreWriter() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        stopped_.notify_all();
    }
    log_.interrupt();
    thread_.join();
}

std::optional<std::string> StoreWriter::failure() const {
    const std::lock_guard lock(mutex_);
    return failure_;
}

void StoreWriter::run() {
    std::vector<Event> events;
    while (log_.wait(events, group_, untilNextChore())) {
        const bool stored = events.empty() || store(events);
        life_.step();
        maintain();
        if (!stored && !pauseBeforeRetry()) break;
    }
    life_.finish();
}

// One attempt; the log offers the events again when it fails.
bool StoreWriter::store(const std::vector<Event>& events) {
    const SteadyTime begin = clock_.steady();
    const Result<void> stored = store_.append(events);
    if (!stored) {
        noteFailure(stored.error().message);
        group_ = std::max<std::size_t>(group_ / 2, 1);
        log_.stall();
        return false;
    }
    measure(events, clock_.steady() - begin);
    // Only then it is over: a full disk takes some small groups, and refuses the next one again.
    const bool caught_up = events.back().sequence == log_.last();
    group_ = caught_up ? kGroup : std::min(2 * group_, kGroup);
    if (group_ == kGroup) noteRecovery();
    log_.advance(events.back().sequence);
    return true;
}

void StoreWriter::measure(const std::vector<Event>& events, std::chrono::duration<double> spent) {
    commit_seconds_.observe(spent.count());
    group_events_.observe(static_cast<double>(events.size()));
    rows_.add(events.size());
    for (const Event& event : events) unmaintained_bytes_ += bytesOf(event);
}

// False when the writer is stopping.
bool StoreWriter::pauseBeforeRetry() {
    const auto duration = std::exchange(retry_, std::min(retry_ * 2, kLastRetry));
    std::unique_lock lock(mutex_);
    return !stopped_.wait_for(lock, duration, [this] { return stopping_; });
}

void StoreWriter::noteFailure(const std::string& message) {
    failures_.add();
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
        if (!failure_) return;
        failure_.reset();
    }
    retry_ = kFirstRetry;
    logger_.info("events are stored again");
}

void StoreWriter::maintain() {
    const SteadyTime now = clock_.steady();
    if (!more_to_maintain_ && now < maintenance_due_ && unmaintained_bytes_ < kMaintenanceBytes) {
        return;
    }
    maintenance_due_ = now + kMaintenanceInterval;
    // Large events are many bytes in one group, and what has to go for them is as much.
    do {
        more_to_maintain_ = store_.maintain(clock_.wall());
        unmaintained_bytes_ -= std::min(unmaintained_bytes_, kMaintenanceBytes);
    } while (more_to_maintain_ && unmaintained_bytes_ >= kMaintenanceBytes);
    if (!more_to_maintain_) unmaintained_bytes_ = 0;
}

std::chrono::nanoseconds StoreWriter::untilNextChore() const {
    const SteadyTime now = clock_.steady();
    const SteadyTime due = more_to_maintain_ ? now : std::min(life_.due(), maintenance_due_);
    return std::max(now, due) - now;
}

}  // namespace hub::storage
