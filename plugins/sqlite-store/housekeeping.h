#pragma once

#include "forgotten_history.h"
#include "free_space.h"
#include "hub/time.h"
#include "retention.h"

#include <vector>

namespace hub::sqlite_store {

class DatabaseConnection;
class EventWriter;

// Everything that makes the file smaller, one small step at a time: history of forgotten devices,
// history beyond what is kept, pages that hold nothing. The first two take turns, so that a limit
// holds while a long history is forgotten. Belongs to the thread that appends.
class Housekeeping {
public:
    // `forgotten`: whose history was still to be deleted when the file was opened. The references
    // must outlive it. Throws DatabaseError.
    Housekeeping(DatabaseConnection& connection, EventWriter& writer, RetentionLimits limits,
                 const std::vector<ForgottenDevice>& forgotten);

    // A step, if there is one to do; see Store::maintain. Throws DatabaseError, and may be called
    // again.
    bool step(Timestamp now);

private:
    EventWriter& writer_;
    ForgottenHistory forgotten_;
    Retention retention_;
    FreeSpace free_space_;
    bool retention_first_ = false;  // in the next step
};

}  // namespace hub::sqlite_store
