#include "ctl/target_outcomes.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace hub::ctl {
namespace {

class TargetOutcomesTest : public testing::Test {
protected:
    // Whether the device is still to have its outcome.
    bool tell(const std::string& device, const std::string& target) {
        const bool open = outcomes_.take(device, *JsonObject::read(target));
        outcomes_.show();
        return open;
    }
    std::ostringstream out_;
    TargetOutcomes outcomes_{&out_};
};

TEST_F(TargetOutcomesTest, ShowsEachChangeOnce) {
    EXPECT_TRUE(tell("lamp", R"({"status":"sent"})"));
    EXPECT_TRUE(tell("lamp", R"({"status":"sent"})"));
    EXPECT_FALSE(
        tell("lamp", R"({"status":"ack_error","reason":null,"response":{"why":"stuck"}})"));
    EXPECT_FALSE(tell("lamp", R"({"status":"ack_error"})"));
    EXPECT_EQ(out_.str(), "lamp  sent\nlamp  ack_error: {\"why\":\"stuck\"}\n");
}

TEST_F(TargetOutcomesTest, NothingGoesBackwards) {
    tell("lamp", R"({"status":"sent"})");
    tell("lamp", R"({"status":"pending"})");
    tell("lamp", R"({"status":"queued"})");
    tell("lamp", R"({"status":"timeout"})");
    EXPECT_FALSE(tell("lamp", R"({"status":"sent"})"));
    tell("lamp", R"({"status":"ack_success"})");
    EXPECT_EQ(out_.str(), "lamp  sent\nlamp  timeout\n");
}

TEST_F(TargetOutcomesTest, WhatIsShownAtOnceIsAligned) {
    outcomes_.take("a", *JsonObject::read(R"({"status":"queued"})"));
    outcomes_.take("long-id", *JsonObject::read(
                                  R"({"status":"unreachable","reason":"the device is offline"})"));
    EXPECT_EQ(outcomes_.count(), 2U);
    EXPECT_EQ(out_.str(), "");
    outcomes_.show();
    EXPECT_EQ(out_.str(), "a        queued\nlong-id  unreachable: the device is offline\n");
}

TEST_F(TargetOutcomesTest, UnderWayMeansSentOrQueuedForAll) {
    EXPECT_FALSE(outcomes_.allUnderWay());
    tell("a", R"({"status":"queued"})");
    tell("b", R"({"status":"sent"})");
    EXPECT_TRUE(outcomes_.allUnderWay());
    tell("b", R"({"status":"ack_success"})");
    EXPECT_TRUE(outcomes_.allUnderWay());
    tell("c", R"({"status":"rejected"})");
    EXPECT_FALSE(outcomes_.allUnderWay());
}

TEST_F(TargetOutcomesTest, AStatusThatNoCommandHasIsRefused) {
    EXPECT_THROW(tell("lamp", R"({"status":"\u001b"})"), std::runtime_error);
}

}  // namespace
}  // namespace hub::ctl
