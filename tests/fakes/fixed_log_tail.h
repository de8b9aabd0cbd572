#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "hub/logger.h"

namespace hub::fakes {

// A log whose newest lines a test has written, newest first.
class FixedLogTail final : public LogTail {
public:
    FixedLogTail() = default;
    explicit FixedLogTail(std::vector<LogLine> lines) : lines_(std::move(lines)) {}

    [[nodiscard]] std::vector<LogLine> newest(LogLevel least, std::size_t limit) const override {
        std::vector<LogLine> found;
        for (const LogLine& line : lines_) {
            if (found.size() < limit && line.level >= least) found.push_back(line);
        }
        return found;
    }

private:
    std::vector<LogLine> lines_;
};

}  // namespace hub::fakes
