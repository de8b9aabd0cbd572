#pragma once

#include <cstdint>

namespace hub::sqlite_store {

class DatabaseConnection;

// What the file consists of.
struct Pages {
    std::int64_t size = 0;  // bytes of each
    std::int64_t all = 0;
    std::int64_t free = 0;  // of them hold nothing
};

// Gives every page that the transaction in progress has added its place on the disk. So nothing
// that is committed needs room any more to move from the write-ahead log into the file, and the log
// can be used again, on a full disk too: that is what deleting needs there. Throws DatabaseError.
void reservePages(DatabaseConnection& connection);

// Throws DatabaseError.
[[nodiscard]] Pages readPages(DatabaseConnection& connection);

}  // namespace hub::sqlite_store
