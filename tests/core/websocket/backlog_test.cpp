#include "websocket/backlog.h"

#include <gtest/gtest.h>

#include <string>

namespace hub::websocket {
namespace {

using Kind = Decoded::Kind;

TEST(Backlog, GivesMessagesBackInTheirOrder) {
    BacklogBudget budget(100'000);
    Backlog backlog(budget);
    EXPECT_TRUE(backlog.empty());
    backlog.push(Kind::Text, "first");
    backlog.push(Kind::Binary, std::string(3000, '\0'));
    backlog.push(Kind::Text, "");
    EXPECT_EQ(backlog.size(), 3U);

    Backlog::Message message = backlog.pop();
    EXPECT_EQ(message.kind, Kind::Text);
    EXPECT_EQ(message.payload, "first");
    backlog.push(Kind::Text, "last");
    message = backlog.pop();
    EXPECT_EQ(message.kind, Kind::Binary);
    EXPECT_EQ(message.payload, std::string(3000, '\0'));
    EXPECT_EQ(backlog.pop().payload, "");
    EXPECT_EQ(backlog.pop().payload, "last");
    EXPECT_TRUE(backlog.empty());
}

TEST(Backlog, HasRoomUpToItsLimit) {
    BacklogBudget budget(100'000);
    Backlog backlog(budget);
    EXPECT_EQ(backlog.room(), Backlog::kLimit);
    backlog.charge(Backlog::kLimit - 10);
    EXPECT_EQ(backlog.room(), 10U);
    backlog.charge(10);
    EXPECT_EQ(backlog.room(), 0U);
    backlog.refund(6);
    EXPECT_EQ(backlog.room(), 6U);
}

TEST(Backlog, HasNoMoreRoomThanItsOwnShareAndTheBudget) {
    BacklogBudget budget(1000);
    Backlog one(budget);
    Backlog other(budget);
    EXPECT_EQ(one.room(), Backlog::kOwnShare + 1000);
    one.charge(Backlog::kOwnShare + 700);
    EXPECT_EQ(one.room(), 300U);
    EXPECT_EQ(other.room(), Backlog::kOwnShare + 300);
    other.charge(Backlog::kOwnShare + 300);
    EXPECT_EQ(one.room(), 0U);
    EXPECT_EQ(other.room(), 0U);
    one.refund(100);
    EXPECT_EQ(other.room(), 100U);
}

TEST(Backlog, LeavesTheBudgetAloneWithinItsOwnShare) {
    BacklogBudget budget(10);
    Backlog backlog(budget);
    backlog.charge(Backlog::kOwnShare);
    EXPECT_EQ(budget.left(), 10U);
    backlog.charge(4);
    EXPECT_EQ(budget.left(), 6U);
    backlog.refund(100);
    EXPECT_EQ(budget.left(), 10U);
    EXPECT_EQ(backlog.room(), 10U + 96U);
}

TEST(Backlog, GivesBackNoMoreThanItTook) {
    BacklogBudget budget(1000);
    {
        Backlog backlog(budget);
        backlog.charge(3);
        backlog.refund(8);
        EXPECT_EQ(budget.left(), 1000U);
        backlog.charge(Backlog::kOwnShare + 400);
        EXPECT_EQ(budget.left(), 600U);
    }
    EXPECT_EQ(budget.left(), 1000U);
}

TEST(Backlog, HasItsOwnShareWhenTheBudgetIsPassed) {
    BacklogBudget budget(100);
    Backlog one(budget);
    Backlog other(budget);
    const std::size_t room = one.room();
    other.charge(other.room());
    one.charge(room);  // as from two threads, which both have asked first
    EXPECT_EQ(budget.left(), 0U);
    Backlog third(budget);
    EXPECT_EQ(third.room(), Backlog::kOwnShare);
}

}  // namespace
}  // namespace hub::websocket
