#include "storage/store_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "fakes/fake_store.h"
#include "fakes/manual_clock.h"
#include "fakes/recording_logger.h"

namespace hub::storage {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

class StoreWriterTest : public testing::Test {
protected:
    StoreWriterTest() { log_.retain(0, {}); }

    void append(std::size_t events) {
        router::BatchBuilder builder;
        for (std::size_t i = 0; i < events; ++i) {
            ASSERT_TRUE(builder.add({.device_id = "lamp", .name = "status", .payload = "{}"}));
        }
        log_.append(builder.take());
    }
    void start() { writer_ = std::make_unique<StoreWriter>(log_, store_, logger_); }
    [[nodiscard]] bool drains() { return log_.drain(std::chrono::steady_clock::now() + 60s); }

    fakes::ManualClock clock_;
    fakes::RecordingLogger logger_;
    fakes::FakeStore store_;
    router::EventLog log_{1 << 20, clock_};
    std::unique_ptr<StoreWriter> writer_;
};

TEST_F(StoreWriterTest, StoresEverythingInOrderAndMovesTheWatermark) {
    start();
    for (int i = 0; i < 50; ++i) append(3);
    ASSERT_TRUE(drains());
    const auto events = store_.events();
    ASSERT_EQ(events.size(), 150U);
    for (std::size_t i = 0; i < events.size(); ++i) EXPECT_EQ(events[i].sequence, i + 1);
    EXPECT_EQ(log_.durable(), 150U);
}

TEST_F(StoreWriterTest, AnIdleStoreGetsASingleEventAtOnce) {
    start();
    append(1);
    ASSERT_TRUE(drains());
    EXPECT_THAT(store_.batches(), ElementsAre(1));
}

TEST_F(StoreWriterTest, WhatComesDuringACommitGoesTogetherInTheNext) {
    store_.hold();
    start();
    append(1);
    ASSERT_TRUE(store_.awaitHeldAppend());
    for (int i = 0; i < 10; ++i) append(2);
    EXPECT_EQ(log_.durable(), 0U);
    store_.release();
    ASSERT_TRUE(drains());
    EXPECT_THAT(store_.batches(), ElementsAre(1, 20));
}

TEST_F(StoreWriterTest, AGroupHasABound) {
    store_.hold();
    start();
    append(1);
    ASSERT_TRUE(store_.awaitHeldAppend());
    constexpr std::size_t kBatch = router::BatchBuilder::kEvents;
    for (std::size_t i = 0; i < 2 * StoreWriter::kGroup / kBatch; ++i) append(kBatch);
    store_.release();
    ASSERT_TRUE(drains());
    EXPECT_THAT(store_.batches(), ElementsAre(1, StoreWriter::kGroup, StoreWriter::kGroup));
}

TEST_F(StoreWriterTest, AFailingStoreIsAskedAgainUntilItWorks) {
    store_.refuse({Error::Kind::Unavailable, "hub.db: the disk is full"});
    start();
    append(2);
    ASSERT_TRUE(store_.awaitAppends(2));
    EXPECT_EQ(log_.durable(), 0U);
    EXPECT_EQ(writer_->failure(), "hub.db: the disk is full");

    store_.accept();
    ASSERT_TRUE(drains());
    EXPECT_EQ(writer_->failure(), "");
    EXPECT_EQ(store_.events().size(), 2U);
}

TEST_F(StoreWriterTest, AFailureIsLoggedOnceAndItsEndToo) {
    store_.refuse({Error::Kind::Unavailable, "hub.db: the disk is full"});
    start();
    append(1);
    ASSERT_TRUE(store_.awaitAppends(3));
    store_.accept();
    ASSERT_TRUE(drains());
    writer_.reset();

    const auto lines = logger_.lines();
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines[0].level, LogLevel::Error);
    EXPECT_NE(lines[0].message.find("the disk is full"), std::string::npos);
    EXPECT_EQ(lines[1].level, LogLevel::Info);
}

TEST_F(StoreWriterTest, EndsWhileTheStoreFails) {
    store_.refuse({Error::Kind::Unavailable, "hub.db: the disk is full"});
    start();
    append(1);
    ASSERT_TRUE(store_.awaitAppends(1));
    writer_.reset();
    EXPECT_EQ(log_.durable(), 0U);
}

}  // namespace
}  // namespace hub::storage
