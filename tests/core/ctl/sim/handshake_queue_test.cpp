#include "ctl/sim/handshake_queue.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace hub::ctl::sim {
namespace {

class HandshakeQueueTest : public testing::Test {
protected:
    void request(int device) {
        queue_.request([this, device] { begun_.push_back(device); });
    }

    HandshakeQueue queue_;
    std::vector<int> begun_;
};

TEST_F(HandshakeQueueTest, BeginsAtOnceWhileThereIsRoom) {
    request(1);
    request(2);
    EXPECT_EQ(begun_, (std::vector{1, 2}));
}

TEST_F(HandshakeQueueTest, LetsTheRestWaitInTheirOrder) {
    constexpr int kMax = HandshakeQueue::kMaxInFlight;
    for (int device = 0; device < kMax + 3; ++device) request(device);
    EXPECT_EQ(begun_.size(), HandshakeQueue::kMaxInFlight);
    queue_.done();
    EXPECT_EQ(begun_.size(), HandshakeQueue::kMaxInFlight + 1);
    queue_.done();
    queue_.done();
    queue_.done();
    std::vector<int> in_order(kMax + 3);
    std::iota(in_order.begin(), in_order.end(), 0);
    EXPECT_EQ(begun_, in_order);
}

TEST_F(HandshakeQueueTest, TakesAnyNumberThatFailAtOnce) {
    constexpr int kMax = HandshakeQueue::kMaxInFlight;
    for (int device = 0; device < kMax; ++device) request(device);
    int failed = 0;
    for (int device = 0; device < 100'000; ++device) {
        queue_.request([&] {
            ++failed;
            queue_.done();
        });
    }
    EXPECT_EQ(failed, 0);
    queue_.done();
    EXPECT_EQ(failed, 100'000);
}

TEST_F(HandshakeQueueTest, ForgetsThoseThatWaitWhenCleared) {
    constexpr int kMax = HandshakeQueue::kMaxInFlight;
    for (int device = 0; device < kMax + 1; ++device) request(device);
    queue_.clear();
    queue_.done();
    EXPECT_EQ(begun_.size(), HandshakeQueue::kMaxInFlight);
}

}  // namespace
}  // namespace hub::ctl::sim
