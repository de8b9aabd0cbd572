#include "storage/store_writer.h"

#include <algorithm>
#include <array>
#include <exception>
#include <span>
#include <utility>

namespace hub::storage {

namespace {

constexpr std::array<double, 16> kCommitSeconds{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005,
                                                0.01,   0.025,   0.05,   0.1,   0.25,   0.5,
                                                1,      2.5,     5,      10};
constexpr std::array<double, 8> kGroupEvents{1, 4, 16, 64, 256, 1024, 4096, StoreWriter::kGroup};

// What the store says, whichever way.
template <class Call>
Result<void> answerOf(Call call) {
    try {
        return call();
    } catch (const std::exception& error) {
        return Error{Error::Kind::Unavailable, error.what()};
    }
}

// The newest sign of each device: `newer` wins.
std::vector<SignOfLife> merged(std::vector<SignOfLife> newer, std::vector<SignOfLife> older) {
    if (older.empty()) return newer;
    newer.insert(newer.end(), older.begin(), older.end());
    std::ranges::stable_sort(newer, {}, &SignOfLife::device);
    const auto repeated = std::ranges::unique(newer, {}, &SignOfLife::device);
    newer.erase(repeated.begin(), repeated.end());
    return newer;
}

}  // namespace

StoreWriter::StoreWriter(router::EventLog& log, Store& store, WriterSurroundings surroundings)
    : log_(log),
      store_(store),
      surroundings_(std::move(surroundings)),
      rows_(surroundings_.metrics.counter("hub_store_rows_total", "Events made durable.")),
      failures_(surroundings_.metrics.counter("hub_store_failures_total",
                                              "Times the store could not keep what it was given.")),
      commit_seconds_(surroundings_.metrics.histogram(
          "hub_store_commit_seconds", "How long the store took to make a group of events durable.",
          {kCommitSeconds.begin(), kCommitSeconds.end()})),
      group_events_(surroundings_.metrics.histogram("hub_store_group_events",
                                                    "Events made durable in one transaction.",
                                                    {kGroupEvents.begin(), kGroupEvents.end()})),
      life_due_(surroundings_.clock.steady() + kLifeInterval),
      maintenance_due_(surroundings_.clock.steady()),
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
    while (log_.wait(events, kGroup, untilNextChore())) {
        const bool stored = events.empty() || store(events);
        doChores();
        if (!stored && !pauseBeforeRetry()) break;
    }
    keepLastSignsOfLife();
}

// One attempt; the log offers the events again when it fails.
bool StoreWriter::store(const std::vector<Event>& events) {
    const Result<void> stored = append(events);
    if (!stored) {
        noteFailure(stored.error().message);
        log_.stall();
        return false;
    }
    noteRecovery();
    retry_ = kFirstRetry;
    log_.advance(events.back().sequence);
    return true;
}

Result<void> StoreWriter::append(const std::vector<Event>& events) {
    const SteadyTime begin = surroundings_.clock.steady();
    Result<void> stored = answerOf([&] { return store_.append(events); });
    if (!stored) return stored;
    const std::chrono::duration<double> spent = surroundings_.clock.steady() - begin;
    commit_seconds_.observe(spent.count());
    group_events_.observe(static_cast<double>(events.size()));
    rows_.add(events.size());
    return stored;
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
    surroundings_.logger.error(
        "events cannot be stored, so nothing is acknowledged until it works again: " + message);
}

void StoreWriter::noteRecovery() {
    {
        const std::lock_guard lock(mutex_);
        if (!failure_) return;
        failure_.reset();
    }
    surroundings_.logger.info("events are stored again");
}

void StoreWriter::doChores() {
    const SteadyTime now = surroundings_.clock.steady();
    if (now >= life_due_) {
        life_due_ = now + kLifeInterval;
        takeSignsOfLife();
        signs_waiting_ = true;
    }
    if (signs_waiting_) signs_waiting_ = keepSomeSignsOfLife();
    if (more_to_maintain_ || now >= maintenance_due_) {
        maintenance_due_ = now + kMaintenanceInterval;
        more_to_maintain_ = store_.maintain(log_.now());
    }
}

void StoreWriter::takeSignsOfLife() {
    signs_ = merged(surroundings_.take_signs_of_life(), std::move(signs_));
}

// True when there are more for the next time. What cannot be kept now is offered again with the
// next ones that are taken.
bool StoreWriter::keepSomeSignsOfLife() {
    if (signs_.empty()) return false;
    const auto piece =
        std::span<const SignOfLife>(signs_).last(std::min(kLifePiece, signs_.size()));
    const Result<void> kept = answerOf([&] { return store_.noteLife(piece); });
    const bool refused_before = std::exchange(signs_refused_, !kept.ok());
    if (kept) {
        signs_.resize(signs_.size() - piece.size());
        return !signs_.empty();
    }
    failures_.add();
    if (refused_before) return false;
    surroundings_.logger.warning(
        "when devices were last seen cannot be stored, and will be tried again: " +
        kept.error().message);
    return false;
}

void StoreWriter::keepLastSignsOfLife() {
    const SteadyTime limit = surroundings_.clock.steady() + kLastLifeLimit;
    takeSignsOfLife();
    while (keepSomeSignsOfLife() && surroundings_.clock.steady() < limit) {
    }
}

std::chrono::nanoseconds StoreWriter::untilNextChore() const {
    if (more_to_maintain_ || signs_waiting_) return std::chrono::nanoseconds::zero();
    const auto left = std::min(life_due_, maintenance_due_) - surroundings_.clock.steady();
    return std::max<std::chrono::nanoseconds>(left, std::chrono::nanoseconds::zero());
}

}  // namespace hub::storage
