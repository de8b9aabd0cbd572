#include "websocket/silence.h"

#include <gtest/gtest.h>

namespace hub::websocket {
namespace {

using namespace std::chrono_literals;
using Verdict = Silence::Verdict;

constexpr SteadyTime kBegin{100h};

// Of a link whose peer has 10 s to register.
Silence silence() { return {kBegin, 10s}; }

Silence registered(std::chrono::milliseconds timeout) {
    Silence silence(kBegin, 10s);
    silence.registered();
    silence.setTimeout(timeout);
    return silence;
}

TEST(Silence, OfOneWhoDoesNotRegisterEndsWhateverItSends) {
    Silence unregistered = silence();
    EXPECT_EQ(unregistered.due(), kBegin + 10s);
    unregistered.heard(kBegin + 9s);
    EXPECT_EQ(unregistered.judge(kBegin + 9s), Verdict::Bearable);
    EXPECT_EQ(unregistered.judge(kBegin + 10s), Verdict::NotRegistered);
}

TEST(Silence, WithoutATimeoutIsNeverJudgedOnceRegistered) {
    const Silence endless = registered(0s);
    EXPECT_EQ(endless.due(), SteadyTime::max());
    EXPECT_EQ(endless.judge(kBegin + 1000h), Verdict::Bearable);
}

TEST(Silence, CallsForAPingAfterEachThird) {
    Silence quiet = registered(30s);
    EXPECT_EQ(quiet.due(), kBegin + 10s);
    EXPECT_EQ(quiet.judge(kBegin + 10s - 1ms), Verdict::Bearable);
    EXPECT_EQ(quiet.judge(kBegin + 10s), Verdict::PingDue);
    quiet.pinged(kBegin + 10s);
    EXPECT_EQ(quiet.judge(kBegin + 10s), Verdict::Bearable);
    EXPECT_EQ(quiet.due(), kBegin + 20s);
}

TEST(Silence, IsTooLongAfterTheWholeTimeout) {
    Silence quiet = registered(30s);
    quiet.heard(kBegin + 5s);
    quiet.pinged(kBegin + 34s);
    EXPECT_EQ(quiet.due(), kBegin + 35s);
    EXPECT_EQ(quiet.judge(kBegin + 35s - 1ms), Verdict::Bearable);
    EXPECT_EQ(quiet.judge(kBegin + 35s), Verdict::TooLong);
}

TEST(Silence, StandsStillDuringAPause) {
    Silence paused = silence();
    paused.setTimeout(30s);
    paused.pause(kBegin + 4s);
    paused.resume(kBegin + 104s);
    EXPECT_EQ(paused.judge(kBegin + 110s - 1ms), Verdict::Bearable);
    EXPECT_EQ(paused.judge(kBegin + 110s), Verdict::NotRegistered);
    paused.registered();
    EXPECT_EQ(paused.judge(kBegin + 130s - 1ms), Verdict::PingDue);
    EXPECT_EQ(paused.judge(kBegin + 130s), Verdict::TooLong);
}

TEST(Silence, LeavesASecondForReadingAfterAPause) {
    Silence paused = silence();
    paused.setTimeout(9s);
    paused.pause(kBegin + 8999ms);
    paused.resume(kBegin + 60s);
    EXPECT_NE(paused.judge(kBegin + 61s - 1ms), Verdict::TooLong);
    EXPECT_EQ(paused.judge(kBegin + 61s), Verdict::TooLong);
}

}  // namespace
}  // namespace hub::websocket
