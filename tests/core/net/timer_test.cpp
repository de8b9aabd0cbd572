#include "net/timer.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/net/loop_thread.h"
#include "fakes/manual_clock.h"

namespace hub::net {
namespace {

using namespace std::chrono_literals;

class TimerTest : public testing::Test {
protected:
    void after(std::chrono::microseconds time) {
        clock_.advance(time);
        io_.settle();
    }
    ~TimerTest() override { io_.stop(); }

    Timer& make(const std::string& name) {
        return make([this, name] { calls_.push_back(name); });
    }
    Timer& make(std::function<void()> expired) {
        return *timers_.emplace_back(std::make_unique<Timer>(io_.loop(), std::move(expired)));
    }

    fakes::ManualClock clock_;
    LoopThread io_{clock_};
    std::vector<std::unique_ptr<Timer>> timers_;
    std::vector<std::string> calls_;  // written on the loop, read when it has settled
};

TEST_F(TimerTest, CallsOnceAtItsTime) {
    Timer& timer = make("a");
    io_.run([&] { timer.arm(io_.loop().now() + 10ms); });
    after(9999us);
    EXPECT_TRUE(calls_.empty());
    after(1us);
    EXPECT_EQ(calls_, std::vector<std::string>{"a"});
    after(1h);
    EXPECT_EQ(calls_.size(), 1U);
    io_.run([&] { EXPECT_FALSE(timer.armed()); });
}

TEST_F(TimerTest, CallsInTheOrderOfTime) {
    Timer& late = make("late");
    Timer& soon = make("soon");
    io_.run([&] {
        late.arm(io_.loop().now() + 2s);
        soon.arm(io_.loop().now() + 1s);
    });
    after(5s);
    EXPECT_EQ(calls_, (std::vector<std::string>{"soon", "late"}));
}

TEST_F(TimerTest, ALaterSettingPutsItOff) {
    Timer& timer = make("a");
    io_.run([&] { timer.arm(io_.loop().now() + 1s); });
    io_.run([&] { timer.arm(io_.loop().now() + 3s); });
    after(2s);
    EXPECT_TRUE(calls_.empty());
    after(1s);
    EXPECT_EQ(calls_.size(), 1U);
}

TEST_F(TimerTest, AnEarlierSettingBringsItForward) {
    Timer& timer = make("a");
    io_.run([&] { timer.arm(io_.loop().now() + 3s); });
    io_.run([&] { timer.arm(io_.loop().now() + 1s); });
    after(1s);
    EXPECT_EQ(calls_.size(), 1U);
    after(5s);
    EXPECT_EQ(calls_.size(), 1U);
}

TEST_F(TimerTest, DisarmedItStaysSilentAndCanBeArmedAgain) {
    Timer& timer = make("a");
    io_.run([&] {
        timer.arm(io_.loop().now() + 1s);
        timer.disarm();
    });
    after(2s);
    EXPECT_TRUE(calls_.empty());
    io_.run([&] { timer.arm(io_.loop().now() + 1s); });
    after(1s);
    EXPECT_EQ(calls_.size(), 1U);
}

TEST_F(TimerTest, ATimeInThePastIsTheNextTurn) {
    Timer& timer = make("a");
    io_.run([&] { timer.arm(io_.loop().now() - 1h); });
    after(0us);
    EXPECT_EQ(calls_.size(), 1U);
}

TEST_F(TimerTest, OneThatArmsItselfForNowLetsTheLoopGoOn) {
    Timer& timer = make([this] {
        calls_.push_back("again");
        timers_.front()->arm(io_.loop().now());
    });
    io_.run([&] { timer.arm(io_.loop().now() - 1s); });
    io_.settle();
    io_.run([&] { timer.disarm(); });
    EXPECT_GT(calls_.size(), 1U);
}

TEST_F(TimerTest, DestroyedByAnotherThatIsDueItIsNotCalled) {
    Timer& killer = make([this] { timers_.back().reset(); });
    Timer& victim = make("victim");
    io_.run([&] {
        killer.arm(io_.loop().now() + 1s);
        victim.arm(io_.loop().now() + 2s);
    });
    after(5s);
    EXPECT_EQ(timers_.back(), nullptr);
    EXPECT_TRUE(calls_.empty());
}

}  // namespace
}  // namespace hub::net
