#include "rule.h"

#include <gtest/gtest.h>

namespace hub::robot_interlock {
namespace {

TEST(Rule, KnowsThePosesOfTheServos) {
    for (const char* name : {"handsup", "resetposition", "headup", "headleft"}) {
        EXPECT_TRUE(isPose(name)) << name;
        EXPECT_FALSE(isMovement(name)) << name;
    }
    EXPECT_FALSE(isPose("reset"));
    EXPECT_FALSE(isPose("HANDSUP"));
    EXPECT_FALSE(isPose(""));
}

TEST(Rule, KnowsTheMovementsOfTheWheels) {
    for (const char* name : {"forward", "backward", "left", "right", "MOVE_FORWARD",
                             "MOVE_BACKWARD", "TURN_LEFT", "TURN_RIGHT"}) {
        EXPECT_TRUE(isMovement(name)) << name;
        EXPECT_FALSE(isPose(name)) << name;
    }
    for (const char* name : {"stop", "lock", "unlock", "FORWARD", ""}) {
        EXPECT_FALSE(isMovement(name)) << name;
    }
}

TEST(Rule, TheRoutesHaveWordsForPoses) {
    EXPECT_EQ(poseFrom("reset")->command, "resetposition");
    EXPECT_EQ(poseFrom("headleft")->command, "headleft");
    EXPECT_FALSE(poseFrom("resetposition"));
    EXPECT_FALSE(poseFrom(""));
}

}  // namespace
}  // namespace hub::robot_interlock
