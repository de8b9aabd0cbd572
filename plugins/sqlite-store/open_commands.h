#pragma once

#include "hub/store.h"

namespace hub::sqlite_store {

class DatabaseConnection;

// Reads the commands whose outcome is open, and the newest of all, into `recovery`, whose devices
// are there already. Inside the caller's transaction. Throws DatabaseError.
void readCommands(DatabaseConnection& connection, Recovery& recovery);

}  // namespace hub::sqlite_store
