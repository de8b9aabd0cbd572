#include "pending_acks.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <string>

namespace hub::ws_transport {
namespace {

TEST(PendingAcks, GivesBackInOrder) {
    PendingAcks acks;
    acks.push(R"("a")");
    acks.push("17");
    EXPECT_EQ(acks.front(), R"("a")");
    acks.pop();
    EXPECT_EQ(acks.front(), "17");
    acks.pop();
    EXPECT_TRUE(acks.empty());
}

TEST(PendingAcks, CountsWhatIsLeft) {
    PendingAcks acks;
    acks.push("1234");
    acks.push("123");
    EXPECT_EQ(acks.bytes(), 11U);
    acks.pop();
    EXPECT_EQ(acks.bytes(), 5U);
}

TEST(PendingAcks, IsAQueueWhateverTheOrderOfPushAndPop) {
    std::mt19937 random(1);
    std::deque<std::string> model;
    PendingAcks acks;
    for (int step = 0; step < 20'000; ++step) {
        if (random() % 2 == 0) {
            model.push_back(std::to_string(random()) + std::string(random() % 700, 'x'));
            acks.push(model.back());
        } else if (!model.empty()) {
            ASSERT_EQ(acks.front(), model.front());
            acks.pop();
            model.pop_front();
        }
        ASSERT_EQ(acks.empty(), model.empty());
    }
}

}  // namespace
}  // namespace hub::ws_transport
