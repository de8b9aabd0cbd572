#include "hub/logger.h"

#include <algorithm>
#include <array>

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

}  // namespace hub
