#pragma once

#include "query.h"

#include <cstdint>

namespace hub::sqlite_store {

class DatabaseConnection;

// What the file consists of.
struct Pages {
    std::int64_t size = 0;  // bytes of each
    std::int64_t all = 0;
    std::int64_t free = 0;  // of them hold nothing
};

// Gives pages their place on the disk before they are committed. So nothing that is committed needs
// room any more to move from the write-ahead log into the file, and the log can be used again, on a
// full disk too: that is what deleting needs there. Belongs to the thread of its connection.
class PageReserve {
public:
    // `connection`, whose file has got its page size, must outlive it. Throws DatabaseError.
    explicit PageReserve(DatabaseConnection& connection);

    // Does so for what the transaction in progress has added. Throws DatabaseError.
    void reserve();

private:
    DatabaseConnection& connection_;
    const std::int64_t page_size_;
    Query page_count_;  // compiled once: this runs before each commit
};

// Throws DatabaseError.
[[nodiscard]] Pages readPages(DatabaseConnection& connection);

}  // namespace hub::sqlite_store
