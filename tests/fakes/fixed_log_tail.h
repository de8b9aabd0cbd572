#pragma once

#include "hub/logger.h"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace hub::fakes {

// A log whose newest lines a test has written, newest first; they are numbered here.
class FixedLogTail final : public LogTail {
public:
    FixedLogTail() = default;
    explicit FixedLogTail(std::vector<LogLine> lines) : lines_(std::move(lines)) {
        std::uint64_t number = lines_.size();
        for (LogLine& line : lines_) line.number = number--;
    }

    [[nodiscard]] std::vector<LogLine> newest(LogLevel least, std::size_t limit,
                                              std::uint64_t before) const override {
        std::vector<LogLine> found;
        for (const LogLine& line : lines_) {
            const bool wanted = line.level >= least && (before == 0 || line.number < before);
            if (found.size() < limit && wanted) found.push_back(line);
        }
        return found;
    }

private:
    std::vector<LogLine> lines_;
};

}  // namespace hub::fakes
