#pragma once

#include "daemon/log_target.h"
#include "daemon/recent_lines.h"
#include "hub/logger.h"
#include "hub/time.h"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hub::daemon {

// From which level on lines are logged.
struct LogLevels {
    LogLevel general = LogLevel::Info;
    std::map<std::string, LogLevel, std::less<>> of_part;  // by the logger's name

    [[nodiscard]] LogLevel of(std::string_view logger) const;
};

// The log of the process: its loggers write to one target, and the newest lines stay in memory.
class ProcessLog {
public:
    // `clock` must outlive it.
    ProcessLog(const Clock& clock, LogLevels levels, std::unique_ptr<LogTarget> target);

    // A logger under a name; must not outlive the log. Any thread.
    [[nodiscard]] std::unique_ptr<Logger> logger(std::string_view name);
    // The same, for whoever makes loggers for others.
    [[nodiscard]] std::function<std::unique_ptr<Logger>(std::string_view)> loggers();

    // From now on lines go to `target`, which is first given what is in memory. Before the process
    // has threads that log.
    void moveTo(std::unique_ptr<LogTarget> target);

    // Whether `moveTo` was called.
    [[nodiscard]] bool moved() const noexcept { return targets_.size() > 1; }

    // After the log file was moved away: see LogTarget::reopen. Any thread.
    void reopen() noexcept { target_.load()->reopen(); }

    // The newest lines, those of every target. Any thread.
    [[nodiscard]] const LogTail& tail() const noexcept { return recent_; }

private:
    class Part;

    void write(LogLine line);

    // Constant after construction.
    const Clock& clock_;
    const LogLevels levels_;

    RecentLines recent_;
    std::atomic<LogTarget*> target_;
    // Those before the last one stay, for whoever may still be writing to them.
    std::vector<std::unique_ptr<LogTarget>> targets_;
};

}  // namespace hub::daemon
