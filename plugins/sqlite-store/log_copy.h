#pragma once

#include <filesystem>

struct sqlite3;

namespace hub::sqlite_store {

// Writes what the write-ahead log that `connection` has open holds to a new file, synced, which
// then takes the place of whatever is called `name`. For a log that has lost its name: as long as
// nothing is added to it, whoever opens the database after a crash finds there what was committed.
// False when that did not work; `name` is then what it was.
[[nodiscard]] bool copyLog(sqlite3* connection, const std::filesystem::path& name) noexcept;

// Makes the names in the folder of `file` durable, where the file system can do that.
void syncFolder(const std::filesystem::path& file);

}  // namespace hub::sqlite_store
