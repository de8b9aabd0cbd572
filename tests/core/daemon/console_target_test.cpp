#include "daemon/console_target.h"

#include "fakes/manual_clock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>

namespace hub::daemon {
namespace {

using testing::MatchesRegex;

// A target that writes into a pipe.
class ConsoleTargetTest : public testing::Test {
protected:
    ConsoleTargetTest() { openPipe(); }
    ~ConsoleTargetTest() override {
        ::close(ends_[0]);
        ::close(ends_[1]);
    }

    // Writing into it blocks when it is full, as with the pipe of a shell.
    void openPipe() {
        EXPECT_EQ(::pipe(ends_.data()), 0);
        EXPECT_EQ(::fcntl(ends_[0], F_SETFL, O_NONBLOCK), 0);
    }

    static LogLine line(std::string message) {
        return {fakes::ManualClock::kStart, LogLevel::Info, "hub", std::move(message)};
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
};

TEST_F(ConsoleTargetTest, WritesALine) {
    ConsoleTarget(ends_[1], LogFormat::Text).write(line("listening"));
    EXPECT_EQ(written(), "2026-11-23T16:40:00.000Z info hub: listening\n");
}

TEST_F(ConsoleTargetTest, LosesLinesRatherThanWaitingForAReader) {
    ConsoleTarget target(ends_[1], LogFormat::Text);
    const std::string filler(3000, 'x');
    for (int i = 0; i < 1000; ++i) {
        target.write(line(filler));
    }
    EXPECT_LT(written().size(), 1000 * filler.size());

    target.write(line("back again"));
    EXPECT_THAT(written(),
                MatchesRegex("2026-11-23T16:40:00.000Z warning log: [0-9]+ lines lost: they could "
                             "not be written\n.*Z info hub: back again\n"));
    target.write(line("and again"));
    EXPECT_EQ(written(), "2026-11-23T16:40:00.000Z info hub: and again\n");
}

TEST_F(ConsoleTargetTest, SurvivesAReaderThatIsGone) {
    ConsoleTarget target(ends_[1], LogFormat::Text);
    ::close(ends_[0]);
    const auto ignored = ::signal(SIGPIPE, SIG_IGN);
    target.write(line("into the void"));
    ::signal(SIGPIPE, ignored);
    ::close(ends_[1]);
    openPipe();
}

}  // namespace
}  // namespace hub::daemon
