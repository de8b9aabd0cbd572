#include "daemon/console_log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>

namespace hub::daemon {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::SizeIs;
using testing::StartsWith;

// A log that goes into a pipe.
class ConsoleLog : public testing::Test {
protected:
    ConsoleLog() {
        openPipe();
        openConsoleLog(ends_[1], LogLevel::Info);
    }
    ~ConsoleLog() override {
        openConsoleLog(STDERR_FILENO, LogLevel::Info);
        ::close(ends_[0]);
        ::close(ends_[1]);
    }

    // Writing into it blocks when it is full, as with the pipe of a shell.
    void openPipe() {
        EXPECT_EQ(::pipe(ends_.data()), 0);
        EXPECT_EQ(::fcntl(ends_[0], F_SETFL, O_NONBLOCK), 0);
    }

    // Everything that is in the pipe by now.
    std::string written() const {
        std::string text;
        std::array<char, 4096> some{};
        for (auto n = ::read(ends_[0], some.data(), some.size()); n > 0;
             n = ::read(ends_[0], some.data(), some.size())) {
            text.append(some.data(), static_cast<std::size_t>(n));
        }
        return text;
    }

    std::array<int, 2> ends_{};
    ConsoleLogger logger_{"ws-transport"};
};

TEST_F(ConsoleLog, ALineHasTimeLevelNameAndMessage) {
    logger_.info("listening");
    EXPECT_THAT(written(),
                MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z "
                             "info ws-transport: listening\n"));
}

TEST_F(ConsoleLog, EveryLevelHasItsWord) {
    openConsoleLog(ends_[1], LogLevel::Debug);
    logger_.debug("m");
    EXPECT_THAT(written(), HasSubstr("Z debug ws-transport: m\n"));
    logger_.warning("m");
    EXPECT_THAT(written(), HasSubstr("Z warning ws-transport: m\n"));
    logger_.error("m");
    EXPECT_THAT(written(), HasSubstr("Z error ws-transport: m\n"));
}

TEST_F(ConsoleLog, LeavesOutWhatIsBelowTheThreshold) {
    openConsoleLog(ends_[1], LogLevel::Warning);
    logger_.info("chatter");
    ConsoleLogger("new name").info("chatter");
    EXPECT_EQ(written(), "");
    logger_.warning("take care");
    EXPECT_THAT(written(), EndsWith("take care\n"));
}

TEST_F(ConsoleLog, NoMessageCanFakeALine) {
    logger_.info(std::string_view("a\nb\r\x1b[31m\0\x7f \xc3\xa4 \\", 16));
    EXPECT_THAT(written(), EndsWith(": a\\nb\\x0d\\x1b[31m\\x00\\x7f \xc3\xa4 \\\n"));
}

TEST_F(ConsoleLog, CutsWhatIsTooLong) {
    logger_.info(std::string(100'000, 'x'));
    const std::string line = written();
    EXPECT_LE(line.size(), 4096U);
    EXPECT_THAT(line, EndsWith("xxx...\n"));
}

TEST_F(ConsoleLog, LosesLinesRatherThanWaitingForAReader) {
    const std::string filler(3000, 'x');
    for (int i = 0; i < 1000; ++i) {
        logger_.info(filler);
    }
    const std::string kept = written();
    EXPECT_LT(kept.size(), 1000 * filler.size());

    logger_.info("back again");
    const std::string next = written();
    EXPECT_THAT(next, MatchesRegex("\\([0-9]+ lines lost: nobody read the log\\)\n.*back again\n"));
    logger_.info("and again");
    EXPECT_THAT(written(), StartsWith("20"));
}

TEST_F(ConsoleLog, SurvivesAReaderThatIsGone) {
    ::close(ends_[0]);
    const auto ignored = ::signal(SIGPIPE, SIG_IGN);
    logger_.info("into the void");
    ::signal(SIGPIPE, ignored);
    ::close(ends_[1]);
    openPipe();
}

}  // namespace
}  // namespace hub::daemon
