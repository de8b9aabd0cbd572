#include "daemon/log_target.h"

#include <string>

namespace hub::daemon {

void LogTarget::write(const LogLine& line) noexcept {
    const std::lock_guard lock(mutex_);
    if ((lost_ > 0 && !tellOfLost(line.time)) || !tryPut(line)) {
        ++lost_;
    }
}

void LogTarget::reopen() noexcept {
    const std::lock_guard lock(mutex_);
    try {
        openAgain();
    } catch (...) {
        // Out of memory: what is open stays open.
    }
}

bool LogTarget::tryPut(const LogLine& line) noexcept {
    try {
        return put(line);
    } catch (...) {
        return false;
    }
}

bool LogTarget::tellOfLost(Timestamp time) noexcept {
    try {
        const LogLine note{time, LogLevel::Warning, "log",
                           std::to_string(lost_) + " lines lost: they could not be written"};
        if (put(note)) {
            lost_ = 0;
        }
    } catch (...) {
        // It stays lost.
    }
    return lost_ == 0;
}

}  // namespace hub::daemon
