#pragma once

#include "hub/logger.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <vector>

namespace hub::daemon {

// The newest lines of the log in memory, up to a bound. Any thread.
class RecentLines final : public LogTail {
public:
    static constexpr std::size_t kMaxLines = 1000;
    static constexpr std::size_t kMaxBytes = 256 * 1024;

    // Gives the line its number; the oldest lines make room for it.
    void add(LogLine line);

    [[nodiscard]] std::vector<LogLine> newest(LogLevel least, std::size_t limit,
                                              std::uint64_t before) const override;

private:
    // Guarded by mutex_.
    mutable std::mutex mutex_;
    std::deque<LogLine> lines_;  // oldest first
    std::size_t bytes_ = 0;
    std::uint64_t last_number_ = 0;
};

}  // namespace hub::daemon
