#include "retention.h"

#include "database_connection.h"
#include "event_writer.h"
#include "pages.h"
#include "stored_time.h"

#include <algorithm>
#include <limits>

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

// Commands that were spared, of which it is looked whether they may go by now.
constexpr int kSparedOfAStep = 1'000;

// A condition on a row of `command`.
constexpr const char* kIsKept = "(completed IS NULL OR completed >= ?3)";

std::int64_t bound(Sequence sequence) { return static_cast<std::int64_t>(sequence); }

}  // namespace

Retention::Table::Table(DatabaseConnection& connection, const std::string& name,
                        const std::string& removable)
    : oldest(connection, "SELECT seq, time FROM " + name + " WHERE seq >= ? ORDER BY seq LIMIT 1"),
      newest(connection,
             "SELECT seq, time FROM " + name + " WHERE seq < ? ORDER BY seq DESC LIMIT 1"),
      remove(connection, "DELETE FROM " + name + " WHERE seq >= ? AND seq < ?" +
                             (removable.empty() ? std::string() : " AND " + removable)) {}

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
      command_targets_(connection, "command_target",
                       std::string("NOT EXISTS (SELECT 1 FROM command"
                                   " WHERE number = command_target.command AND ") +
                           kIsKept + ")"),
      commands_(connection, "command", std::string("NOT ") + kIsKept),
      farewells_(connection, "farewell"),
      state_devices_(connection, "SELECT device, seq FROM state WHERE seq >= ? AND seq < ?"),
      spared_commands_(connection, std::string("SELECT number, seq, NOT ") + kIsKept +
                                       " FROM command WHERE seq > ?1 AND seq < ?2 ORDER BY seq"),
      remove_targets_(connection, "DELETE FROM command_target WHERE command=? AND seq < ?"),
      remove_command_(connection, "DELETE FROM command WHERE number=?") {}

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
        looked_to_ = 0;
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
    removeCompleted(now);
    while (more && begin < last && std::chrono::steady_clock::now() < deadline) {
        Sequence end = std::min(begin + kNumbersAtOnce, writer_.lastSequence() + 1);
        if (!tooLarge()) {
            end = endOfOld(begin, end, now);
        }
        removeRows(begin, end, now);
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

void Retention::removeRows(Sequence begin, Sequence end, Timestamp now) {
    connections_.removeRows(begin, end);
    events_.removeRows(begin, end);
    farewells_.removeRows(begin, end);
    removeCommands(begin, end, now);
    for (const Sequence spared : spare(begin, end)) {
        states_.removeRows(begin, spared);
        begin = spared + 1;
    }
    states_.removeRows(begin, end);
}

void Retention::removeCommands(Sequence begin, Sequence end, Timestamp now) {
    for (Table* const table : {&command_targets_, &commands_}) {
        table->remove.bind(3, commandsKeptFrom(now));
        table->removeRows(begin, end);
    }
}

// From which `completed` on. For the size they go as soon as they are complete.
std::int64_t Retention::commandsKeptFrom(Timestamp now) const {
    if (limits_.time == std::chrono::milliseconds::zero() || tooLarge()) {
        return std::numeric_limits<std::int64_t>::max();
    }
    return (now - limits_.time).time_since_epoch().count();
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

// Removes commands that were spared, but need no longer be kept; what is left of their changes
// above `from_` goes in its turn.
void Retention::removeCompleted(Timestamp now) {
    std::vector<std::int64_t> completed;
    spared_commands_.bind(1, bound(looked_to_));
    spared_commands_.bind(2, bound(from_));
    spared_commands_.bind(3, commandsKeptFrom(now));
    int left = kSparedOfAStep;
    for (; left > 0 && spared_commands_.next(); --left) {
        looked_to_ = static_cast<Sequence>(spared_commands_.integer(1));
        if (spared_commands_.integer(2) != 0) completed.push_back(spared_commands_.integer(0));
    }
    spared_commands_.reset();
    if (left > 0) looked_to_ = 0;  // it was the last one: from the beginning again
    for (const std::int64_t number : completed) {
        remove_targets_.bind(1, number);
        remove_targets_.bind(2, bound(from_));
        remove_targets_.run();
        remove_command_.bind(1, number);
        remove_command_.run();
    }
}

}  // namespace hub::sqlite_store
