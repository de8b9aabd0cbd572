#include "storage/life_keeper.h"

#include "fakes/fake_store.h"
#include "fakes/manual_clock.h"
#include "fakes/recording_logger.h"
#include "metrics/metric_registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace hub::storage {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class LifeKeeperTest : public testing::Test {
protected:
    void hearsOf(std::uint32_t device, std::chrono::seconds at) {
        heard_.push_back({DeviceIndex{device}, Timestamp(at), std::nullopt});
    }
    // The time to take what there is has come.
    void stepWhenDue() {
        clock_.advance(LifeKeeper::kInterval);
        keeper_.step();
    }
    void refuse() { store_.refuse({Error::Kind::Unavailable, "hub.db: the disk is full"}); }

    // What the store has kept since the last time, one word for each, as in `7@1`.
    std::vector<std::string> kept() {
        std::vector<std::string> words;
        const std::vector<SignOfLife> all = store_.signsOfLife();
        for (; seen_ < all.size(); ++seen_) {
            words.push_back(std::to_string(static_cast<std::uint32_t>(all[seen_].device)) + "@" +
                            std::to_string(all[seen_].seen.time_since_epoch() / 1s));
        }
        return words;
    }

    fakes::ManualClock clock_;
    fakes::RecordingLogger logger_;
    fakes::FakeStore store_;
    metrics::MetricRegistry metrics_;
    WatchedStore watched_{store_, clock_};
    std::vector<SignOfLife> heard_;
    LifeKeeper keeper_{watched_, [this] { return std::exchange(heard_, {}); }, clock_, logger_,
                       metrics_.counter("refused_total", "Pieces that were refused.", {})};
    std::size_t seen_ = 0;
};

TEST_F(LifeKeeperTest, KeepsWhatWasHeardFromTimeToTime) {
    hearsOf(7, 1s);
    keeper_.step();
    EXPECT_THAT(kept(), IsEmpty());
    stepWhenDue();
    EXPECT_THAT(kept(), ElementsAre("7@1"));
    hearsOf(8, 2s);
    keeper_.step();
    EXPECT_THAT(kept(), IsEmpty());
    stepWhenDue();
    EXPECT_THAT(kept(), ElementsAre("8@2"));
}

TEST_F(LifeKeeperTest, KeepsAPieceAtATime) {
    for (std::uint32_t device = 0; device <= 2 * LifeKeeper::kPiece; ++device) hearsOf(device, 1s);
    stepWhenDue();
    EXPECT_THAT(kept(), SizeIs(LifeKeeper::kPiece));
    EXPECT_LE(keeper_.due(), clock_.steady());
    keeper_.step();
    EXPECT_THAT(kept(), SizeIs(LifeKeeper::kPiece));
    keeper_.step();
    EXPECT_THAT(kept(), SizeIs(1));
    EXPECT_EQ(keeper_.due(), clock_.steady() + LifeKeeper::kInterval);
}

TEST_F(LifeKeeperTest, KeepsAllThereIsAtTheEnd) {
    for (std::uint32_t device = 0; device <= LifeKeeper::kPiece; ++device) hearsOf(device, 1s);
    keeper_.finish();
    EXPECT_THAT(kept(), SizeIs(LifeKeeper::kPiece + 1));
}

TEST_F(LifeKeeperTest, WhatWasRefusedComesAgainUnlessThereIsSomethingNewer) {
    refuse();
    hearsOf(7, 1s);
    hearsOf(5, 1s);
    stepWhenDue();
    hearsOf(7, 2s);
    stepWhenDue();
    EXPECT_THAT(kept(), IsEmpty());
    store_.accept();
    keeper_.finish();
    EXPECT_THAT(kept(), ElementsAre("5@1", "7@2"));
}

TEST_F(LifeKeeperTest, RefusalsAreCountedAndLoggedOnceUntilOneIsTaken) {
    refuse();
    hearsOf(7, 1s);
    stepWhenDue();
    stepWhenDue();
    ASSERT_THAT(logger_.lines(), SizeIs(1));
    EXPECT_EQ(logger_.lines()[0].level, LogLevel::Warning);
    EXPECT_EQ(logger_.lines()[0].message,
              "when devices were last seen cannot be stored, and will be tried again: hub.db: the "
              "disk is full");
    EXPECT_THAT(metrics_.text(), HasSubstr("\nrefused_total 2\n"));

    store_.accept();
    stepWhenDue();
    refuse();
    hearsOf(7, 2s);
    stepWhenDue();
    EXPECT_THAT(logger_.lines(), SizeIs(2));
}

}  // namespace
}  // namespace hub::storage
