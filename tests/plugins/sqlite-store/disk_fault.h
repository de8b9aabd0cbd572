#pragma once

#include <cerrno>
#include <cstdint>

namespace hub::sqlite_store {

// Puts itself between SQLite and the disk of this process, and lets what changes a file (write,
// sync, truncate, rename) fail. One at a time; before the first database is opened, until after the
// last is closed.
class DiskFault {
public:
    DiskFault();
    ~DiskFault();
    DiskFault(const DiskFault&) = delete;
    DiskFault& operator=(const DiskFault&) = delete;

    // From now on `calls` more calls work, then all fail with `error` until `repair`.
    void failAfter(int calls, int error = ENOSPC);
    void repair();

    // From now on files can grow by so many bytes altogether, and give back what they shrink by;
    // what would need more fails with ENOSPC.
    void setRoom(std::int64_t bytes);
};

}  // namespace hub::sqlite_store
