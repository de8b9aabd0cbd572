#pragma once

#include "hub/logger.h"

#include <cstdint>
#include <mutex>

namespace hub::daemon {

// Where the lines of the log go. Any thread.
class LogTarget {
public:
    virtual ~LogTarget() = default;

    // Writes the line, or loses it: a target that cannot write at the moment says how many lines
    // are missing as soon as it can again.
    void write(const LogLine& line) noexcept;

    // Begins its file anew, after whoever rotates log files has moved the old one away.
    void reopen() noexcept;

protected:
    // Both are called by one thread at a time. False: the line is lost. Waits for a fraction of a
    // second at most, and not at all while it is `losing()`.
    [[nodiscard]] virtual bool put(const LogLine& line) = 0;
    virtual void openAgain() {}

    // Whether the last line was lost.
    [[nodiscard]] bool losing() const noexcept { return lost_ > 0; }

private:
    [[nodiscard]] bool tryPut(const LogLine& line) noexcept;
    [[nodiscard]] bool tellOfLost(Timestamp time) noexcept;

    // Guarded by mutex_.
    std::mutex mutex_;
    std::uint64_t lost_ = 0;
};

}  // namespace hub::daemon
