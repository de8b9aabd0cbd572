#pragma once

#include "hub/store.h"
#include "hub/time.h"

#include <filesystem>

namespace hub::sqlite_store {

class DatabaseConnection;

// Takes a file that cannot be used out of the way: renames it to `<file>.damaged-20261123T164003Z`,
// and its write-ahead log likewise, so that both together can still be opened by hand. Returns the
// new name. Nobody may have the file open. Throws DatabaseError.
std::filesystem::path setAside(const std::filesystem::path& file, Timestamp now);

// Of a damaged file, which numbers were given, as far as it can still be read: without devices.
[[nodiscard]] Recovery readGivenNumbers(const std::filesystem::path& file) noexcept;

// Lets the numbers of a new file begin behind `given`. Throws DatabaseError.
void storeGivenNumbers(DatabaseConnection& connection, const Recovery& given);

}  // namespace hub::sqlite_store
