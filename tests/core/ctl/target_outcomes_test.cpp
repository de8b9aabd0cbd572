#include "ctl/target_outcomes.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace hub::ctl {
namespace {

class TargetOutcomesTest : public testing::Test {
protected:
    void tell(const std::string& device, const std::string& target) {
        outcomes_.take(device, *JsonObject::read(target));
    }
    std::ostringstream out_;
    TargetOutcomes outcomes_{&out_};
};

TEST_F(TargetOutcomesTest, ShowsEachChangeOnce) {
    tell("lamp", R"({"status":"sent"})");
    tell("lamp", R"({"status":"sent"})");
    EXPECT_TRUE(outcomes_.open());
    tell("lamp", R"({"status":"ack_error","reason":null,"response":{"why":"stuck"}})");
    tell("lamp", R"({"status":"ack_error"})");
    EXPECT_FALSE(outcomes_.open());
    EXPECT_EQ(out_.str(), "lamp  sent\nlamp  ack_error: {\"why\":\"stuck\"}\n");
}

TEST_F(TargetOutcomesTest, NothingGoesBackwards) {
    tell("lamp", R"({"status":"sent"})");
    tell("lamp", R"({"status":"pending"})");
    tell("lamp", R"({"status":"queued"})");
    tell("lamp", R"({"status":"timeout"})");
    tell("lamp", R"({"status":"sent"})");
    tell("lamp", R"({"status":"ack_success"})");
    EXPECT_EQ(out_.str(), "lamp  sent\nlamp  timeout\n");
}

TEST_F(TargetOutcomesTest, IsOpenUntilTheLastDeviceHasAnOutcome) {
    EXPECT_FALSE(outcomes_.open());
    outcomes_.takeAll(*JsonObject::read(
        R"({"targets":[{"device_id":"a","status":"queued"},{"device_id":"b","status":"sent"},)"
        R"({"device_id":"c","status":"unreachable","reason":"the device is offline"}]})"));
    EXPECT_EQ(outcomes_.count(), 3U);
    EXPECT_EQ(out_.str(), "a  queued\nb  sent\nc  unreachable: the device is offline\n");
    tell("b", R"({"status":"ack_success"})");
    EXPECT_TRUE(outcomes_.open());
    tell("a", R"({"status":"expired"})");
    EXPECT_FALSE(outcomes_.open());
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
    EXPECT_THROW(outcomes_.takeAll(*JsonObject::read(R"({"targets":[7]})")), std::runtime_error);
    EXPECT_THROW(outcomes_.takeAll(*JsonObject::read(R"({"targets":7})")), std::runtime_error);
}

}  // namespace
}  // namespace hub::ctl
