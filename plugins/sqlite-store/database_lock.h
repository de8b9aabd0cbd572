#pragma once

#include <filesystem>

namespace hub::sqlite_store {

// Holds a database for one hub alone, by a lock (flock(2)) on the file `<file>-lock` beside it: on
// the database itself SQLite has locks of its own, which another descriptor of it would take away
// when it is closed. The kernel gives it free when the process ends, however it ends.
class DatabaseLock {
public:
    // Makes the lock's file where it is missing. Throws DatabaseError: another hub holds it (and
    // which), or the file cannot be made.
    explicit DatabaseLock(const std::filesystem::path& file);
    ~DatabaseLock();
    DatabaseLock(const DatabaseLock&) = delete;
    DatabaseLock& operator=(const DatabaseLock&) = delete;

private:
    int descriptor_;
};

}  // namespace hub::sqlite_store
