#include "ctl/sim/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace hub::ctl::sim {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

constexpr SteadyTime kStart{1h};

TEST(ProgressMeter, CountsAreOfNowAndRatesOfTheLastWholeWindow) {
    ProgressMeter meter(1s, kStart);
    Statistics statistics;
    statistics.online = 3;
    statistics.sent = 100;
    Progress progress = meter.read(5, statistics, kStart + 500ms);
    EXPECT_EQ(progress.devices, 5U);
    EXPECT_EQ(progress.online, 3U);
    EXPECT_EQ(progress.sent_per_second, 0);

    statistics.sent = 300;
    statistics.acknowledged = 50;
    statistics.waiting = 250;
    statistics.reconnects = 2;
    progress = meter.read(5, statistics, kStart + 2s);
    EXPECT_EQ(progress.sent_per_second, 150);
    EXPECT_EQ(progress.acknowledged_per_second, 25);
    EXPECT_EQ(progress.waiting, 250U);
    EXPECT_EQ(progress.reconnects, 2U);

    statistics.sent = 310;
    statistics.late = 20;
    EXPECT_EQ(meter.read(5, statistics, kStart + 2900ms).sent_per_second, 150);
    progress = meter.read(5, statistics, kStart + 3s);
    EXPECT_EQ(progress.sent_per_second, 10);
    EXPECT_EQ(progress.acknowledged_per_second, 20) << "late ones show the speed of the hub, too";
}

TEST(ProgressMeter, AckTimesAreThoseOfTheWindow) {
    ProgressMeter meter(1s, kStart);
    Statistics statistics;
    statistics.acknowledge(40us);
    statistics.acknowledge(60us);
    EXPECT_FALSE(meter.read(1, statistics, kStart).ack_time);
    const Progress progress = meter.read(1, statistics, kStart + 1s);
    ASSERT_TRUE(progress.ack_time);
    EXPECT_EQ(progress.ack_time->p50, 40us);
    EXPECT_EQ(progress.ack_time->p99, 60us);
    EXPECT_FALSE(meter.read(1, statistics, kStart + 2s).ack_time);
    EXPECT_EQ(statistics.ack_time.count(), 2U);
}

TEST(Progress, IsOneLine) {
    Progress progress{.devices = 10'000,
                      .online = 9'876,
                      .sent_per_second = 10'123.4,
                      .acknowledged_per_second = 9.94,
                      .waiting = 17,
                      .reconnects = 1'234,
                      .ack_time = {},
                      .failure = {}};
    EXPECT_EQ(formatProgress(progress, 200),
              "online 9,876/10,000  sent 10,123/s  acked 9.9/s  waiting 17  ack p50 - p99 -  "
              "reconnects 1,234");
    progress.ack_time = {412us, 12'300us};
    EXPECT_THAT(formatProgress(progress, 200), HasSubstr("  ack p50 412 us p99 12.3 ms  "));
}

TEST(Progress, LeavesOutWhatDoesNotFit) {
    const Progress progress{.devices = 4, .online = 4, .ack_time = {}, .failure = {}};
    const std::string whole = formatProgress(progress, 200);
    EXPECT_EQ(formatProgress(progress, whole.size()), whole);
    EXPECT_EQ(formatProgress(progress, 25), "online 4/4  sent 0.0/s");
    EXPECT_EQ(formatProgress(progress, 22), "online 4/4  sent 0.0/s");
    EXPECT_EQ(formatProgress(progress, 21), "online 4/4");
    EXPECT_EQ(formatProgress(progress, 0), "");
}

TEST(Progress, WithoutADeviceOnlineItSaysWhy) {
    ProgressMeter meter(1s, kStart);
    Statistics statistics;
    statistics.last_failure = "Connection refused";
    EXPECT_EQ(formatProgress(meter.read(4, statistics, kStart), 80),
              "online 0/4  Connection refused");
    EXPECT_EQ(formatProgress(meter.read(4, statistics, kStart), 14), "online 0/4  Co");
    statistics.online = 1;
    EXPECT_THAT(formatProgress(meter.read(4, statistics, kStart), 80), HasSubstr("  sent "));
}

TEST(Summary, NamesEveryCount) {
    Statistics statistics;
    statistics.sent = 1'200;
    statistics.given_up = 3;
    statistics.commands_received = 5;
    statistics.commands_answered = 4;
    statistics.acknowledge(2ms);
    EXPECT_EQ(formatSummary(statistics),
              "sent          1,200 messages\n"
              "acknowledged  1 of 4 that ask for it\n"
              "ack time      p50 2.00 ms, p99 2.00 ms, max 2.00 ms\n"
              "waiting       0\n"
              "given up      3\n"
              "errors        0\n"
              "commands      4 answered of 5\n"
              "reconnects    0\n");
}

TEST(Summary, TellsOfTroubleWhenThereWasAny) {
    Statistics statistics;
    EXPECT_THAT(formatSummary(statistics), Not(HasSubstr("ack time")));
    statistics.sent = 10;
    statistics.sent_again = 2;
    statistics.given_up = 5;
    statistics.late = 4;
    statistics.failed_attempts = 7;
    statistics.last_failure = "Connection refused";
    statistics.errors = 1;
    statistics.last_error = "payload is no object";
    EXPECT_THAT(formatSummary(statistics),
                HasSubstr("sent          10 messages, 2 of them again after a reconnect\n"));
    EXPECT_THAT(formatSummary(statistics),
                HasSubstr("given up      5, 4 of them acknowledged late\n"));
    EXPECT_THAT(formatSummary(statistics),
                HasSubstr("reconnects    0, 7 attempts failed, the last: Connection refused\n"));
    EXPECT_THAT(formatSummary(statistics),
                HasSubstr("errors        1, the last: payload is no object\n"));
}

TEST(Summary, CountsAreGroupedByThousands) {
    EXPECT_EQ(formatCount(0), "0");
    EXPECT_EQ(formatCount(999), "999");
    EXPECT_EQ(formatCount(1'000), "1,000");
    EXPECT_EQ(formatCount(1'234'567), "1,234,567");
    EXPECT_EQ(formatCount(std::numeric_limits<std::uint64_t>::max()), "18,446,744,073,709,551,615");
}

TEST(Summary, DurationsHaveTheUnitThatFits) {
    EXPECT_EQ(formatDuration(0us), "0 us");
    EXPECT_EQ(formatDuration(999us), "999 us");
    EXPECT_EQ(formatDuration(1'240us), "1.24 ms");
    EXPECT_EQ(formatDuration(35'100us), "35.1 ms");
    EXPECT_EQ(formatDuration(412'000us), "412 ms");
    EXPECT_EQ(formatDuration(3'500'000us), "3.5 s");
    EXPECT_EQ(formatDuration(95s), "95.0 s");
}

}  // namespace
}  // namespace hub::ctl::sim
