#include "retention.h"

#include "database_connection.h"
#include "event_writer.h"
#include "pages.h"
#include "stored_time.h"

#include <algorithm>

namespace hub::sqlite_store {

namespace {

// After so many the time and the size are looked at again.
constexpr Sequence kNumbersAtOnce = 1'000;

// What is old goes once a whole step of it has gathered, or else a little late: not every row in a
// transaction of its own.
constexpr std::chrono::milliseconds kMaxLate{60'000};
constexpr int kLatePart = 64;

// Longer than that no time can lie back.
constexpr auto kLongestTime = std::chrono::floor<std::chrono::milliseconds>(kLastTime - kFirstTime);

// Each lies on a page of its own.
constexpr int kSupersededOfAStep = 500;

std::int64_t bound(Sequence sequence) { return static_cast<std::int64_t>(sequence); }

}  // namespace

Retention::Table::Table(DatabaseConnection& connection, const std::string& name)
    : oldest(connection, "SELECT seq, time FROM " + name + " WHERE seq >= ? ORDER BY seq LIMIT 1"),
      newest(connection,
             "SELECT seq, time FROM " + name + " WHERE seq < ? ORDER BY seq DESC LIMIT 1"),
      remove(connection, "DELETE FROM " + name + " WHERE seq >= ? AND seq < ?") {}

void Retention::Table::removeRows(Sequence begin, Sequence end) {
    remove.bind(1, bound(begin));
    remove.bind(2, bound(end));
    remove.run();
}

Retention::Retention(DatabaseConnection& connection, EventWriter& writer, RetentionLimits limits)
    : connection_(connection),
      writer_(writer),
      limits_{std::min(limits.time, kLongestTime), limits.size},
      states_(connection, "state"),
      connections_(connection, "connection"),
      events_(connection, "event"),
      state_devices_(connection, "SELECT device, seq FROM state WHERE seq >= ? AND seq < ?") {}

bool Retention::step(Timestamp now) {
    if (limits_ == RetentionLimits{}) {
        return false;
    }
    now = storable(now);
    const Row oldest = oldestFrom(from_);
    if (oldest.sequence == 0 || (!tooLarge() && !tooOld(oldest, now))) {
        return false;
    }
    try {
        return removeSome(oldest.sequence, now);
    } catch (...) {
        // What is gone, and what was spared, is seen again from the beginning on.
        from_ = 0;
        spared_.clear();
        throw;
    }
}

// Returns whether it ended because the step was long enough.
bool Retention::removeSome(Sequence begin, Timestamp now) {
    const auto deadline = std::chrono::steady_clock::now() + kTimeOfAStep;
    const Sequence last = begin + kNumbersOfAStep;
    bool more = true;
    Transaction transaction(connection_, Transaction::Kind::Write);
    removeSuperseded();
    while (more && begin < last && std::chrono::steady_clock::now() < deadline) {
        Sequence end = std::min(begin + kNumbersAtOnce, writer_.lastSequence() + 1);
        if (!tooLarge()) {
            end = endOfOld(begin, end, now);
        }
        removeRows(begin, end);
        from_ = end;
        const Row next = oldestFrom(from_);
        more = next.sequence != 0 && (tooLarge() || allOld(next.sequence + 1, now));
        begin = next.sequence;
    }
    writer_.storeProgress();
    transaction.commit();
    return more;
}

bool Retention::tooLarge() const {
    if (limits_.size == 0) {
        return false;
    }
    const Pages pages = readPages(connection_);
    return static_cast<std::uint64_t>((pages.all - pages.free) * pages.size) > limits_.size;
}

bool Retention::tooOld(const Row& oldest, Timestamp now) {
    if (limits_.time == std::chrono::milliseconds::zero()) {
        return false;
    }
    const auto late = std::min(limits_.time / kLatePart, kMaxLate);
    return oldest.time < now - limits_.time - late ||
           (writer_.lastSequence() >= oldest.sequence + kNumbersOfAStep &&
            allOld(oldest.sequence + kNumbersOfAStep, now));
}

Retention::Row Retention::oldestFrom(Sequence begin) {
    Row oldest;
    for (Table* const table : tables()) {
        table->oldest.bind(1, bound(begin));
        if (table->oldest.next()) {
            const auto sequence = static_cast<Sequence>(table->oldest.integer(0));
            if (oldest.sequence == 0 || sequence < oldest.sequence) {
                oldest = {sequence, table->oldest.time(1)};
            }
        }
        table->oldest.reset();
    }
    return oldest;
}

// Time never decreases with the number.
bool Retention::allOld(Sequence end, Timestamp now) {
    if (limits_.time == std::chrono::milliseconds::zero()) {
        return false;
    }
    Timestamp newest = Timestamp::min();
    for (Table* const table : tables()) {
        table->newest.bind(1, bound(end));
        if (table->newest.next()) {
            newest = std::max(newest, table->newest.time(1));
        }
        table->newest.reset();
    }
    return newest < now - limits_.time;
}

// The end of the old rows among the numbers from `begin` on, below `end`.
Sequence Retention::endOfOld(Sequence begin, Sequence end, Timestamp now) {
    if (allOld(end, now)) {
        return end;
    }
    while (end - begin > 1) {
        const Sequence middle = begin + (end - begin) / 2;
        (allOld(middle, now) ? begin : end) = middle;
    }
    return begin;
}

void Retention::removeRows(Sequence begin, Sequence end) {
    connections_.removeRows(begin, end);
    events_.removeRows(begin, end);
    for (const Sequence spared : spare(begin, end)) {
        states_.removeRows(begin, spared);
        begin = spared + 1;
    }
    states_.removeRows(begin, end);
}

// The states in the range that are their device's newest.
std::vector<Sequence> Retention::spare(Sequence begin, Sequence end) {
    std::vector<Sequence> spared;
    state_devices_.bind(1, bound(begin));
    state_devices_.bind(2, bound(end));
    while (state_devices_.next()) {
        const auto device = static_cast<DeviceIndex>(state_devices_.integer(0));
        const auto sequence = static_cast<Sequence>(state_devices_.integer(1));
        if (writer_.newestState(device) == sequence) {
            spared.push_back(sequence);
            spared_.push_back({device, sequence});
        }
    }
    state_devices_.reset();
    return spared;
}

// Removes states that were spared, but are no longer the newest.
void Retention::removeSuperseded() {
    int left = kSupersededOfAStep;
    std::erase_if(spared_, [this, &left](const Spared& spared) {
        if (left == 0 || writer_.newestState(spared.device) == spared.state) {
            return false;
        }
        --left;
        states_.removeRows(spared.state, spared.state + 1);
        return true;
    });
}

}  // namespace hub::sqlite_store
