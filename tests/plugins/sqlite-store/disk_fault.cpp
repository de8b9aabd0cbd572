#include "disk_fault.h"

#include <sqlite3.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <limits>

namespace hub::sqlite_store {

namespace {

// What SQLite calls in our stead is a plain function: its state cannot live in an object.
constexpr int kUnlimited = std::numeric_limits<int>::max();
std::atomic<int> writes_left = kUnlimited;

bool mayWrite() {
    if (writes_left == kUnlimited) {
        return true;
    }
    if (writes_left > 0) {
        --writes_left;
        return true;
    }
    errno = ENOSPC;
    return false;
}

ssize_t limitedWrite(int file, const void* bytes, std::size_t count) {
    return mayWrite() ? ::write(file, bytes, count) : -1;
}

ssize_t limitedPwrite(int file, const void* bytes, std::size_t count, off_t offset) {
    return mayWrite() ? ::pwrite(file, bytes, count, offset) : -1;
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
}

DiskFault::~DiskFault() {
    repair();
    for (const char* const name : {"write", "pwrite", "pwrite64"}) {
        replace<void()>(name, nullptr);  // restores the original
    }
}

void DiskFault::failAfter(int writes) { writes_left = writes; }

void DiskFault::repair() { writes_left = kUnlimited; }

}  // namespace hub::sqlite_store
