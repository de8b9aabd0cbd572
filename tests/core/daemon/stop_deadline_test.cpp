#include "daemon/stop_deadline.h"

#include "fakes/recording_logger.h"

#include <gtest/gtest.h>

#include <future>

namespace hub::daemon {
namespace {

using namespace std::chrono_literals;

TEST(StopDeadline, NamesTheStepThatHangs) {
    fakes::RecordingLogger logger;
    std::promise<void> expired;
    StopDeadline deadline(1ms, logger, [&] { expired.set_value(); });
    expired.get_future().wait();

    EXPECT_TRUE(logger.contains(LogLevel::Error, "it hangs in beginning to stop"));
}

TEST(StopDeadline, SaysNothingOfAStopThatComesToItsEnd) {
    fakes::RecordingLogger logger;
    {
        StopDeadline deadline(1h, logger, [] { ADD_FAILURE() << "it has not expired"; });
        deadline.enter("stopping the transports");
    }
    EXPECT_TRUE(logger.lines().empty());
}

}  // namespace
}  // namespace hub::daemon
