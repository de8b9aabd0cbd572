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

// Throws DatabaseError.
[[nodiscard]] Pages readPages(DatabaseConnection& connection);

}  // namespace hub::sqlite_store
