#include "router/event_log.h"

#include "fakes/manual_clock.h"
#include "metrics/metric_registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>

namespace hub::router {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

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
        EXPECT_TRUE(log_.wait(events, limit, 60s));
        return events;
    }

    fakes::ManualClock clock_;
    metrics::MetricRegistry metrics_;
    EventLog log_{kLimit, clock_, metrics_};
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
    std::thread consumer([&] { EXPECT_FALSE(log_.wait(events, 10, 60s)); });
    log_.interrupt();
    consumer.join();
}

TEST_F(EventLogTest, AConsumerThatLostItsPatienceGetsNothing) {
    log_.retain(0, {});
    std::vector<Event> events = {Event{}};
    EXPECT_TRUE(log_.wait(events, 10, 0s));
    EXPECT_TRUE(events.empty());
}

TEST_F(EventLogTest, SomebodyMayWaitForOneEvent) {
    log_.retain(0, {});
    log_.append(batchOf(1));
    log_.append(batchOf(1));
    log_.advance(1);
    EXPECT_TRUE(log_.awaitDurable(1, SteadyTime::min()));
    EXPECT_FALSE(log_.awaitDurable(2, SteadyTime::min()));
    std::thread consumer([&] { log_.advance(2); });
    EXPECT_TRUE(log_.awaitDurable(2, std::chrono::steady_clock::now() + 60s));
    consumer.join();
}

TEST_F(EventLogTest, CountsEventsByTheirKind) {
    BatchBuilder builder;
    ASSERT_TRUE(builder.add({.kind = EventKind::Connected}));
    ASSERT_TRUE(builder.add({.kind = EventKind::Status}));
    ASSERT_TRUE(builder.add({.kind = EventKind::Status}));
    log_.append(builder.take());
    const std::string text = metrics_.text();
    EXPECT_THAT(text, HasSubstr("\nhub_events_total{kind=\"connected\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("\nhub_events_total{kind=\"status\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("\nhub_events_total{kind=\"forgotten\"} 0\n"));
}

TEST_F(EventLogTest, TellsHowFullItIsAndHowOftenItWas) {
    log_.retain(40, {});
    log_.append(batchOf(1, kLimit));
    log_.append(batchOf(1, kLimit));
    log_.advance(42);
    log_.append(batchOf(2, kLimit));
    log_.append(batchOf(1));
    log_.advance(44);
    const std::string text = metrics_.text();
    EXPECT_THAT(text, HasSubstr("\nhub_log_limit_bytes 4000\n"));
    EXPECT_THAT(text, HasSubstr("\nhub_log_bytes " + std::to_string(log_.bytes()) + "\n"));
    EXPECT_THAT(text, HasSubstr("\nhub_log_pauses_total 2\n"));
    EXPECT_THAT(text, HasSubstr("\nhub_sequence 45\n"));
    EXPECT_THAT(text, HasSubstr("\nhub_durable_sequence 44\n"));
}

TEST_F(EventLogTest, KeepsWhatABatchNeedsUntilItIsDurable) {
    log_.retain(0, {});
    auto owner = std::make_shared<std::string>("lamp");
    const std::weak_ptr<std::string> watched = owner;
    const Event event{.device_id = *owner};
    Batch batch({&event, 1}, {});
    batch.keep(std::move(owner), 1000);
    log_.append(std::move(batch));
    EXPECT_EQ(log_.bytes(), sizeof(Event) + 1000);
    EXPECT_EQ(read().at(0).device_id, "lamp");
    log_.advance(1);
    EXPECT_TRUE(watched.expired());
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

TEST_F(EventLogTest, WhoWaitsForSomethingThatIsDroppedIsTold) {
    log_.retain(0, {});
    log_.append(batchOf(2));
    log_.advance(1);
    const SteadyTime deadline = std::chrono::steady_clock::now() + 60s;
    std::thread waiting([&] { EXPECT_FALSE(log_.awaitDurable(2, deadline)); });
    std::thread draining([&] { EXPECT_FALSE(log_.drain(deadline)); });
    log_.release();
    waiting.join();
    draining.join();
    EXPECT_TRUE(log_.awaitDurable(1, deadline));
    EXPECT_FALSE(log_.awaitDurable(2, deadline));
    EXPECT_TRUE(log_.awaitDurable(log_.append(batchOf(1)), deadline));
}

TEST_F(EventLogTest, NobodyWaitsForAnEventWhileTheConsumerIsStalled) {
    log_.retain(0, {});
    log_.append(batchOf(1));
    const SteadyTime never = std::chrono::steady_clock::now() + 24h;
    std::thread waiting([&] { EXPECT_FALSE(log_.awaitDurable(1, never)); });
    log_.stall();
    waiting.join();
    EXPECT_FALSE(log_.awaitDurable(1, never));

    std::thread draining([&] { EXPECT_TRUE(log_.drain(never)); });
    log_.advance(1);
    draining.join();
    log_.append(batchOf(1));
    std::thread consumer([&] { log_.advance(2); });
    EXPECT_TRUE(log_.awaitDurable(2, never));
    consumer.join();
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

TEST_F(EventLogTest, AFollowerFetchesWhatBecomesDurable) {
    log_.retain(0, {});
    log_.append(batchOf(1));
    log_.advance(1);
    EXPECT_EQ(log_.follow(kLimit), 1U);
    log_.append(batchOf(2));
    log_.append(batchOf(1));
    log_.advance(3);

    DurableBatches fetched;
    ASSERT_TRUE(log_.fetch(fetched));
    EXPECT_EQ(fetched.begin, 1U);
    ASSERT_EQ(fetched.batches.size(), 1U);
    EXPECT_EQ(fetched.batches[0].last(), 3U);

    log_.advance(4);
    ASSERT_TRUE(log_.fetch(fetched));
    EXPECT_EQ(fetched.begin, 3U);
    ASSERT_EQ(fetched.batches.size(), 1U);
    EXPECT_EQ(fetched.batches[0].last(), 4U);
}

TEST_F(EventLogTest, AFollowerThatIsSlowFindsTheNewest) {
    EXPECT_EQ(log_.follow(2 * batchOf(1, 100).bytes()), 0U);
    for (int i = 0; i < 5; ++i) log_.append(batchOf(1, 100));

    DurableBatches fetched;
    ASSERT_TRUE(log_.fetch(fetched));
    EXPECT_EQ(fetched.begin, 3U);
    ASSERT_EQ(fetched.batches.size(), 2U);
    EXPECT_EQ(fetched.batches[1].last(), 5U);
}

TEST_F(EventLogTest, WhatIsDroppedWithTheStoreIsNotFollowed) {
    log_.retain(0, {});
    log_.follow(kLimit);
    log_.append(batchOf(1));
    log_.release();
    log_.append(batchOf(1));

    DurableBatches fetched;
    ASSERT_TRUE(log_.fetch(fetched));
    ASSERT_EQ(fetched.batches.size(), 1U);
    EXPECT_EQ(fetched.batches[0].last(), 2U);
}

TEST_F(EventLogTest, KeepsNothingForAFollowerThatHasGone) {
    log_.follow(kLimit);
    log_.append(batchOf(1));
    log_.unfollow();
    log_.append(batchOf(1));
    EXPECT_EQ(log_.follow(kLimit), 2U);
    log_.append(batchOf(1));

    DurableBatches fetched;
    ASSERT_TRUE(log_.fetch(fetched));
    EXPECT_EQ(fetched.begin, 2U);
    ASSERT_EQ(fetched.batches.size(), 1U);
}

TEST_F(EventLogTest, AFollowerThatWaitsIsToldOfTheEnd) {
    std::thread follower([this] {
        DurableBatches fetched;
        EXPECT_FALSE(log_.fetch(fetched));
    });
    log_.endFollowing();
    follower.join();
}

TEST_F(EventLogTest, CountsHowLongItWasFull) {
    log_.retain(0, {});
    clock_.advance(1h);
    EXPECT_EQ(log_.timeFull(), 0s);
    const Sequence last = log_.append(batchOf(1, kLimit));
    ASSERT_TRUE(log_.full());
    clock_.advance(3s);
    EXPECT_EQ(log_.timeFull(), 3s);
    log_.append(batchOf(1, kLimit));
    clock_.advance(2s);
    log_.advance(last + 1);
    clock_.advance(1h);
    EXPECT_EQ(log_.timeFull(), 5s);
    log_.append(batchOf(1, kLimit));
    clock_.advance(1s);
    log_.release();
    clock_.advance(1h);
    EXPECT_EQ(log_.timeFull(), 6s);
}

TEST_F(EventLogTest, AStallIsToldToThoseWhoSubscribe) {
    log_.retain(0, {});
    int woken = 0;
    const Registration subscribed = log_.subscribe([&] { ++woken; });
    log_.stall();
    EXPECT_EQ(woken, 1);
    EXPECT_TRUE(log_.stalled());
    log_.advance(0);
    EXPECT_FALSE(log_.stalled());
}

}  // namespace
}  // namespace hub::router
