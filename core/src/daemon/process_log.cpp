#include "daemon/process_log.h"

#include "daemon/log_format.h"

#include <ranges>
#include <utility>

namespace hub::daemon {
namespace {

constexpr std::size_t kMaxName = 128;

}  // namespace

LogLevel LogLevels::of(std::string_view logger) const {
    const auto own = of_part.find(logger);
    return own == of_part.end() ? general : own->second;
}

// Writes under one name.
class ProcessLog::Part final : public Logger {
public:
    Part(ProcessLog& log, std::string_view name)
        : log_(log), name_(oneLine(name.substr(0, kMaxName))), least_(log.levels_.of(name)) {}

    void log(LogLevel level, std::string_view message) noexcept override {
        if (!enabled(level)) {
            return;
        }
        try {
            log_.write({log_.clock_.wall(), level, name_, oneLine(message)});
        } catch (...) {
            // There is nobody left to tell: out of memory, most likely.
        }
    }
    [[nodiscard]] bool enabled(LogLevel level) const noexcept override { return level >= least_; }

private:
    // Constant after construction.
    ProcessLog& log_;
    const std::string name_;
    const LogLevel least_;
};

ProcessLog::ProcessLog(const Clock& clock, LogLevels levels, std::unique_ptr<LogTarget> target)
    : clock_(clock), levels_(std::move(levels)), target_(target.get()) {
    targets_.push_back(std::move(target));
}

std::unique_ptr<Logger> ProcessLog::logger(std::string_view name) {
    return std::make_unique<Part>(*this, name);
}

std::function<std::unique_ptr<Logger>(std::string_view)> ProcessLog::loggers() {
    return [this](std::string_view name) { return logger(name); };
}

void ProcessLog::moveTo(std::unique_ptr<LogTarget> target) {
    for (const LogLine& line :
         recent_.newest(LogLevel::Debug, RecentLines::kMaxLines, 0) | std::views::reverse) {
        target->write(line);
    }
    target_.store(target.get());
    targets_.push_back(std::move(target));
}

void ProcessLog::write(LogLine line) {
    target_.load()->write(line);
    recent_.add(std::move(line));
}

}  // namespace hub::daemon
