#include "hub/command.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <utility>

namespace hub {
namespace {

using Count = std::pair<TargetStatus, std::uint32_t>;

TargetCounts countsOf(std::initializer_list<Count> counts, std::uint32_t ever_sent = 0) {
    TargetCounts all;
    for (const auto& [status, count] : counts) {
        all.by_status[static_cast<std::size_t>(status)] = count;
    }
    all.ever_sent = ever_sent;
    return all;
}

TEST(TargetStatusWords, AreReadBackAsTheyAreWritten) {
    for (std::size_t i = 0; i < kTargetStatuses; ++i) {
        const auto status = static_cast<TargetStatus>(i);
        EXPECT_FALSE(toString(status).empty()) << i;
        EXPECT_EQ(targetStatusFrom(toString(status)), status) << i;
    }
    EXPECT_EQ(targetStatusFrom("no_devices"), std::nullopt);
    EXPECT_EQ(targetStatusFrom(""), std::nullopt);
}

TEST(CommandStatusWords, AreReadBackAsTheyAreWritten) {
    for (int i = 0; i <= static_cast<int>(CommandStatus::Rejected); ++i) {
        const auto status = static_cast<CommandStatus>(i);
        EXPECT_FALSE(toString(status).empty()) << i;
        EXPECT_EQ(commandStatusFrom(toString(status)), status) << i;
    }
    EXPECT_EQ(commandStatusFrom("Sent"), std::nullopt);
}

TEST(StatusOf, NobodyMatched) { EXPECT_EQ(statusOf({}), CommandStatus::NoDevices); }

TEST(StatusOf, WhatIsOpenGoesBeforeEveryOutcome) {
    EXPECT_EQ(statusOf(countsOf({{TargetStatus::Pending, 2}})), CommandStatus::Pending);
    EXPECT_EQ(statusOf(countsOf({{TargetStatus::Pending, 1}, {TargetStatus::Queued, 1}})),
              CommandStatus::Queued);
    EXPECT_EQ(statusOf(countsOf({{TargetStatus::Queued, 1}, {TargetStatus::Unreachable, 3}})),
              CommandStatus::Queued);
    EXPECT_EQ(statusOf(countsOf({{TargetStatus::Sent, 1}, {TargetStatus::AckError, 1}}, 2)),
              CommandStatus::Sent);
    EXPECT_EQ(statusOf(countsOf({{TargetStatus::Queued, 1}, {TargetStatus::AckSuccess, 1}}, 1)),
              CommandStatus::Sent)
        << "one was sent, and the other still may be";
}

TEST(StatusOf, OneErrorMakesItAnError) {
    EXPECT_EQ(statusOf(countsOf({{TargetStatus::AckSuccess, 9}, {TargetStatus::AckError, 1}}, 10)),
              CommandStatus::AckError);
}

TEST(StatusOf, SuccessIsOfAllOrPartial) {
    EXPECT_EQ(statusOf(countsOf({{TargetStatus::AckSuccess, 4}}, 4)), CommandStatus::AckSuccess);
    EXPECT_EQ(statusOf(countsOf({{TargetStatus::AckSuccess, 1}, {TargetStatus::Timeout, 9}}, 10)),
              CommandStatus::Partial);
}

TEST(StatusOf, OtherwiseTheOutcomeOfMostDevices) {
    EXPECT_EQ(statusOf(countsOf({{TargetStatus::Timeout, 1}, {TargetStatus::Unreachable, 2}}, 1)),
              CommandStatus::Unreachable);
    EXPECT_EQ(statusOf(countsOf({{TargetStatus::Expired, 2}, {TargetStatus::Rejected, 2}})),
              CommandStatus::Expired);
    EXPECT_EQ(statusOf(countsOf({{TargetStatus::Cancelled, 1}})), CommandStatus::Cancelled);
}

}  // namespace
}  // namespace hub
