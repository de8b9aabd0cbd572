#pragma once

#include "hub/device.h"
#include "hub/event.h"
#include "hub/time.h"
#include "query.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace hub::sqlite_store {

class DatabaseConnection;
class EventWriter;

// How much history is kept; 0: all.
struct RetentionLimits {
    std::chrono::milliseconds time{};  // younger than this
    std::uint64_t size = 0;            // bytes of the file's pages in use

    bool operator==(const RetentionLimits&) const = default;
};

// Deletes the oldest rows of all history tables, in the order of their numbers, while they are
// older than they may be or the file is larger. A device's newest state stays, however old, until
// there is a newer one. A command stays, with its changes, while it is open, and until its last
// outcome is older than it may be too: a repeat of its idempotency key finds it. Belongs to the
// thread that appends.
class Retention {
public:
    // What one step deletes at most, so that events wait only a few milliseconds for it. The oldest
    // numbers lie side by side, so whole pages become free.
    static constexpr Sequence kNumbersOfAStep = 10'000;
    static constexpr std::chrono::milliseconds kTimeOfAStep{8};

    // The references must outlive it. Throws DatabaseError.
    Retention(DatabaseConnection& connection, EventWriter& writer, RetentionLimits limits);

    // Deletes some rows, in a transaction, if there are any to delete. True: there may be more.
    // Throws DatabaseError, and has then done nothing. `now`: the wall clock's.
    bool step(Timestamp now);

private:
    // A history table, and what is asked of it again and again.
    struct Table {
        // `removable`: an SQL condition on what may be removed at all, "" for all rows; its
        // parameter ?3 is the time from which on commands that were completed are kept.
        Table(DatabaseConnection& connection, const std::string& name,
              const std::string& removable = {});

        Query oldest;  // the row from some number on: seq, time
        Query newest;  // the row below some number: seq, time
        Query remove;  // the rows from some number on, below another

        void removeRows(Sequence begin, Sequence end);
    };

    // A newest state that was spared when the rows around it went.
    struct Spared {
        DeviceIndex device{};
        Sequence state = 0;
    };

    struct Row {
        Sequence sequence = 0;  // 0: there is none
        Timestamp time{};
    };

    [[nodiscard]] std::array<Table*, 6> tables() noexcept {
        return {&states_, &connections_, &events_, &command_targets_, &commands_, &farewells_};
    }
    [[nodiscard]] bool tooLarge() const;
    [[nodiscard]] bool tooOld(const Row& oldest, Timestamp now);
    [[nodiscard]] Row oldestFrom(Sequence begin);
    [[nodiscard]] bool allOld(Sequence end, Timestamp now);
    [[nodiscard]] std::int64_t commandsKeptFrom(Timestamp now) const;
    [[nodiscard]] Sequence endOfOld(Sequence begin, Sequence end, Timestamp now);
    bool removeSome(Sequence begin, Timestamp now);
    void removeRows(Sequence begin, Sequence end, Timestamp now);
    void removeCommands(Sequence begin, Sequence end, Timestamp now);
    void removeSuperseded();
    void removeCompleted(Timestamp now);
    [[nodiscard]] std::vector<Sequence> spare(Sequence begin, Sequence end);

    // Constant after construction.
    DatabaseConnection& connection_;
    EventWriter& writer_;
    const RetentionLimits limits_;

    Table states_;
    Table connections_;
    Table events_;
    Table command_targets_;
    Table commands_;
    Table farewells_;
    Query state_devices_;     // device and seq of the states in a range
    Query spared_commands_;   // behind a seq, below another: number, seq, whether it may go
    Query remove_targets_;    // of a command, below a seq
    Query remove_command_;    // of that number
    Sequence from_ = 0;       // below it all rows are gone, but for those that were spared
    Sequence looked_to_ = 0;  // the last command that was looked at again
    std::vector<Spared> spared_;
};

}  // namespace hub::sqlite_store
