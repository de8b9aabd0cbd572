#pragma once

#include "forgotten_history.h"
#include "free_space.h"
#include "hub/time.h"
#include "retention.h"

#include <chrono>
#include <vector>

namespace hub::sqlite_store {

class DatabaseConnection;
class EventWriter;

// Everything that makes the file smaller, one small step at a time: history of forgotten devices,
// history beyond what is kept, pages that hold nothing. Belongs to the thread that appends.
class Housekeeping {
public:
    // After nothing was left to do, it is looked for again that much later: a look costs a tenth of
    // a commit.
    static constexpr std::chrono::milliseconds kPause{10};

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
    Timestamp pause_since_ = Timestamp::min();
};

}  // namespace hub::sqlite_store
