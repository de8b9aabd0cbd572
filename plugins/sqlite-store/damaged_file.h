#pragma once

#include "hub/time.h"

#include <filesystem>
#include <string>

namespace hub::sqlite_store {

class DatabaseConnection;

// Damage need not show at a start. Who meets it later leaves a mark for the next one beside the
// database: the file `<file>-damaged`, with `complaint` in it. Any thread.
void markDamaged(const std::filesystem::path& file, const std::string& complaint) noexcept;
[[nodiscard]] bool isMarkedDamaged(const std::filesystem::path& file) noexcept;
// What it says. Any thread.
[[nodiscard]] std::string complaintIn(const std::filesystem::path& file);
void removeMark(const std::filesystem::path& file) noexcept;

// Looks at the whole file behind `connection`, which may take minutes. Throws DatabaseError when it
// is damaged.
void requireWhole(DatabaseConnection& connection);

// Puts a new file in the place of one that cannot be used: begins it behind the numbers that the
// damaged one can still tell, then renames that one to `<file>.damaged-20261123T164003Z`, and its
// write-ahead log likewise, so that both together can still be opened by hand; where there is such
// a file already, `-2` is added, or `-3`, ... Returns the damaged file's new name. Nobody may have
// the file open. Throws DatabaseError, and has then renamed nothing, or left it to
// `finishReplacing` to rename the rest.
std::filesystem::path replaceDamaged(const std::filesystem::path& file, Timestamp now);

// Ends what `replaceDamaged` had begun when the process ended: for every start, before the file is
// opened. Returns what the damaged file is called, empty when there was nothing to end. Throws
// DatabaseError.
std::filesystem::path finishReplacing(const std::filesystem::path& file);

// True when there is a write-ahead log that holds something, but no database, or an empty one:
// SQLite would begin a new database and delete the log. Nobody may have the file open.
[[nodiscard]] bool isLogAlone(const std::filesystem::path& file);

// Renames that log to `<file>.damaged-20261123T164003Z-wal`, likewise. Returns its new name. Throws
// DatabaseError.
std::filesystem::path setLogAside(const std::filesystem::path& file, Timestamp now);

}  // namespace hub::sqlite_store
