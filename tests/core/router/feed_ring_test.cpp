#include "router/feed_ring.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace hub::router {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class FeedRingTest : public testing::Test {
protected:
    static constexpr std::size_t kBatchBytes = 2 * sizeof(Event);

    // The events `first` and `first` + 1.
    static SharedBatch batchOf(Sequence first) {
        const std::vector<Event> events{{.sequence = first}, {.sequence = first + 1}};
        return std::make_shared<const Batch>(events, std::span<const char>());
    }
    void add(Sequence first) { ring_.add(batchOf(first), evicted_); }

    // The last numbers of the batches that are found.
    std::vector<Sequence> find(Sequence position, std::size_t limit = 100) const {
        std::vector<SharedBatch> found;
        ring_.find(position, limit, found);
        std::vector<Sequence> last;
        for (const SharedBatch& batch : found) last.push_back(batch->last());
        return last;
    }

    FeedRing ring_{3 * kBatchBytes};
    std::vector<SharedBatch> evicted_;
};

TEST_F(FeedRingTest, FindsTheBatchesBehindAPosition) {
    (void)ring_.reset(10);
    for (const Sequence first : {11, 13, 15}) add(first);
    EXPECT_THAT(find(10), ElementsAre(12, 14, 16));
    EXPECT_THAT(find(11), ElementsAre(12, 14, 16));
    EXPECT_THAT(find(12), ElementsAre(14, 16));
    EXPECT_THAT(find(10, 2), ElementsAre(12, 14));
    EXPECT_THAT(find(16), IsEmpty());
    EXPECT_EQ(ring_.end(), 16U);
}

TEST_F(FeedRingTest, MakesRoomForTheNewest) {
    for (const Sequence first : {1, 3, 5, 7, 9}) add(first);
    EXPECT_EQ(ring_.begin(), 4U);
    EXPECT_EQ(ring_.bytes(), 3 * kBatchBytes);
    EXPECT_EQ(evicted_.size(), 2U);
    EXPECT_THAT(find(4), ElementsAre(6, 8, 10));
}

TEST_F(FeedRingTest, KeepsTheNewestBatchWhateverItsSize) {
    add(1);
    const std::vector<char> large(100 * kBatchBytes);
    const Event event{.sequence = 3};
    ring_.add(std::make_shared<const Batch>(std::span(&event, 1), large), evicted_);
    EXPECT_EQ(ring_.begin(), 2U);
    EXPECT_THAT(find(2), ElementsAre(3));
}

TEST_F(FeedRingTest, PassesOverWhatLiesBeforeItsEnd) {
    (void)ring_.reset(10);
    add(8);
    add(9);
    EXPECT_THAT(find(10), IsEmpty());
    EXPECT_EQ(ring_.bytes(), 0U);
    add(10);
    EXPECT_THAT(find(10), ElementsAre(11));
}

TEST_F(FeedRingTest, BeginsAnewWhereItIsTold) {
    add(1);
    EXPECT_EQ(ring_.reset(20).size(), 1U);
    EXPECT_EQ(ring_.begin(), 20U);
    EXPECT_EQ(ring_.end(), 20U);
    EXPECT_EQ(ring_.bytes(), 0U);
}

}  // namespace
}  // namespace hub::router
