#include "daemon/console_log.h"

#include <Poco/AutoPtr.h>
#include <Poco/Channel.h>
#include <Poco/FormattingChannel.h>
#include <Poco/Logger.h>
#include <Poco/Message.h>
#include <Poco/PatternFormatter.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace hub::daemon {
namespace {

// A pipe that poll calls writable takes so many bytes (PIPE_BUF) at once without blocking.
constexpr std::size_t kMaxLine = 4096;
constexpr std::size_t kMaxMessage = kMaxLine - 256;
constexpr std::chrono::milliseconds kPatience{100};

// Poco's ConsoleChannel blocks for as long as nobody reads.
class DescriptorChannel final : public Poco::Channel {
public:
    explicit DescriptorChannel(int descriptor) : descriptor_(descriptor) {}

    void log(const Poco::Message& message) override {
        const std::lock_guard lock(mutex_);
        std::string line = message.getText().substr(0, kMaxLine - 1) + "\n";
        // Whoever has once waited in vain does not wait again before the reader is back.
        if (!writable(lost_ == 0 ? kPatience : std::chrono::milliseconds(0))) {
            ++lost_;
            return;
        }
        if (lost_ > 0) {
            line = "(" + std::to_string(lost_) + " lines lost: nobody read the log)\n" + line;
            line.resize(std::min(line.size(), kMaxLine));
            line.back() = '\n';
        }
        if (::write(descriptor_, line.data(), line.size()) > 0) {
            lost_ = 0;
        } else {
            ++lost_;
        }
    }

private:
    [[nodiscard]] bool writable(std::chrono::milliseconds patience) const {
        pollfd wanted{descriptor_, POLLOUT, 0};
        return ::poll(&wanted, 1, static_cast<int>(patience.count())) == 1;
    }

    const int descriptor_;
    std::mutex mutex_;
    std::uint64_t lost_ = 0;  // guarded by mutex_
};

Poco::Message::Priority priorityOf(LogLevel level) {
    switch (level) {
        case LogLevel::Debug:
            return Poco::Message::PRIO_DEBUG;
        case LogLevel::Info:
            return Poco::Message::PRIO_INFORMATION;
        case LogLevel::Warning:
            return Poco::Message::PRIO_WARNING;
        case LogLevel::Error:
            return Poco::Message::PRIO_ERROR;
    }
    return Poco::Message::PRIO_ERROR;
}

void appendEscaped(std::string& out, char c) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) {
        out += c;
    } else if (c == '\n') {
        out += "\\n";
    } else {
        out += "\\x";
        out += kDigits[byte >> 4];
        out += kDigits[byte & 0xf];
    }
}

std::string oneLine(std::string_view message) {
    std::string line;
    for (const char c : message) {
        if (line.size() >= kMaxMessage) {
            return line + "...";
        }
        appendEscaped(line, c);
    }
    return line;
}

}  // namespace

void openConsoleLog(int descriptor, LogLevel threshold) {
    Poco::AutoPtr<Poco::PatternFormatter> formatter(
        new Poco::PatternFormatter("%Y-%m-%dT%H:%M:%S.%iZ %p %s: %t"));
    formatter->setProperty("times", "UTC");
    formatter->setProperty("priorityNames", "error,error,error,warning,info,info,debug,debug");
    const Poco::AutoPtr<Poco::Channel> channel(new DescriptorChannel(descriptor));
    // The empty name stands for all loggers, present and future.
    Poco::Logger::setChannel("", new Poco::FormattingChannel(formatter, channel));
    Poco::Logger::setLevel("", priorityOf(threshold));
}

ConsoleLogger::ConsoleLogger(std::string_view name)
    : logger_(Poco::Logger::get(std::string(name))) {}

void ConsoleLogger::log(LogLevel level, std::string_view message) noexcept {
    try {
        const Poco::Message::Priority priority = priorityOf(level);
        if (logger_.is(priority)) {
            logger_.log(Poco::Message(logger_.name(), oneLine(message), priority));
        }
    } catch (...) {
        // There is nobody left to tell: out of memory, most likely.
    }
}

std::unique_ptr<Logger> makeConsoleLogger(std::string_view name) {
    return std::make_unique<ConsoleLogger>(name);
}

}  // namespace hub::daemon
