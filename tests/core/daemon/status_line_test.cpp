#include "daemon/status_line.h"

#include "fakes/manual_clock.h"

#include <gtest/gtest.h>

#include <chrono>

namespace hub::daemon {
namespace {

using namespace std::chrono_literals;

class StatusLineTest : public testing::Test {
protected:
    fakes::ManualClock clock_;
    StatusLine line_{clock_, 1000};
};

TEST_F(StatusLineTest, TellsWhoIsOnline) {
    EXPECT_EQ(line_.text({}, 0, 1000), "0 devices online");
    EXPECT_EQ(line_.text({}, 1, 1000), "1 device online");
    EXPECT_EQ(line_.text({}, 2, 1000), "2 devices online");
}

TEST_F(StatusLineTest, TellsHowMuchWasStoredSinceTheLastTime) {
    clock_.advance(10s);
    EXPECT_EQ(line_.text({}, 1, 1140), "1 device online, 840 events stored per minute");
    clock_.advance(10s);
    EXPECT_EQ(line_.text({}, 1, 1140), "1 device online, 0 events stored per minute");
    clock_.advance(500ms);
    EXPECT_EQ(line_.text({}, 1, 2140), "1 device online");
    clock_.advance(500ms);
    EXPECT_EQ(line_.text({}, 1, 2140), "1 device online, 60000 events stored per minute");
}

TEST_F(StatusLineTest, TellsWhyTheHubIsNotReady) {
    EXPECT_EQ(line_.text({{"the disk is full", "a plugin has failed"}}, 3, 1000),
              "not ready: the disk is full; a plugin has failed");
}

}  // namespace
}  // namespace hub::daemon
