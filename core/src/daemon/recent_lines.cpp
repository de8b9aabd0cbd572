#include "daemon/recent_lines.h"

#include <ranges>
#include <utility>

namespace hub::daemon {
namespace {

std::size_t sizeOf(const LogLine& line) {
    return sizeof line + line.logger.size() + line.message.size();
}

}  // namespace

void RecentLines::add(LogLine line) {
    const std::lock_guard lock(mutex_);
    bytes_ += sizeOf(line);
    line.number = ++last_number_;
    lines_.push_back(std::move(line));
    while (lines_.size() > kMaxLines || bytes_ > kMaxBytes) {
        bytes_ -= sizeOf(lines_.front());
        lines_.pop_front();
    }
}

std::vector<LogLine> RecentLines::newest(LogLevel least, std::size_t limit,
                                         std::uint64_t before) const {
    std::vector<LogLine> found;
    const std::lock_guard lock(mutex_);
    for (const LogLine& line : lines_ | std::views::reverse) {
        if (found.size() == limit) {
            break;
        }
        if (line.level >= least && (before == 0 || line.number < before)) {
            found.push_back(line);
        }
    }
    return found;
}

}  // namespace hub::daemon
