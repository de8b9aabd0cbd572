#include "database_lock.h"

#include "database_connection.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <system_error>

namespace hub::sqlite_store {

namespace {

using std::filesystem::path;

// By whatever name the database is called, there is one lock for it.
path lockFileOf(const path& file) {
    std::error_code none;
    path real = std::filesystem::weakly_canonical(file, none);
    if (none) real = file;
    return real += "-lock";
}

// What the holder wrote about itself; only good for a message.
std::string holderOf(int descriptor) {
    std::array<char, 20> text{};
    const auto length = ::pread(descriptor, text.data(), text.size(), 0);
    const std::string pid(text.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
    return pid.empty() ? "another hub" : "another hub (process " + pid + ")";
}

[[noreturn]] void refuse(const path& file, const std::string& why_and_remedy) {
    throw DatabaseError("cannot use " + file.string() + ": " + why_and_remedy,
                        DatabaseError::Cause::Connection);
}

}  // namespace

// The file stays at the end: removing it would let a second hub lock a new one while the old is
// still held.
DatabaseLock::DatabaseLock(const path& file) {
    const path lock = lockFileOf(file);
    descriptor_ = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor_ < 0) {
        refuse(file, "the file for its lock, " + lock.string() + ", cannot be opened (" +
                         std::generic_category().message(errno) +
                         "); check that its folder exists and that the hub's user may write there");
    }
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
        const std::string why =
            errno == EWOULDBLOCK
                ? holderOf(descriptor_) + " is using it, and holds the lock on " + lock.string() +
                      "; end that one, or choose another store.path"
                : lock.string() + " cannot be locked (" + std::generic_category().message(errno) +
                      "); keep the database on a local disk";
        ::close(descriptor_);
        refuse(file, why);
    }
    // On a full disk nobody learns who holds it, which is no reason not to.
    const std::string pid = std::to_string(::getpid());
    [[maybe_unused]] const bool told =
        ::ftruncate(descriptor_, 0) == 0 && ::pwrite(descriptor_, pid.data(), pid.size(), 0) > 0;
}

DatabaseLock::~DatabaseLock() { ::close(descriptor_); }

}  // namespace hub::sqlite_store
