#include "hub/logger.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <utility>

namespace hub {

std::string_view toString(LogLevel level) noexcept {
    switch (level) {
        case LogLevel::Debug:
            return "debug";
        case LogLevel::Info:
            return "info";
        case LogLevel::Warning:
            return "warning";
        case LogLevel::Error:
            return "error";
    }
    return "";
}

std::optional<LogLevel> logLevelFrom(std::string_view word) noexcept {
    constexpr std::array kLevels{LogLevel::Debug, LogLevel::Info, LogLevel::Warning,
                                 LogLevel::Error};
    const auto found = std::find_if(kLevels.begin(), kLevels.end(),
                                    [&](LogLevel level) { return toString(level) == word; });
    if (found == kLevels.end()) return std::nullopt;
    return *found;
}

ThrottledLogger::ThrottledLogger(Logger& logger, const Clock& clock) noexcept
    : logger_(logger), clock_(clock) {}

void ThrottledLogger::log(LogLevel level, std::string_view message) noexcept {
    if (!enabled(level)) return;
    std::uint64_t left_out = 0;
    {
        const std::lock_guard lock(mutex_);
        if (const SteadyTime now = clock_.steady(); now >= minute_ends_) {
            minute_ends_ = now + std::chrono::minutes(1);
            lines_ = 0;
            left_out = std::exchange(left_out_, 0);
        }
        if (lines_ == kLinesPerMinute) {
            ++left_out_;
            return;
        }
        ++lines_;
    }
    if (left_out > 0) {
        logger_.log(level, "left out " + std::to_string(left_out) +
                               " lines such as the next one: there is room for " +
                               std::to_string(kLinesPerMinute) + " a minute");
    }
    logger_.log(level, message);
}

bool ThrottledLogger::enabled(LogLevel level) const noexcept { return logger_.enabled(level); }

}  // namespace hub
