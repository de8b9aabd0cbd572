#include "servos.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace hub::robot_interlock {
namespace {

class ServosTest : public testing::Test {
protected:
    // The first change of a move, and what follows.
    void asked(const std::string& id, std::size_t channel, double angle,
               TargetStatus status = TargetStatus::Pending) {
        servos_.heard({{id, "servos"}, "servo", status, ServoMove{channel, angle}});
    }
    void stands(const std::string& id, TargetStatus status) {
        servos_.heard({{id, "servos"}, "servo", status, std::nullopt});
    }
    Servos::Servo servo(std::size_t channel) const { return servos_.all()[channel]; }

    Servos servos_;
};

TEST_F(ServosTest, AreCentredAndStillAtFirst) {
    for (const Servos::Servo& servo : servos_.all()) {
        EXPECT_EQ(servo.current_angle, 90);
        EXPECT_EQ(servo.target_angle, 90);
        EXPECT_FALSE(servo.is_moving);
    }
}

TEST_F(ServosTest, AMoveIsUnderWayFromSendingToItsAcknowledgement) {
    asked("c-1", 3, 120);
    EXPECT_EQ(servo(3).target_angle, 90);
    stands("c-1", TargetStatus::Sent);
    EXPECT_EQ(servo(3).current_angle, 90);
    EXPECT_EQ(servo(3).target_angle, 120);
    EXPECT_TRUE(servo(3).is_moving);
    EXPECT_FALSE(servo(4).is_moving);
    stands("c-1", TargetStatus::AckSuccess);
    EXPECT_EQ(servo(3).current_angle, 120);
    EXPECT_FALSE(servo(3).is_moving);
}

TEST_F(ServosTest, AMoveThatFailedLeavesTheServoShortOfItsTarget) {
    for (const TargetStatus status :
         {TargetStatus::AckError, TargetStatus::Timeout, TargetStatus::Cancelled}) {
        asked("c-1", 0, 10);
        stands("c-1", TargetStatus::Sent);
        stands("c-1", status);
        EXPECT_EQ(servo(0).current_angle, 90) << toString(status);
        EXPECT_EQ(servo(0).target_angle, 10) << toString(status);
        EXPECT_FALSE(servo(0).is_moving) << toString(status);
    }
}

TEST_F(ServosTest, AMoveThatWasNeverSentChangesNothing) {
    asked("c-1", 0, 10, TargetStatus::Unreachable);
    asked("c-2", 0, 20, TargetStatus::Queued);
    stands("c-2", TargetStatus::Expired);
    stands("c-2", TargetStatus::Sent);
    EXPECT_EQ(servo(0).target_angle, 90);
    EXPECT_FALSE(servo(0).is_moving);
}

TEST_F(ServosTest, AQueuedMoveBeginsWhenItIsSent) {
    asked("c-1", 9, 0, TargetStatus::Queued);
    EXPECT_FALSE(servo(9).is_moving);
    stands("c-1", TargetStatus::Sent);
    EXPECT_TRUE(servo(9).is_moving);
    EXPECT_EQ(servo(9).target_angle, 0);
}

TEST_F(ServosTest, WhatIsNotFollowedAnyMoreMovesNoServo) {
    asked("c-1", 2, 10);
    stands("c-1", TargetStatus::Sent);
    servos_.forgetMoves();
    EXPECT_FALSE(servo(2).is_moving);
    EXPECT_EQ(servo(2).target_angle, 10);
    EXPECT_EQ(servo(2).current_angle, 90);
}

TEST_F(ServosTest, AServoFollowsTheNewestMove) {
    asked("c-1", 5, 10);
    stands("c-1", TargetStatus::Sent);
    asked("c-2", 5, 20);
    stands("c-2", TargetStatus::Sent);
    stands("c-1", TargetStatus::AckSuccess);
    EXPECT_EQ(servo(5).current_angle, 10);
    EXPECT_EQ(servo(5).target_angle, 20);
    EXPECT_TRUE(servo(5).is_moving);
    stands("c-2", TargetStatus::AckSuccess);
    EXPECT_EQ(servo(5).current_angle, 20);
    EXPECT_FALSE(servo(5).is_moving);
}

}  // namespace
}  // namespace hub::robot_interlock
