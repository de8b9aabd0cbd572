#include "net/pulse.h"

#include "fakes/manual_clock.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>

namespace hub::net {
namespace {

using namespace std::chrono_literals;

class PulseTest : public testing::Test {
protected:
    PulseTest() { loops_.start(); }
    ~PulseTest() override { loops_.stop(); }

    static SteadyTime soon() { return std::chrono::steady_clock::now() + 1min; }
    static SteadyTime now() { return std::chrono::steady_clock::now(); }

    fakes::ManualClock clock_;
    LoopGroup loops_{2, clock_};
    Pulse pulse_{loops_};
};

TEST_F(PulseTest, IsFeltWhileAllLoopsTurn) {
    EXPECT_TRUE(pulse_.felt(soon()));
    EXPECT_TRUE(pulse_.felt(soon()));
}

TEST_F(PulseTest, IsNotFeltWhileOneLoopHangsAndThenAgain) {
    std::promise<void> release;
    loops_[1].post([released = release.get_future().share()] { released.wait(); });
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(pulse_.felt(now()));
    EXPECT_FALSE(pulse_.felt(now() + 1ms));
    release.set_value();
    EXPECT_TRUE(pulse_.felt(soon()));
}

TEST_F(PulseTest, IsNotFeltOfLoopsThatHaveEnded) {
    loops_.stop();
    EXPECT_FALSE(pulse_.felt(soon()));
}

}  // namespace
}  // namespace hub::net
