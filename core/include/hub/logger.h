#pragma once

#include "hub/api.h"
#include "hub/time.h"

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hub {

enum class LogLevel : std::uint8_t { Debug, Info, Warning, Error };

// `debug`, `info`, `warning` or `error`.
[[nodiscard]] HUB_API std::string_view toString(LogLevel level) noexcept;

// The reverse; nothing for a word that is none of them.
[[nodiscard]] HUB_API std::optional<LogLevel> logLevelFrom(std::string_view word) noexcept;

// Where a part of the hub writes what an operator should know; each part has one under its own
// name. Any thread. Never hold a lock that a device could wait for while logging.
class HUB_API Logger {
public:
    virtual ~Logger();
    virtual void log(LogLevel level, std::string_view message) noexcept = 0;

    // False when a message of this level would go nowhere: ask before making one that costs.
    [[nodiscard]] virtual bool enabled(LogLevel level) const noexcept = 0;

    void debug(std::string_view message) noexcept { log(LogLevel::Debug, message); }
    void info(std::string_view message) noexcept { log(LogLevel::Info, message); }
    void warning(std::string_view message) noexcept { log(LogLevel::Warning, message); }
    void error(std::string_view message) noexcept { log(LogLevel::Error, message); }
};

// For what a peer can have the hub say as often as it likes: passes on kLinesPerMinute, and with
// the first line after that minute says how many more there were. Any thread.
class HUB_API ThrottledLogger final : public Logger {
public:
    static constexpr int kLinesPerMinute = 60;

    // Both must outlive it.
    ThrottledLogger(Logger& logger, const Clock& clock) noexcept;

    void log(LogLevel level, std::string_view message) noexcept override;
    [[nodiscard]] bool enabled(LogLevel level) const noexcept override;

private:
    // Constant after construction.
    Logger& logger_;
    const Clock& clock_;

    // Guarded by mutex_.
    std::mutex mutex_;
    SteadyTime minute_ends_{};
    int lines_ = 0;               // in this minute
    std::uint64_t left_out_ = 0;  // and not yet told
};

// One line that was logged.
struct LogLine {
    Timestamp time{};
    LogLevel level = LogLevel::Info;
    std::string logger;        // the part's name
    std::string message;       // one line: control characters are escaped
    std::uint64_t number = 0;  // counted from 1 since the process began; 0 until the tail has it
};

// The newest lines of the hub's log, kept in memory up to a bound. Any thread.
class HUB_API LogTail {
public:
    virtual ~LogTail();

    // The newest `limit` lines of `least` or a more important level, newest first; with `before`
    // (0: none) only those of a lower number.
    [[nodiscard]] virtual std::vector<LogLine> newest(LogLevel least, std::size_t limit,
                                                      std::uint64_t before) const = 0;
};

}  // namespace hub
