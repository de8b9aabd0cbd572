#pragma once

#include <cstdint>
#include <string_view>

#include "hub/api.h"

namespace hub {

enum class LogLevel : std::uint8_t { Debug, Info, Warning, Error };

// Where a part of the hub writes what an operator should know; each part has one under its own
// name. Any thread. Never hold a lock that a device could wait for while logging.
class HUB_API Logger {
public:
    virtual ~Logger();
    virtual void log(LogLevel level, std::string_view message) noexcept = 0;

    void debug(std::string_view message) noexcept { log(LogLevel::Debug, message); }
    void info(std::string_view message) noexcept { log(LogLevel::Info, message); }
    void warning(std::string_view message) noexcept { log(LogLevel::Warning, message); }
    void error(std::string_view message) noexcept { log(LogLevel::Error, message); }
};

}  // namespace hub
