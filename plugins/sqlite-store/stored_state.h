#pragma once

#include "hub/store.h"
#include "published_heads.h"

#include <vector>

namespace hub::sqlite_store {

class DatabaseConnection;

// Far more than any hub can have given, far less than a number that overflows.
inline constexpr Sequence kMaxSequence = Sequence{1} << 62;

// What is found in a database at start.
struct StoredState {
    Recovery recovery;
    std::vector<DeviceHeads> heads;          // by device number, for every device of `recovery`
    Sequence heads_stored_to = 0;            // up to here the table `head` had them
    std::vector<ForgottenDevice> forgotten;  // whose rows are still to be deleted
};

// Reads it: the devices, their stored heads, and the rows above these, of which there are as many
// at most as are written between two times the heads are stored. Throws DatabaseError, also for
// numbers that no hub has given: such a file is damaged.
[[nodiscard]] StoredState readStoredState(DatabaseConnection& connection);

}  // namespace hub::sqlite_store
