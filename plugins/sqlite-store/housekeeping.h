#pragma once

#include "forgotten_history.h"
#include "free_space.h"
#include "hub/time.h"
#include "retention.h"

#include <array>
#include <cstddef>
#include <string>
#include <vector>

namespace hub::sqlite_store {

class DatabaseConnection;
class EventWriter;

// What makes the file smaller: deleting the history of forgotten devices, deleting history beyond
// what is kept, giving back pages that hold nothing.
enum class Chore { ForgottenHistory, Retention, FreeSpace };

// How the chores do, from one connection to the next.
class ChoreRecord {
public:
    // Why one of them does not work at the moment; empty while all do.
    [[nodiscard]] std::string failure() const;

private:
    friend class Housekeeping;

    struct Entry {
        std::string failure;  // of the last time; empty when it worked
        bool rests = false;   // has failed, and waits until the others have nothing more to do
    };
    [[nodiscard]] Entry& of(Chore chore) noexcept {
        return entries_[static_cast<std::size_t>(chore)];
    }

    std::array<Entry, 3> entries_;
};

// Does the chores, one small step at a time. The first two take turns, so that a limit holds while
// a long history is forgotten. One that fails is tried again once the others are done, and holds
// none of them up. Belongs to the thread that appends.
class Housekeeping {
public:
    // `forgotten`: whose history was still to be deleted when the file was opened. The references
    // must outlive it. Throws DatabaseError.
    Housekeeping(DatabaseConnection& connection, EventWriter& writer, RetentionLimits limits,
                 const std::vector<ForgottenDevice>& forgotten, ChoreRecord& record);

    // A step, if there is one to do; see Store::maintain. What fails stands in the record. Throws
    // DatabaseError when another connection may help, or none.
    bool step(Timestamp now);

private:
    bool tryStep(Chore chore, Timestamp now);
    bool stepOf(Chore chore, Timestamp now);

    EventWriter& writer_;
    ChoreRecord& record_;
    ForgottenHistory forgotten_;
    Retention retention_;
    FreeSpace free_space_;
    bool retention_first_ = false;  // in the next step
};

}  // namespace hub::sqlite_store
