#include "pose_runs.h"

#include <gtest/gtest.h>

#include <vector>

namespace hub::robot_interlock {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

class PoseRunsTest : public testing::Test {
protected:
    void passes(milliseconds time) { now_ += time; }
    bool engaged() { return runs_.engaged(now_); }
    void asked(const TargetKey& pose) { runs_.asked(pose, now_); }
    void heard(const TargetKey& pose, TargetStatus status) { runs_.heard(pose, status, now_); }

    const TargetKey pose_{"c-1", "servos"};
    const TargetKey other_{"c-2", "servos"};
    SteadyTime now_{hours(1)};
    PoseRuns runs_;
};

TEST_F(PoseRunsTest, NothingIsUnderWayAtFirst) {
    EXPECT_FALSE(engaged());
    EXPECT_FALSE(runs_.posing());
    EXPECT_FALSE(runs_.nextChange(now_));
}

TEST_F(PoseRunsTest, APoseIsUnderWayFromTheQuestionUntilFiveSecondsAfterItsOutcome) {
    asked(pose_);
    EXPECT_TRUE(engaged());
    EXPECT_FALSE(runs_.posing());
    heard(pose_, TargetStatus::Pending);
    heard(pose_, TargetStatus::Sent);
    EXPECT_TRUE(runs_.posing());
    EXPECT_FALSE(runs_.nextChange(now_));
    passes(hours(1));
    EXPECT_TRUE(engaged());

    heard(pose_, TargetStatus::AckSuccess);
    EXPECT_FALSE(runs_.posing());
    EXPECT_EQ(runs_.nextChange(now_), now_ + seconds(5));
    passes(milliseconds(4999));
    EXPECT_TRUE(engaged());
    passes(milliseconds(1));
    EXPECT_FALSE(engaged());
    EXPECT_FALSE(runs_.nextChange(now_));
}

TEST_F(PoseRunsTest, EveryOutcomeOfAPoseThatWasSentIsAnEnd) {
    for (const TargetStatus status : {TargetStatus::AckError, TargetStatus::Timeout,
                                      TargetStatus::Cancelled, TargetStatus::Expired}) {
        heard(pose_, TargetStatus::Sent);
        heard(pose_, status);
        EXPECT_FALSE(runs_.posing()) << toString(status);
        EXPECT_TRUE(engaged()) << toString(status);
        passes(seconds(5));
        EXPECT_FALSE(engaged()) << toString(status);
    }
}

TEST_F(PoseRunsTest, APoseThatWasNeverSentLeavesNothingToWaitFor) {
    for (const TargetStatus status : {TargetStatus::Rejected, TargetStatus::Unreachable,
                                      TargetStatus::Expired, TargetStatus::Cancelled}) {
        asked(pose_);
        heard(pose_, status);
        EXPECT_FALSE(engaged()) << toString(status);
    }
}

TEST_F(PoseRunsTest, AQuestionOfWhichNothingIsHeardIsForgotten) {
    asked(pose_);
    EXPECT_EQ(runs_.nextChange(now_), now_ + PoseRuns::kUnheard);
    passes(PoseRuns::kUnheard - milliseconds(1));
    EXPECT_TRUE(engaged());
    passes(milliseconds(1));
    EXPECT_FALSE(engaged());
}

TEST_F(PoseRunsTest, WhatWasForgottenBeginsAnewWhenItIsSent) {
    asked(pose_);
    passes(PoseRuns::kUnheard);
    asked(other_);
    heard(other_, TargetStatus::Rejected);
    EXPECT_FALSE(engaged());
    heard(pose_, TargetStatus::Sent);
    EXPECT_TRUE(engaged());
}

TEST_F(PoseRunsTest, AQuestionThatIsAskedAgainHasItsOwnTime) {
    asked(pose_);
    passes(seconds(6));
    heard(pose_, TargetStatus::Queued);
    asked(pose_);
    passes(seconds(6));
    EXPECT_TRUE(engaged());
    EXPECT_EQ(runs_.nextChange(now_), now_ + PoseRuns::kUnheard - seconds(6));
    passes(seconds(4));
    EXPECT_FALSE(engaged());
}

TEST_F(PoseRunsTest, APoseThatIsAboutToBeSentIsNotEndedByTheNewsThatItWasQueued) {
    asked(pose_);
    heard(pose_, TargetStatus::Queued);
    EXPECT_TRUE(engaged());
    heard(pose_, TargetStatus::Sent);
    passes(hours(1));
    EXPECT_TRUE(engaged());
}

TEST_F(PoseRunsTest, APoseThatWasQueuedInsteadOfBeingSentIsForgotten) {
    asked(pose_);
    heard(pose_, TargetStatus::Pending);
    heard(pose_, TargetStatus::Queued);
    EXPECT_EQ(runs_.nextChange(now_), now_ + PoseRuns::kUnheard);
    passes(PoseRuns::kUnheard);
    EXPECT_FALSE(engaged());
    heard(pose_, TargetStatus::Queued);
    EXPECT_FALSE(engaged());
}

TEST_F(PoseRunsTest, WhatIsToldAnewReplacesWhatWasHeard) {
    heard(pose_, TargetStatus::Sent);
    runs_.restart(std::vector{other_}, now_);
    EXPECT_TRUE(runs_.posing());
    heard(pose_, TargetStatus::AckSuccess);
    EXPECT_TRUE(runs_.posing());
    heard(other_, TargetStatus::AckSuccess);
    EXPECT_FALSE(runs_.posing());
}

TEST_F(PoseRunsTest, QuestionsStayWhenAllElseIsToldAnew) {
    asked(pose_);
    heard(other_, TargetStatus::Pending);
    runs_.restart({}, now_);
    EXPECT_TRUE(engaged());
    EXPECT_FALSE(runs_.posing());
    passes(PoseRuns::kUnheard);
    EXPECT_FALSE(engaged());
}

TEST_F(PoseRunsTest, PosesThatOverlapExtendEachOther) {
    heard(pose_, TargetStatus::Sent);
    passes(seconds(2));
    heard(other_, TargetStatus::Sent);
    heard(pose_, TargetStatus::AckSuccess);
    passes(seconds(6));
    EXPECT_TRUE(engaged());
    heard(other_, TargetStatus::AckSuccess);
    passes(milliseconds(4999));
    EXPECT_TRUE(engaged());
    passes(milliseconds(1));
    EXPECT_FALSE(engaged());
}

TEST_F(PoseRunsTest, APoseWithTwoDevicesEndsWithTheLast) {
    const TargetKey left{"c-1", "left-arm"};
    const TargetKey right{"c-1", "right-arm"};
    heard(left, TargetStatus::Sent);
    heard(right, TargetStatus::Sent);
    heard(left, TargetStatus::AckSuccess);
    EXPECT_TRUE(runs_.posing());
    passes(seconds(30));
    EXPECT_TRUE(engaged());
    heard(right, TargetStatus::Timeout);
    EXPECT_FALSE(runs_.posing());
}

TEST_F(PoseRunsTest, WhatIsToldTwiceCountsOnce) {
    heard(pose_, TargetStatus::Sent);
    heard(pose_, TargetStatus::Sent);
    heard(pose_, TargetStatus::AckSuccess);
    EXPECT_FALSE(runs_.posing());
    passes(seconds(5));
    heard(pose_, TargetStatus::AckSuccess);
    EXPECT_FALSE(engaged());
}

TEST_F(PoseRunsTest, AHoldIsEnoughByItself) {
    runs_.hold();
    runs_.hold();
    runs_.release();
    EXPECT_TRUE(engaged());
    EXPECT_FALSE(runs_.posing());
    runs_.release();
    EXPECT_FALSE(engaged());
}

}  // namespace
}  // namespace hub::robot_interlock
