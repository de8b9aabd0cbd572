#pragma once

#include "hub/logger.h"

#include <algorithm>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace hub::fakes {

// A logger that keeps every line for a test to look at. Any thread.
class RecordingLogger final : public Logger {
public:
    struct Line {
        LogLevel level;
        std::string message;
    };

    void log(LogLevel level, std::string_view message) noexcept override {
        const std::lock_guard lock{mutex_};
        lines_.push_back({level, std::string{message}});
    }

    [[nodiscard]] bool enabled(LogLevel) const noexcept override { return true; }

    [[nodiscard]] std::vector<Line> lines() const {
        const std::lock_guard lock{mutex_};
        return lines_;
    }

    // True when a line of this level contains `part`.
    [[nodiscard]] bool contains(LogLevel level, std::string_view part) const {
        const std::lock_guard lock{mutex_};
        return std::any_of(lines_.begin(), lines_.end(), [&](const Line& line) {
            return line.level == level && line.message.find(part) != std::string::npos;
        });
    }

private:
    mutable std::mutex mutex_;
    std::vector<Line> lines_;  // guarded by mutex_
};

}  // namespace hub::fakes
