#include "daemon/pid_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

namespace hub::daemon {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& why) {
    throw std::runtime_error("cannot write the file with the process number " + file.string() +
                             ": " + why + " (choose it with --pidfile)");
}

std::string lastError() { return std::generic_category().message(errno); }

// Whether `file` still names what is open.
bool names(const std::filesystem::path& file, int descriptor) {
    struct stat named {};
    struct stat opened {};
    return ::lstat(file.c_str(), &named) == 0 && ::fstat(descriptor, &opened) == 0 &&
           named.st_dev == opened.st_dev && named.st_ino == opened.st_ino;
}

// Without its line end; as much as could be one number.
std::string contentOf(int descriptor) {
    std::array<char, 32> text{};
    const auto length = ::pread(descriptor, text.data(), text.size(), 0);
    std::string content(text.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
    if (content.ends_with('\n')) content.pop_back();
    return content;
}

bool isNumber(const std::string& text) {
    return text.find_first_not_of("0123456789") == std::string::npos;
}

net::Descriptor openRegular(const std::filesystem::path& file) {
    // Without O_NONBLOCK a device may hold up the start. A link is not followed: it would be the
    // link that is removed.
    constexpr int kFlags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW;
    net::Descriptor opened(::open(file.c_str(), kFlags, 0644));
    struct stat status {};
    if (opened.value() < 0 && errno == ELOOP) refuse(file, "it is no regular file");
    if (opened.value() < 0 || ::fstat(opened.value(), &status) != 0) refuse(file, lastError());
    if (!S_ISREG(status.st_mode)) refuse(file, "it is no regular file");
    return opened;
}

net::Descriptor openLocked(const std::filesystem::path& file) {
    for (;;) {
        net::Descriptor opened = openRegular(file);
        if (::flock(opened.value(), LOCK_EX | LOCK_NB) != 0) {
            if (errno != EWOULDBLOCK) refuse(file, lastError());
            const std::string holder = contentOf(opened.value());
            refuse(file, holder.empty() || !isNumber(holder) ? "another process holds it"
                                                             : "process " + holder + " holds it");
        }
        // Its last holder may have removed it meanwhile: the lock of a file without a name is none.
        if (names(file, opened.value())) return opened;
    }
}

}  // namespace

PidFile::PidFile(std::filesystem::path file) : file_(std::move(file)), lock_(openLocked(file_)) {
    const int descriptor = lock_.value();
    if (!isNumber(contentOf(descriptor))) {
        refuse(file_, "there is something else in it than the number of a process");
    }
    const std::string number = std::to_string(::getpid()) + "\n";
    if (::ftruncate(descriptor, 0) != 0 || ::pwrite(descriptor, number.data(), number.size(), 0) !=
                                               static_cast<ssize_t>(number.size())) {
        const std::string why = lastError();
        ::unlink(file_.c_str());
        refuse(file_, why);
    }
}

PidFile::~PidFile() {
    if (names(file_, lock_.value())) ::unlink(file_.c_str());
}

}  // namespace hub::daemon
