#include "ctl/local_time.h"

#include <gtest/gtest.h>

#include <stdlib.h>

#include <ctime>
#include <string>

namespace hub::ctl {
namespace {

using namespace std::chrono_literals;

// The usual rules of Central Europe, without needing its file.
class LocalTime : public testing::Test {
protected:
    LocalTime() {
        ::setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
        ::tzset();
    }

    static std::string utcOf(std::string_view local) {
        const auto time = parseLocal(local);
        return time ? formatTimestamp(*time) : time.error().message;
    }
};

TEST_F(LocalTime, ShowsTheTimeOfThePlace) {
    const Timestamp winter = *parseTimestamp("2026-11-23T16:40:03.123456Z");
    EXPECT_EQ(formatLocal(winter), "2026-11-23 17:40:03");
    EXPECT_EQ(formatLocalMilliseconds(winter), "2026-11-23 17:40:03.123");
    EXPECT_EQ(formatLocal(*parseTimestamp("2026-07-01T23:00:00Z")), "2026-07-02 01:00:00");
    EXPECT_EQ(formatLocalMilliseconds(*parseTimestamp("1969-12-31T23:59:59.999Z")),
              "1970-01-01 00:59:59.999");
}

TEST_F(LocalTime, ReadsATimeWithoutAnOffsetAsLocal) {
    EXPECT_EQ(utcOf("2026-11-23T17:40:03.123456"), "2026-11-23T16:40:03.123456Z");
    EXPECT_EQ(utcOf("2026-11-23 17:40:03"), "2026-11-23T16:40:03.000000Z");
    EXPECT_EQ(utcOf("2026-07-02"), "2026-07-01T22:00:00.000000Z");
}

TEST_F(LocalTime, ReadsOtherTimesAsTheySay) {
    EXPECT_EQ(utcOf("2026-11-23T16:40:03Z"), "2026-11-23T16:40:03.000000Z");
    EXPECT_EQ(utcOf("2026-11-23T16:40:03-02:00"), "2026-11-23T18:40:03.000000Z");
    EXPECT_EQ(utcOf("2026-11-23T16:40:03+02:00"), "2026-11-23T14:40:03.000000Z");
    EXPECT_EQ(utcOf("1795452003000"), "2026-11-23T16:40:03.000000Z");
    EXPECT_FALSE(parseLocal("yesterday"));
    EXPECT_FALSE(parseLocal(""));
}

TEST_F(LocalTime, ReadsATimeAgo) {
    const Timestamp now = *parseTimestamp("2026-11-23T16:40:03Z");
    EXPECT_EQ(*parseMoment("90s", now), now - 90s);
    EXPECT_EQ(*parseMoment("15m", now), now - 15min);
    EXPECT_EQ(*parseMoment("1h", now), now - 1h);
    EXPECT_EQ(*parseMoment("2d", now), now - 48h);
    EXPECT_EQ(*parseMoment("2026-11-23 17:40:03", now), now);
    for (const char* text : {"", "m", "-5m", "5 m", "1.5h", "5w", "4294967295d", "99999999999s"}) {
        const auto time = parseMoment(text, now);
        ASSERT_FALSE(time) << text;
        EXPECT_EQ(time.error().message.substr(0, std::string(text).size() + 14),
                  "\"" + std::string(text) + "\" is no time:");
    }
}

TEST_F(LocalTime, AgesAreRoundedDown) {
    const Timestamp now = *parseTimestamp("2026-11-23T16:40:03Z");
    EXPECT_EQ(formatAge(now, now), "just now");
    EXPECT_EQ(formatAge(now + 5s, now), "just now");
    EXPECT_EQ(formatAge(now - 999ms, now), "just now");
    EXPECT_EQ(formatAge(now - 59'999ms, now), "59 s ago");
    EXPECT_EQ(formatAge(now - 1min, now), "1 min ago");
    EXPECT_EQ(formatAge(now - 119min, now), "1 h ago");
    EXPECT_EQ(formatAge(now - 47h, now), "47 h ago");
    EXPECT_EQ(formatAge(now - 48h, now), "2 d ago");
    EXPECT_EQ(formatSpan(0s), "0 s");
}

}  // namespace
}  // namespace hub::ctl
