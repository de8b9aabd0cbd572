#include "storage/store_writer.h"

#include "fakes/fake_store.h"
#include "fakes/manual_clock.h"
#include "fakes/recording_logger.h"
#include "metrics/metric_registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace hub::storage {
namespace {

using namespace std::chrono_literals;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

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
    // An event that takes so much in a store, at least.
    void appendBytes(std::size_t bytes) {
        const std::string payload(bytes, ' ');
        router::BatchBuilder builder;
        ASSERT_TRUE(builder.add({.device_id = "lamp", .name = "status", .payload = payload}));
        log_.append(builder.take());
    }
    void start() { start(store_); }
    void start(Store& store) {
        writer_ = std::make_unique<StoreWriter>(
            log_, store, WriterSurroundings{clock_, logger_, metrics_, [this] {
                                                const std::lock_guard lock(signs_mutex_);
                                                return std::exchange(signs_, {});
                                            }});
    }
    // Lets the writer look at the clock.
    void nudge() {
        append(1);
        ASSERT_TRUE(drains());
    }
    void hearsOf(std::uint32_t device, std::chrono::seconds at) {
        const std::lock_guard lock(signs_mutex_);
        signs_.push_back({DeviceIndex{device}, Timestamp(at), std::nullopt});
    }
    [[nodiscard]] bool drains() { return log_.drain(std::chrono::steady_clock::now() + 60s); }

    fakes::ManualClock clock_;
    fakes::RecordingLogger logger_;
    fakes::FakeStore store_;
    metrics::MetricRegistry metrics_;
    router::EventLog log_{4 << 20, clock_, metrics_};
    std::mutex signs_mutex_;
    std::vector<SignOfLife> signs_;  // guarded by signs_mutex_
    std::unique_ptr<StoreWriter> writer_;
};

// A store that keeps nothing and tells what chores it was given.
class ChoreStore final : public Store {
public:
    [[nodiscard]] Recovery recover() override { return {}; }
    [[nodiscard]] Result<void> append(std::span<const Event>) override { return {}; }
    [[nodiscard]] Result<void> noteLife(std::span<const SignOfLife> signs) override {
        const std::lock_guard lock(mutex_);
        std::string call;
        for (const SignOfLife& sign : signs) {
            call += std::to_string(static_cast<std::uint32_t>(sign.device)) + "@" +
                    std::to_string(sign.seen.time_since_epoch() / 1s) + " ";
        }
        calls_.push_back(call);
        changed_.notify_all();
        return {};
    }
    [[nodiscard]] bool maintain(Timestamp now) noexcept override {
        const std::lock_guard lock(mutex_);
        maintained_.push_back(now);
        changed_.notify_all();
        return maintained_.size() < pieces_;
    }

    // There are so many pieces of housekeeping in one go.
    void setPieces(std::size_t pieces) {
        const std::lock_guard lock(mutex_);
        pieces_ = pieces;
    }
    // One word for each call of `noteLife`, as in `7@1 8@2 `.
    [[nodiscard]] std::vector<std::string> awaitSigns(std::size_t calls) {
        std::unique_lock lock(mutex_);
        EXPECT_TRUE(changed_.wait_for(lock, 60s, [&] { return calls_.size() >= calls; }));
        return calls_;
    }
    [[nodiscard]] std::vector<Timestamp> awaitMaintenance(std::size_t calls) {
        std::unique_lock lock(mutex_);
        EXPECT_TRUE(changed_.wait_for(lock, 60s, [&] { return maintained_.size() >= calls; }));
        return maintained_;
    }

private:
    // Guarded by mutex_.
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> calls_;
    std::vector<Timestamp> maintained_;
    std::size_t pieces_ = 1;
};

// A store whose disk is full until its housekeeping makes room.
class FullStore final : public Store {
public:
    [[nodiscard]] Recovery recover() override { return {}; }
    [[nodiscard]] Result<void> append(std::span<const Event>) override {
        if (full_) return Error{Error::Kind::Unavailable, "hub.db: the disk is full"};
        return {};
    }
    [[nodiscard]] Result<void> noteLife(std::span<const SignOfLife>) override { return {}; }
    [[nodiscard]] bool maintain(Timestamp) noexcept override {
        full_ = false;
        return false;
    }

private:
    bool full_ = true;
};

// A store with three pieces of housekeeping for each batch it was given.
class GrowingStore final : public Store {
public:
    [[nodiscard]] Recovery recover() override { return {}; }
    [[nodiscard]] Result<void> append(std::span<const Event>) override {
        calls_ += 'a';
        pieces_ = 3;
        return {};
    }
    [[nodiscard]] Result<void> noteLife(std::span<const SignOfLife>) override { return {}; }
    [[nodiscard]] bool maintain(Timestamp) noexcept override {
        calls_ += 'm';
        return --pieces_ > 0;
    }

    // `a` for each batch, `m` for each piece of housekeeping; once the writer has ended.
    [[nodiscard]] const std::string& calls() const { return calls_; }

private:
    std::string calls_;
    int pieces_ = 0;
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
    EXPECT_EQ(writer_->failure(), std::nullopt);
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

TEST_F(StoreWriterTest, KeepsSignsOfLifeFromTimeToTime) {
    ChoreStore store;
    start(store);
    hearsOf(7, 1s);
    nudge();
    clock_.advance(LifeKeeper::kInterval);
    nudge();
    EXPECT_THAT(store.awaitSigns(1), ElementsAre("7@1 "));
    hearsOf(8, 2s);
    nudge();
    clock_.advance(LifeKeeper::kInterval);
    nudge();
    EXPECT_THAT(store.awaitSigns(2), ElementsAre("7@1 ", "8@2 "));
}

TEST_F(StoreWriterTest, KeepsTheLastSignsOfLifeAtItsEnd) {
    ChoreStore store;
    start(store);
    hearsOf(7, 1s);
    nudge();
    writer_.reset();
    EXPECT_THAT(store.awaitSigns(0), ElementsAre("7@1 "));
}

TEST_F(StoreWriterTest, LetsTheStoreDoAllOfItsHousekeepingWhenIdle) {
    ChoreStore store;
    store.setPieces(4);
    start(store);
    EXPECT_THAT(store.awaitMaintenance(4), Each(clock_.wall()));
}

TEST_F(StoreWriterTest, HousekeepingGoesOnWhileEventsCannotBeStored) {
    FullStore store;
    append(1);
    start(store);
    EXPECT_TRUE(drains());
    writer_.reset();
}

TEST_F(StoreWriterTest, TellsTheLogThatItFails) {
    store_.refuse({Error::Kind::Unavailable, ""});
    start();
    append(1);
    EXPECT_FALSE(log_.awaitDurable(1, std::chrono::steady_clock::now() + 24h));
    EXPECT_EQ(writer_->failure(), "");
}

TEST_F(StoreWriterTest, HousekeepingThatIsDoneRestsForAWhile) {
    const Timestamp begin = clock_.wall();
    ChoreStore store;
    start(store);
    (void)store.awaitMaintenance(1);
    nudge();
    nudge();
    clock_.advance(StoreWriter::kMaintenanceInterval);
    nudge();
    (void)store.awaitMaintenance(2);
    writer_.reset();
    EXPECT_THAT(store.awaitMaintenance(0),
                ElementsAre(begin, begin + StoreWriter::kMaintenanceInterval));
}

TEST_F(StoreWriterTest, HousekeepingDoesNotWaitWhileMuchIsStored) {
    ChoreStore store;
    start(store);
    (void)store.awaitMaintenance(1);
    appendBytes(StoreWriter::kMaintenanceBytes / 2);
    ASSERT_TRUE(drains());
    appendBytes(StoreWriter::kMaintenanceBytes / 2);
    ASSERT_TRUE(drains());
    writer_.reset();
    EXPECT_THAT(store.awaitMaintenance(0), SizeIs(2));
}

TEST_F(StoreWriterTest, LargeEventsAreFollowedByAsMuchHousekeeping) {
    GrowingStore store;
    for (std::size_t i = 0; i < StoreWriter::kGroup; ++i) {
        appendBytes(3 * StoreWriter::kMaintenanceBytes / StoreWriter::kGroup);
    }
    append(1);
    start(store);
    ASSERT_TRUE(drains());
    writer_.reset();
    EXPECT_EQ(store.calls(), "ammma");
}

TEST_F(StoreWriterTest, HousekeepingGoesByTheClockThatWasSetBack) {
    log_.retain(0, clock_.wall() + 24h * 365);
    ChoreStore store;
    start(store);
    nudge();
    ASSERT_GT(log_.now(), clock_.wall());
    EXPECT_THAT(store.awaitMaintenance(1), Each(clock_.wall()));
}

TEST_F(StoreWriterTest, TellsHowLongTheStoreIsBusy) {
    store_.hold();
    start();
    append(1);
    ASSERT_TRUE(store_.awaitHeldAppend());
    clock_.advance(30s);
    EXPECT_EQ(writer_->busy(), 30s);
    store_.release();
    ASSERT_TRUE(drains());
    while (writer_->busy() != 0s) std::this_thread::yield();
}

TEST_F(StoreWriterTest, MeasuresWhatItStores) {
    store_.hold();
    start();
    append(3);
    ASSERT_TRUE(store_.awaitHeldAppend());
    clock_.advance(20ms);
    store_.release();
    ASSERT_TRUE(drains());
    writer_.reset();
    const std::string text = metrics_.text();
    EXPECT_THAT(text, HasSubstr("\nhub_store_rows_total 3\n"));
    EXPECT_THAT(text, HasSubstr("\nhub_store_commit_seconds_bucket{le=\"0.01\"} 0\n"));
    EXPECT_THAT(text, HasSubstr("\nhub_store_commit_seconds_bucket{le=\"0.025\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("\nhub_store_group_events_bucket{le=\"1\"} 0\n"));
    EXPECT_THAT(text, HasSubstr("\nhub_store_group_events_bucket{le=\"4\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("\nhub_store_failures_total 0\n"));
}

TEST_F(StoreWriterTest, CountsFailures) {
    store_.refuse({Error::Kind::Unavailable, "hub.db: the disk is full"});
    start();
    append(1);
    ASSERT_TRUE(store_.awaitAppends(2));
    writer_.reset();
    EXPECT_THAT(metrics_.text(), Not(HasSubstr("\nhub_store_failures_total 0\n")));
    EXPECT_THAT(metrics_.text(), HasSubstr("\nhub_store_rows_total 0\n"));
}

}  // namespace
}  // namespace hub::storage
