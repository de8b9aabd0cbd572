#include "disk_fault.h"

#include <sqlite3.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <limits>

namespace hub::sqlite_store {

namespace {

// What SQLite calls in our stead is a plain function: its state cannot live in an object.
constexpr int kUnlimited = std::numeric_limits<int>::max();
std::atomic<int> calls_left = kUnlimited;
std::atomic<int> failure = 0;
constexpr std::int64_t kEndless = std::numeric_limits<std::int64_t>::max();
std::atomic<std::int64_t> room = kEndless;

bool works() {
    if (calls_left == kUnlimited) {
        return true;
    }
    if (calls_left > 0) {
        --calls_left;
        return true;
    }
    errno = failure;
    return false;
}

// Whether `file` may have this length, which it then counts as having.
bool fits(int file, off_t length, bool may_shrink) {
    struct stat status {};
    if (room == kEndless || ::fstat(file, &status) != 0) return true;
    const off_t growth = length - status.st_size;
    if (growth <= 0 && !may_shrink) return true;
    if (growth > room) {
        errno = ENOSPC;
        return false;
    }
    room -= growth;
    return true;
}

ssize_t limitedWrite(int file, const void* bytes, std::size_t count) {
    return works() ? ::write(file, bytes, count) : -1;
}

ssize_t limitedPwrite(int file, const void* bytes, std::size_t count, off_t offset) {
    const bool possible = works() && fits(file, offset + static_cast<off_t>(count), false);
    return possible ? ::pwrite(file, bytes, count, offset) : -1;
}

int limitedTruncate(int file, off_t length) {
    return works() && fits(file, length, true) ? ::ftruncate(file, length) : -1;
}

template <class Function>
void replace(const char* name, Function* function) {
    sqlite3_vfs* const vfs = sqlite3_vfs_find(nullptr);
    vfs->xSetSystemCall(vfs, name, reinterpret_cast<sqlite3_syscall_ptr>(function));
}

}  // namespace

DiskFault::DiskFault() {
    replace("write", limitedWrite);
    replace("pwrite", limitedPwrite);
    replace("pwrite64", limitedPwrite);
    replace("ftruncate", limitedTruncate);
}

DiskFault::~DiskFault() {
    repair();
    for (const char* const name : {"write", "pwrite", "pwrite64", "ftruncate"}) {
        replace<void()>(name, nullptr);  // restores the original
    }
}

void DiskFault::failAfter(int calls, int error) {
    failure = error;
    calls_left = calls;
}

void DiskFault::repair() {
    calls_left = kUnlimited;
    room = kEndless;
}

void DiskFault::setRoom(std::int64_t bytes) { room = bytes; }

}  // namespace hub::sqlite_store

// SQLite lets nobody replace its syncs, nor std::filesystem its renames: this program's own
// functions come before libc's.
extern "C" int fdatasync(int file) {
    return hub::sqlite_store::works() ? static_cast<int>(::syscall(SYS_fdatasync, file)) : -1;
}

extern "C" int rename(const char* from, const char* to) noexcept {
    return hub::sqlite_store::works()
               ? static_cast<int>(::syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0))
               : -1;
}
