#include "daemon/control_signals.h"

#include "fakes/recording_logger.h"

#include <gtest/gtest.h>

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <future>
#include <system_error>

namespace hub::daemon {
namespace {

using namespace std::chrono_literals;

// Whoever waits for a signal that was sent waits as long as it takes.
constexpr auto kAlways = 1h;

class ControlSignalsTest : public testing::Test {
protected:
    ControlSignalsTest() {
        ::pthread_sigmask(SIG_SETMASK, nullptr, &before_);
        blockControlSignals();
    }
    ~ControlSignalsTest() override { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

    static void send(int number) { ::kill(::getpid(), number); }

    fakes::RecordingLogger logger_;

private:
    sigset_t before_{};
};

TEST_F(ControlSignalsTest, EachOfThemAsksToStop) {
    for (const int number : {SIGTERM, SIGINT, SIGQUIT}) {
        ControlSignals signals([] { return false; }, logger_);
        EXPECT_FALSE(signals.stopRequested());
        send(number);
        EXPECT_TRUE(signals.waitForStop(kAlways));
        EXPECT_TRUE(signals.stopRequested());
    }
}

TEST_F(ControlSignalsTest, HearsWhatWasSentBeforeItListened) {
    send(SIGTERM);
    ControlSignals signals([] { return false; }, logger_);
    EXPECT_TRUE(signals.waitForStop(kAlways));
}

TEST_F(ControlSignalsTest, WaitsNoLongerThanItIsTold) {
    ControlSignals signals([] { return false; }, logger_);
    EXPECT_FALSE(signals.waitForStop(1ms));
    EXPECT_FALSE(signals.waitForStop(-1ms));
}

TEST_F(ControlSignalsTest, AHangupStopsOnlyIfItIsSaidTo) {
    {
        std::promise<void> heard;
        ControlSignals signals(
            [&heard] {
                heard.set_value();
                return false;
            },
            logger_);
        send(SIGHUP);
        heard.get_future().wait();
        EXPECT_FALSE(signals.waitForStop(1ms));
    }
    ControlSignals signals([] { return true; }, logger_);
    send(SIGHUP);
    EXPECT_TRUE(signals.waitForStop(kAlways));
}

TEST_F(ControlSignalsTest, HearsAHangupWhereItWasIgnored) {
    std::signal(SIGHUP, SIG_IGN);
    blockControlSignals();
    ControlSignals signals([] { return true; }, logger_);
    send(SIGHUP);
    EXPECT_TRUE(signals.waitForStop(kAlways));
}

TEST_F(ControlSignalsTest, WithoutDescriptorsThereIsNoneRatherThanOneThatHearsNothing) {
    const int free = ::dup(STDIN_FILENO);
    ::close(free);
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    for (const int left : {0, 1}) {  // the second one it needs is missing, too
        const rlimit lowered{static_cast<rlim_t>(free + left), before.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &lowered);
        EXPECT_THROW(ControlSignals([] { return false; }, logger_), std::system_error);
    }
    ::setrlimit(RLIMIT_NOFILE, &before);
}

}  // namespace
}  // namespace hub::daemon
