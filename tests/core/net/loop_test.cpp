#include "net/loop.h"

#include "core/net/loop_thread.h"
#include "fakes/manual_clock.h"
#include "net/descriptor.h"
#include "net/loop_group.h"

#include <gtest/gtest.h>

#include <sys/eventfd.h>

#include <functional>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace hub::net {
namespace {

class Watched final : public Pollable {
public:
    Watched(Loop& loop, std::function<void()> ready) : loop_(loop), ready_(std::move(ready)) {
        loop_.add(descriptor_.value(), EPOLLIN, *this);
    }
    ~Watched() override { remove(); }
    void remove() { loop_.remove(descriptor_.value(), *this); }
    void onReady(std::uint32_t /*events*/) override { ready_(); }

private:
    Loop& loop_;
    const Descriptor descriptor_{::eventfd(1, EFD_NONBLOCK)};  // ready at once, for ever
    const std::function<void()> ready_;
};

TEST(Loop, RunsTasksInTheOrderOfPosting) {
    fakes::ManualClock clock;
    Loop loop{clock};
    std::vector<int> order;
    for (int i = 0; i < 3; ++i) loop.post([&order, i] { order.push_back(i); });
    loop.stop();
    loop.run();
    EXPECT_EQ(order, (std::vector<int>{0, 1, 2}));
}

TEST(Loop, RefusesTasksOnceItHasEnded) {
    fakes::ManualClock clock;
    Loop loop{clock};
    loop.stop();
    loop.run();
    EXPECT_FALSE(loop.post([] { FAIL() << "it has ended"; }));
}

TEST(Loop, CallsReturnWhenTheTaskHasRun) {
    fakes::ManualClock clock;
    LoopThread io{clock};
    int calls = 0;
    for (int i = 0; i < 1000; ++i) EXPECT_TRUE(io.loop().call([&] { ++calls; }));
    EXPECT_EQ(calls, 1000);
    io.stop();
    EXPECT_FALSE(io.loop().call([] { FAIL() << "it has ended"; }));
}

TEST(Loop, ATaskPostedByATaskRunsInALaterTurn) {
    fakes::ManualClock clock;
    Loop loop{clock};
    std::vector<std::string> order;
    loop.onTurnEnd([&] { order.push_back("turn end"); });
    loop.post([&] {
        order.push_back("first");
        loop.post([&] {
            order.push_back("second");
            loop.stop();
        });
    });
    loop.run();
    EXPECT_EQ(order,
              (std::vector<std::string>{"first", "turn end", "second", "turn end", "turn end"}));
}

TEST(Loop, ManyWakesAreOne) {
    fakes::ManualClock clock;
    Loop loop{clock};
    int wakes = 0;
    loop.onWake([&] { ++wakes; });
    for (int i = 0; i < 5; ++i) loop.wake();
    loop.post([&] { loop.post([&] { loop.stop(); }); });
    loop.run();
    EXPECT_EQ(wakes, 1);
}

TEST(Loop, KnowsItsThread) {
    fakes::ManualClock clock;
    LoopThread io{clock};
    EXPECT_FALSE(io.loop().onThread());
    io.run([&] { EXPECT_TRUE(io.loop().onThread()); });
}

TEST(Loop, WhatIsPostedByManyThreadsAllRuns) {
    constexpr int kThreads = 4;
    constexpr int kPosts = 2000;
    fakes::ManualClock clock;
    LoopThread io{clock};
    int ran = 0;
    {
        std::vector<std::thread> threads;
        for (int i = 0; i < kThreads; ++i) {
            threads.emplace_back([&] {
                for (int n = 0; n < kPosts; ++n) io.loop().post([&] { ++ran; });
            });
        }
        for (auto& thread : threads) thread.join();
    }
    io.run([] {});
    EXPECT_EQ(ran, kThreads * kPosts);
}

TEST(Loop, APollableRemovedInTheSameTurnIsNotServed) {
    fakes::ManualClock clock;
    Loop loop{clock};
    int served = 0;
    std::vector<std::unique_ptr<Watched>> all;
    const auto remove_all = [&] {
        ++served;
        for (const auto& watched : all) watched->remove();
        loop.stop();
    };
    for (int i = 0; i < 3; ++i) {
        all.push_back(std::make_unique<Watched>(loop, remove_all));
    }
    loop.run();
    EXPECT_EQ(served, 1);
}

TEST(Loop, SaysWhatItCannotWatch) {
    fakes::ManualClock clock;
    Loop loop{clock};
    Watched watched{loop, [] {}};
    EXPECT_THROW(loop.add(-1, EPOLLIN, watched), std::system_error);
}

TEST(LoopGroup, RunsEachLoopOnAThreadOfItsOwn) {
    fakes::ManualClock clock;
    LoopGroup loops{2, clock};
    std::vector<std::thread::id> threads(2);
    for (std::size_t i = 0; i < loops.size(); ++i) {
        EXPECT_EQ(loops[i].index(), i);
        loops[i].post([&threads, i] { threads[i] = std::this_thread::get_id(); });
    }
    loops.start();
    loops.stop();
    EXPECT_NE(threads[0], threads[1]);
    EXPECT_NE(threads[0], std::this_thread::get_id());
}

}  // namespace
}  // namespace hub::net
