#include "router/event_log.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "fakes/manual_clock.h"

namespace hub::router {
namespace {

using namespace std::chrono_literals;

class EventLogTest : public testing::Test {
protected:
    static constexpr std::size_t kLimit = 4000;

    static Batch batchOf(std::size_t events, std::size_t payload_bytes = 0) {
        BatchBuilder builder;
        const std::string payload(payload_bytes, 'x');
        for (std::size_t i = 0; i < events; ++i) EXPECT_TRUE(builder.add({.payload = payload}));
        return builder.take();
    }

    std::vector<Event> read(std::size_t limit = 1000) {
        std::vector<Event> events;
        EXPECT_TRUE(log_.wait(events, limit));
        return events;
    }

    fakes::ManualClock clock_;
    EventLog log_{kLimit, clock_};
};

TEST_F(EventLogTest, NumbersEventsBehindTheLastStoredOne) {
    log_.retain(41, {});
    EXPECT_EQ(log_.append(batchOf(2)), 43U);
    EXPECT_EQ(log_.append(batchOf(1)), 44U);

    const std::vector<Event> events = read();
    ASSERT_EQ(events.size(), 3U);
    EXPECT_EQ(events[0].sequence, 42U);
    EXPECT_EQ(events[1].sequence, 43U);
    EXPECT_EQ(events[2].sequence, 44U);
}

TEST_F(EventLogTest, TimeNeverRunsBackwards) {
    log_.retain(0, {});
    log_.append(batchOf(1));
    clock_.setWall(clock_.wall() - 2h);
    log_.append(batchOf(1));
    clock_.setWall(clock_.wall() + 4h);
    log_.append(batchOf(1));

    const std::vector<Event> events = read();
    EXPECT_EQ(events[1].time, events[0].time);
    EXPECT_EQ(events[2].time, events[0].time + 2h);
}

TEST_F(EventLogTest, TimeBeginsNotBeforeTheLatestStoredOne) {
    const Timestamp stored = clock_.wall() + 1h;
    log_.retain(7, stored);
    log_.append(batchOf(1));
    EXPECT_EQ(read()[0].time, stored);
}

TEST_F(EventLogTest, NothingIsDurableBeforeTheConsumerSaysSo) {
    log_.retain(0, {});
    log_.append(batchOf(3));
    EXPECT_EQ(log_.durable(), 0U);
    log_.advance(3);
    EXPECT_EQ(log_.durable(), 3U);
    EXPECT_EQ(log_.bytes(), 0U);
}

TEST_F(EventLogTest, WithoutAStoreTheWatermarkIsTheEnd) {
    EXPECT_EQ(log_.append(batchOf(3)), 3U);
    EXPECT_EQ(log_.durable(), 3U);
    EXPECT_EQ(log_.bytes(), 0U);
}

TEST_F(EventLogTest, OffersTheSameEventsAgainUntilTheyAreDurable) {
    log_.retain(0, {});
    log_.append(batchOf(1));
    EXPECT_EQ(read().size(), 1U);
    log_.append(batchOf(1));
    EXPECT_EQ(read().size(), 2U);
}

TEST_F(EventLogTest, OffersWholeBatchesUpToTheLimit) {
    log_.retain(0, {});
    log_.append(batchOf(3));
    log_.append(batchOf(3));
    EXPECT_EQ(read(2).size(), 3U);
    EXPECT_EQ(read(5).size(), 3U);
    EXPECT_EQ(read(6).size(), 6U);
}

TEST_F(EventLogTest, IsFullFromTheHighWaterMarkUntilTheLowOne) {
    log_.retain(0, {});
    log_.append(batchOf(1, 2000));
    EXPECT_FALSE(log_.full());
    log_.append(batchOf(1, 1000));
    EXPECT_TRUE(log_.full());
    log_.advance(1);
    EXPECT_TRUE(log_.full());
    log_.advance(2);
    EXPECT_FALSE(log_.full());
}

TEST_F(EventLogTest, TakesWhatWasReadAlreadyEvenWhenFull) {
    log_.retain(0, {});
    for (int i = 0; i < 10; ++i) log_.append(batchOf(1, kLimit));
    EXPECT_EQ(read().size(), 10U);
}

TEST_F(EventLogTest, WakesItsSubscribersWhenTheWatermarkMoves) {
    int calls = 0;
    log_.retain(0, {});
    {
        const Registration subscription = log_.subscribe([&] { ++calls; });
        log_.append(batchOf(1));
        EXPECT_EQ(calls, 0);
        log_.advance(1);
        EXPECT_EQ(calls, 1);
    }
    log_.append(batchOf(1));
    log_.advance(2);
    EXPECT_EQ(calls, 1);
}

TEST_F(EventLogTest, InterruptEndsTheWait) {
    log_.retain(0, {});
    std::vector<Event> events;
    std::thread consumer([&] { EXPECT_FALSE(log_.wait(events, 10)); });
    log_.interrupt();
    consumer.join();
}

TEST_F(EventLogTest, DrainWaitsForTheConsumer) {
    log_.retain(0, {});
    log_.append(batchOf(2));
    EXPECT_FALSE(log_.drain(SteadyTime::min()));
    std::thread consumer([&] { log_.advance(read().back().sequence); });
    EXPECT_TRUE(log_.drain(std::chrono::steady_clock::now() + 60s));
    consumer.join();
}

TEST_F(EventLogTest, ReleaseKeepsNothingAndPausesNobody) {
    log_.retain(0, {});
    log_.append(batchOf(1, kLimit));
    ASSERT_TRUE(log_.full());
    log_.release();
    EXPECT_FALSE(log_.full());
    EXPECT_EQ(log_.bytes(), 0U);
}

TEST_F(EventLogTest, NumbersAreUniqueOverManyProducers) {
    log_.retain(0, {});
    constexpr int kProducers = 4;
    constexpr int kBatches = 500;
    std::vector<std::thread> producers;
    for (int p = 0; p < kProducers; ++p) {
        producers.emplace_back([&] {
            for (int i = 0; i < kBatches; ++i) log_.append(batchOf(3));
        });
    }
    Sequence last = 0;
    while (last < Sequence{kProducers} * kBatches * 3) {
        for (const Event& event : read(64)) ASSERT_EQ(event.sequence, ++last);
        log_.advance(last);
    }
    for (std::thread& producer : producers) producer.join();
}

}  // namespace
}  // namespace hub::router
