#include "daemon/data_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <string>
#include <system_error>

namespace hub::daemon {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& why) {
    throw std::runtime_error("cannot keep data in " + path.string() + ": " + why +
                             " (choose the folder with --data-dir)");
}

// What the holder of the lock wrote about itself; only good for a message.
std::string holderOf(int lock) {
    std::array<char, 20> text{};
    const auto length = ::pread(lock, text.data(), text.size(), 0);
    const std::string pid(text.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
    return "another hubd or import" + (pid.empty() ? "" : " (process " + pid + ")");
}

}  // namespace

DataDirectory::DataDirectory(const std::filesystem::path& path) {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error) {
        refuse(path, error.message());
    }
    // The file stays at the end: removing it would let a second hub lock a new one while the old is
    // still held.
    lock_ = net::Descriptor(::open((path / kLockFile).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    const int lock = lock_.value();
    if (lock < 0) refuse(path, std::generic_category().message(errno));
    if (::flock(lock, LOCK_EX | LOCK_NB) != 0) refuse(path, holderOf(lock) + " is using it");
    // On a full disk nobody learns who holds it, which is no reason not to.
    const std::string pid = std::to_string(::getpid());
    [[maybe_unused]] const bool told =
        ::ftruncate(lock, 0) == 0 && ::pwrite(lock, pid.data(), pid.size(), 0) > 0;
}

}  // namespace hub::daemon
