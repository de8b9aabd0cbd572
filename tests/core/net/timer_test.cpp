#include "net/timer.h"

#include "core/net/loop_thread.h"
#include "fakes/manual_clock.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <utility>
#include <vector>

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
        const auto* call = &functions_.emplace_back(std::move(expired));
        return *timers_.emplace_back(std::make_unique<Timer>(io_.loop(), [call] { (*call)(); }));
    }

    fakes::ManualClock clock_;
    LoopThread io_{clock_};
    std::deque<std::function<void()>> functions_;  // never moves them
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

TEST_F(TimerTest, ManyAreCalledInTheOrderOfTimeWhateverBecameOfTheOthers) {
    constexpr int kTimers = 500;
    std::vector<std::string> expected;
    io_.run([&] {
        const SteadyTime begin = io_.loop().now();
        std::vector<std::pair<int, std::string>> kept;
        std::mt19937 random(1);
        std::vector<int> seconds(kTimers);
        std::iota(seconds.begin(), seconds.end(), 1);
        std::ranges::shuffle(seconds, random);
        for (int i = 0; i < kTimers; ++i) make(std::to_string(i)).arm(begin + 2h);
        for (int i = 0; i < kTimers; ++i) {
            const auto number = static_cast<std::size_t>(i);
            timers_[number]->arm(begin + std::chrono::seconds(seconds[number]));
            if (i % 3 == 0) continue;
            kept.emplace_back(seconds[number], std::to_string(i));
            if (i % 3 == 1) timers_[number]->arm(begin + std::chrono::seconds(kTimers + 1 + i));
            if (i % 3 == 1) kept.back().first = kTimers + 1 + i;
        }
        for (std::size_t i = 0; i < kTimers; i += 3) timers_[i].reset();
        std::ranges::sort(kept);
        for (auto& [time, name] : kept) expected.push_back(std::move(name));
    });
    for (int i = 0; i < 2 * kTimers; ++i) after(1s);
    EXPECT_EQ(calls_, expected);
}

TEST_F(TimerTest, DestroyedByAnotherOfTheSameTurnItIsNotCalled) {
    Timer& killer = make([this] {
        calls_.push_back("killer");
        timers_.back().reset();
    });
    Timer& victim = make("victim");
    io_.run([&] {
        killer.arm(io_.loop().now() + 1s);
        victim.arm(io_.loop().now() + 1s + 1us);
    });
    after(2s);
    EXPECT_EQ(calls_, std::vector<std::string>{"killer"});
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
