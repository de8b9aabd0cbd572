#include "router/sink.h"

#include "fakes/fake_transport.h"
#include "fakes/manual_clock.h"
#include "metrics/metric_registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace hub::router {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

class SinkTest : public testing::Test {
protected:
    static constexpr LinkId kLink{7};

    SinkTest() { log_.retain(100, {}); }

    void add(AckTag tag = AckTag::None) { sink_.add({.name = "status"}, acks_, tag); }

    fakes::ManualClock clock_;
    metrics::MetricRegistry metrics_;
    EventLog log_{1 << 20, clock_, metrics_};
    fakes::FakeTransport transport_;
    int wakes_ = 0;
    Sink sink_{log_, [this] { ++wakes_; }};
    AckAddress acks_{transport_, kLink};
};

TEST_F(SinkTest, GivesWhatItGatheredInOneStep) {
    add();
    add();
    EXPECT_EQ(log_.last(), 100U);
    EXPECT_EQ(sink_.flush(), 102U);
    EXPECT_EQ(log_.last(), 102U);
}

TEST_F(SinkTest, FlushOfNothingRepeatsTheLastTicket) {
    add();
    EXPECT_EQ(sink_.flush(), 101U);
    EXPECT_EQ(sink_.flush(), 101U);
}

TEST_F(SinkTest, AcknowledgesOnlyWhatIsDurableInOrder) {
    add(AckTag{1});
    add();
    add(AckTag{2});
    sink_.flush();
    add(AckTag{3});
    sink_.flush();

    sink_.settle();
    EXPECT_THAT(transport_.takeDurable(), IsEmpty());

    log_.advance(101);
    sink_.settle();
    EXPECT_THAT(transport_.takeDurable(), ElementsAre(Pair(kLink, AckTag{1})));

    log_.advance(104);
    sink_.settle();
    EXPECT_THAT(transport_.takeDurable(),
                ElementsAre(Pair(kLink, AckTag{2}), Pair(kLink, AckTag{3})));
}

TEST_F(SinkTest, FlushesByItselfWhenItsBatchIsFull) {
    for (std::size_t i = 0; i <= BatchBuilder::kEvents; ++i) add(AckTag{i + 1});
    EXPECT_EQ(log_.last(), 100U + BatchBuilder::kEvents);
    sink_.flush();
    log_.advance(log_.last());
    sink_.settle();
    const auto acknowledged = transport_.takeDurable();
    ASSERT_EQ(acknowledged.size(), BatchBuilder::kEvents + 1);
    EXPECT_EQ(acknowledged.back().second, AckTag{BatchBuilder::kEvents + 1});
}

TEST_F(SinkTest, AClosedAddressHearsNothing) {
    add(AckTag{1});
    sink_.flush();
    acks_.close();
    log_.advance(101);
    sink_.settle();
    EXPECT_THAT(transport_.takeDurable(), IsEmpty());
}

TEST_F(SinkTest, WakesWhenSomethingBecameDurable) {
    add(AckTag{1});
    sink_.flush();
    log_.advance(101);
    EXPECT_EQ(wakes_, 1);
}

TEST_F(SinkTest, WithoutAStoreNothingIsAcknowledged) {
    log_.release();
    add(AckTag{1});
    sink_.flush();
    sink_.settle();
    EXPECT_THAT(transport_.takeDurable(), IsEmpty());
}

TEST_F(SinkTest, WhatAStoreLeftUnfinishedIsNeverAcknowledged) {
    add(AckTag{1});
    sink_.flush();
    log_.release();
    sink_.settle();
    EXPECT_THAT(transport_.takeDurable(), IsEmpty());
}

TEST_F(SinkTest, PausesWhileTheLogIsFull) {
    const std::string large(1 << 20, 'x');
    sink_.add({.payload = large});
    sink_.flush();
    EXPECT_TRUE(sink_.paused());
    log_.advance(101);
    EXPECT_FALSE(sink_.paused());
}

TEST_F(SinkTest, GivesTheRestWhenDestroyed) {
    {
        Sink other(log_, [] {});
        other.add({.name = "status"});
    }
    EXPECT_EQ(log_.last(), 101U);
}

}  // namespace
}  // namespace hub::router
