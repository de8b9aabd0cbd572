#include "net/timer_queue.h"

#include "core/net/loop_thread.h"
#include "fakes/manual_clock.h"
#include "net/timer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <random>
#include <string>

namespace hub::net {
namespace {

// The timers of a loop, and beside them what says the same in the simplest way: who is to be called
// when, in a multimap. Whatever is done to a timer, at any time, is done to both. The loop's thread
// does it all.
class TimerQueueModel {
public:
    explicit TimerQueueModel(unsigned seed) : random_(seed) {
        for (std::size_t i = 0; i < kTimers; ++i) make(i);
    }
    ~TimerQueueModel() {
        io_.run([this] {
            for (auto& timer : timers_) timer.reset();
        });
    }
    TimerQueueModel(const TimerQueueModel&) = delete;
    TimerQueueModel& operator=(const TimerQueueModel&) = delete;

    // Some timers are changed, and then time passes: often little, now and then a lot.
    void step() {
        io_.run([this] {
            for (std::size_t changes = below(6); changes > 0; --changes) change(-5);
            clock_.advance(std::chrono::milliseconds{below(8) == 0 ? below(300) : below(4)});
        });
        io_.settle();
        io_.run([this] { check(); });
    }

    [[nodiscard]] std::size_t calls() const noexcept { return calls_; }

private:
    static constexpr std::size_t kTimers = 60;

    // One of them is armed for a time from `soonest` milliseconds on, disarmed or replaced.
    void change(int soonest) {
        const std::size_t i = below(kTimers);
        // Not by its own function: that may do anything but destroy it.
        const bool may_go = i != calling_;
        forget(i);
        if (may_go && below(6) == 0) return make(i);
        if (below(6) == 0) return timers_[i]->disarm();
        const int wait = soonest + static_cast<int>(below(200));
        const SteadyTime at = io_.loop().now() + std::chrono::milliseconds{wait};
        timers_[i]->arm(at);
        waiting_.emplace(at, i);
    }

    void make(std::size_t i) {
        Slot& slot = slots_[i];
        slot = {this, i};
        timers_[i].emplace(io_.loop(), [&slot] { slot.model->expired(slot.number); });
    }

    void forget(std::size_t i) {
        std::erase_if(waiting_, [i](const auto& entry) { return entry.second == i; });
    }

    // Called by the timer; changes others, and itself perhaps, for later.
    void expired(std::size_t i) {
        const auto expected =
            std::ranges::find(waiting_, i, [](auto& entry) { return entry.second; });
        ASSERT_NE(expected, waiting_.end()) << "called though nobody asked for it, or twice";
        EXPECT_LE(expected->first, io_.loop().now()) << "called too early";
        waiting_.erase(expected);
        ++calls_;
        calling_ = i;
        for (std::size_t changes = below(3); changes > 0; --changes) change(1);
        calling_.reset();
    }

    void check() const {
        if (!waiting_.empty()) {
            EXPECT_GT(waiting_.begin()->first, io_.loop().now()) << "not called";
        }
        std::array<bool, kTimers> waits{};
        for (const auto& [at, i] : waiting_) waits[i] = true;
        for (std::size_t i = 0; i < kTimers; ++i) EXPECT_EQ(timers_[i]->armed(), waits[i]);
    }

    std::size_t below(std::size_t bound) {
        return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_);
    }

    struct Slot {
        TimerQueueModel* model = nullptr;
        std::size_t number = 0;
    };

    fakes::ManualClock clock_;
    std::mt19937 random_;
    std::array<Slot, kTimers> slots_;
    std::array<std::optional<Timer>, kTimers> timers_;
    std::multimap<SteadyTime, std::size_t> waiting_;
    std::optional<std::size_t> calling_;
    std::size_t calls_ = 0;
    mutable LoopThread io_{clock_};  // last: its thread uses the rest
};

TEST(TimerQueue, DoesWhatAMultimapWouldUnderAnySchedule) {
    for (unsigned seed = 1; seed <= 5; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        TimerQueueModel model(seed);
        for (int i = 0; i < 600 && !testing::Test::HasFailure(); ++i) model.step();
        EXPECT_GT(model.calls(), 500U);
    }
}

}  // namespace
}  // namespace hub::net
