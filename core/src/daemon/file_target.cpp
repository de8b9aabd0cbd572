#include "daemon/file_target.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

namespace hub::daemon {
namespace {

std::string beginningOf(int file) {
    std::array<char, 32> text{};
    const auto length = ::pread(file, text.data(), text.size(), 0);
    return {text.data(), length > 0 ? static_cast<std::size_t>(length) : 0};
}

}  // namespace

FileTarget::FileTarget(std::filesystem::path file, LogFormat format, Rotation rotation)
    : file_(std::move(file)), format_(format), rotation_(rotation) {
    open();
}

void FileTarget::open() {
    const auto refuse = [this](const std::string& why) {
        return std::runtime_error("cannot write the log to " + file_.string() + ": " + why);
    };
    // Without O_NONBLOCK a named pipe that nobody reads would hold up the start.
    constexpr int kFlags = O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    net::Descriptor opened(::open(file_.c_str(), kFlags, 0640));
    struct stat status {};
    if (opened.value() < 0 || ::fstat(opened.value(), &status) != 0) {
        throw refuse(std::generic_category().message(errno));
    }
    if (!S_ISREG(status.st_mode)) {
        throw refuse("it is no regular file");
    }
    if (status.st_size > 0 && !beginsLikeLog(beginningOf(opened.value()))) {
        throw refuse("it is no log, and is left as it is (choose another file with log.file)");
    }
    descriptor_ = std::move(opened);
    size_ = static_cast<std::size_t>(status.st_size);
    rotate_at_ = rotation_.bytes;
}

bool FileTarget::put(const LogLine& line) {
    const std::string text = formatLine(line, format_);
    if (size_ > 0 && size_ + text.size() > rotate_at_) {
        rotate();
    }
    const auto written = ::write(descriptor_.value(), text.data(), text.size());
    if (written == static_cast<ssize_t>(text.size())) {
        size_ += text.size();
        return true;
    }
    if (written > 0 && ::ftruncate(descriptor_.value(), static_cast<off_t>(size_)) != 0) {
        size_ += static_cast<std::size_t>(written);  // half a line stays
    }
    return false;
}

void FileTarget::openAgain() {
    try {
        open();
    } catch (const std::runtime_error& error) {
        const auto now = std::chrono::time_point_cast<std::chrono::microseconds>(
            std::chrono::system_clock::now());
        static_cast<void>(put({now, LogLevel::Warning, "log",
                               std::string(error.what()) + "; the file opened before goes on"}));
    }
}

// What cannot be renamed or opened is no reason to lose lines: the file then grows on.
void FileTarget::rotate() {
    std::error_code error;
    for (std::size_t number = rotation_.files; number > 0; --number) {
        std::filesystem::rename(number == 1 ? file_ : numbered(number - 1), numbered(number),
                                error);
    }
    if (rotation_.files == 0) {
        std::filesystem::remove(file_, error);
    }
    rotate_at_ = size_ + rotation_.bytes;
    openAgain();
    if (size_ > 0) {
        rotate_at_ = size_ + rotation_.bytes;  // it failed: not again with every line
    }
}

std::filesystem::path FileTarget::numbered(std::size_t number) const {
    return file_.string() + "." + std::to_string(number);
}

}  // namespace hub::daemon
