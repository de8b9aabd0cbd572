#include "http/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <thread>
#include <vector>

namespace hub::http {
namespace {

TEST(WorkerPool, RunsEveryTask) {
    constexpr int kTasks = 5000;
    std::atomic<int> ran = 0;
    std::promise<void> all;
    WorkerPool pool{4, kTasks};
    for (int i = 0; i < kTasks; ++i) {
        EXPECT_TRUE(pool.submit([&] {
            if (++ran == kTasks) all.set_value();
        }));
    }
    all.get_future().wait();
    EXPECT_EQ(ran, kTasks);
}

TEST(WorkerPool, ATaskThatBlocksHoldsUpNoOther) {
    std::promise<void> release;
    std::promise<void> second;
    WorkerPool pool{2, 10};
    EXPECT_TRUE(pool.submit([&] { release.get_future().wait(); }));
    EXPECT_TRUE(pool.submit([&] { second.set_value(); }));
    second.get_future().wait();
    release.set_value();
}

TEST(WorkerPool, AllWorkersWorkOnABurst) {
    constexpr std::size_t kThreads = 3;
    std::atomic<std::size_t> met = 0;
    std::promise<void> all;
    const auto everybody = all.get_future().share();
    std::vector<std::promise<void>> done(kThreads);
    WorkerPool pool{kThreads, 10};
    for (auto& finished : done) {
        EXPECT_TRUE(pool.submit([&met, &all, &finished, everybody] {
            if (++met == kThreads) all.set_value();
            everybody.wait();
            finished.set_value();
        }));
    }
    for (auto& finished : done) finished.get_future().wait();
}

TEST(WorkerPool, AFullQueueRefuses) {
    std::promise<void> begun;
    std::promise<void> release;
    WorkerPool pool{1, 2};
    EXPECT_TRUE(pool.submit([&] {
        begun.set_value();
        release.get_future().wait();
    }));
    begun.get_future().wait();
    EXPECT_TRUE(pool.submit([] {}));
    EXPECT_TRUE(pool.submit([] {}));
    EXPECT_FALSE(pool.submit([] {}));
    release.set_value();
}

TEST(WorkerPool, WhatIsPostedIsNeverRefusedAndRefusesNothing) {
    std::promise<void> begun;
    std::promise<void> release;
    std::vector<int> ran;
    std::promise<void> last;
    WorkerPool pool{1, 1};
    EXPECT_TRUE(pool.submit([&] {
        begun.set_value();
        release.get_future().wait();
    }));
    begun.get_future().wait();
    for (int i = 0; i < 3; ++i) pool.post([&ran, i] { ran.push_back(i); });
    EXPECT_TRUE(pool.submit([&ran] { ran.push_back(3); }));
    EXPECT_FALSE(pool.submit([] {}));
    pool.post([&] { last.set_value(); });
    release.set_value();
    last.get_future().wait();
    EXPECT_EQ(ran, (std::vector<int>{0, 1, 2, 3})) << "in one queue";
    EXPECT_TRUE(pool.submit([] {}));
}

TEST(WorkerPool, DestroyedItWaitsForWhatRunsAndLetsGoOfWhatWaits) {
    std::promise<void> begun;
    std::promise<void> release;
    bool finished = false;
    const auto held = std::make_shared<int>(0);
    std::thread releasing;
    {
        WorkerPool pool{1, 10};
        EXPECT_TRUE(pool.submit([&] {
            begun.set_value();
            release.get_future().wait();
            finished = true;
        }));
        begun.get_future().wait();
        for (int i = 0; i < 5; ++i) EXPECT_TRUE(pool.submit([held] {}));
        releasing = std::thread{[&] { release.set_value(); }};
    }
    releasing.join();
    EXPECT_TRUE(finished);
    EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace hub::http
