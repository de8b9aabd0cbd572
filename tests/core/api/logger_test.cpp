#include "hub/logger.h"

#include "fakes/manual_clock.h"
#include "fakes/recording_logger.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace hub {
namespace {

using namespace std::chrono_literals;

class ThrottledLoggerTest : public ::testing::Test {
protected:
    void logLines(int count) {
        for (int i = 0; i < count; ++i) throttled_.warning("refused");
    }
    [[nodiscard]] std::size_t lines() const { return log_.lines().size(); }

    static constexpr int kMost = ThrottledLogger::kLinesPerMinute;

    fakes::ManualClock clock_;
    fakes::RecordingLogger log_;
    ThrottledLogger throttled_{log_, clock_};
};

TEST_F(ThrottledLoggerTest, PassesOnAsManyLinesAsAMinuteMayHave) {
    logLines(kMost + 5);
    EXPECT_EQ(lines(), kMost);
    clock_.advance(59s);
    logLines(1);
    EXPECT_EQ(lines(), kMost);
}

TEST_F(ThrottledLoggerTest, TellsInALaterMinuteHowManyItHasLeftOut) {
    logLines(kMost + 5);
    clock_.advance(1min);
    throttled_.error("late");
    ASSERT_EQ(lines(), kMost + 2);
    EXPECT_EQ(log_.lines()[kMost].message,
              "left out 5 lines such as the next one: there is room for 60 a minute");
    EXPECT_EQ(log_.lines()[kMost].level, LogLevel::Error);
    EXPECT_EQ(log_.lines()[kMost + 1].message, "late");
    clock_.advance(1min);
    logLines(1);
    EXPECT_EQ(lines(), kMost + 3) << "and once only";
}

}  // namespace
}  // namespace hub
