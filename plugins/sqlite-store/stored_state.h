#pragma once

#include <vector>

#include "hub/store.h"
#include "published_heads.h"

namespace hub::sqlite_store {

class DatabaseConnection;

// What is found in a database at start.
struct StoredState {
    Recovery recovery;
    std::vector<DeviceHeads> heads;  // by device number, for every device of `recovery`
    Sequence heads_stored_to = 0;    // up to here the table `head` had them
};

// Reads it: the devices, their stored heads, and the rows above these, of which there are as many
// at most as are written between two times the heads are stored. Throws DatabaseError.
[[nodiscard]] StoredState readStoredState(DatabaseConnection& connection);

}  // namespace hub::sqlite_store
