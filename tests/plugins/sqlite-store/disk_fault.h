#pragma once

namespace hub::sqlite_store {

// Puts itself between SQLite and the disk of this process, and lets writes fail as on a full disk.
// One at a time; before the first database is opened, until after the last is closed.
class DiskFault {
public:
    DiskFault();
    ~DiskFault();
    DiskFault(const DiskFault&) = delete;
    DiskFault& operator=(const DiskFault&) = delete;

    // From now on `writes` more writes work, then all fail until `repair`.
    void failAfter(int writes);
    void repair();
};

}  // namespace hub::sqlite_store
