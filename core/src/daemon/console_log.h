#pragma once

#include "hub/logger.h"

#include <memory>
#include <string_view>

namespace Poco {
class Logger;
}

namespace hub::daemon {

// Sends the log of this process to `descriptor`, which must stay open, from `threshold` on; also
// what was logged under names that were known before. Called again, it changes both.
//
// One line each: `2026-11-23T16:40:03.120Z info ws-transport: listening`. A reader that does not
// read delays a thread by a fraction of a second at most and then loses lines, which are counted
// and told of when it reads again.
void openConsoleLog(int descriptor, LogLevel threshold);

// Writes under one name. Control characters are escaped, so that no message can break or fake a
// line, and what is longer than a few kilobytes is cut. Any thread.
class ConsoleLogger final : public Logger {
public:
    explicit ConsoleLogger(std::string_view name);
    void log(LogLevel level, std::string_view message) noexcept override;

private:
    Poco::Logger& logger_;  // owned by Poco for the life of the process
};

// A ConsoleLogger for whoever knows only the interface.
[[nodiscard]] std::unique_ptr<Logger> makeConsoleLogger(std::string_view name);

}  // namespace hub::daemon
