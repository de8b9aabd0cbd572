#pragma once

#include <cerrno>

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
};

}  // namespace hub::sqlite_store
