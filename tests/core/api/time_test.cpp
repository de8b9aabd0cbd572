#include "hub/time.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <random>
#include <string>

namespace hub {
namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;

Timestamp at(std::int64_t count) { return Timestamp{microseconds{count}}; }

constexpr std::int64_t kFirst = -62'167'219'200'000'000;  // 0000-01-01T00:00:00.000000Z
constexpr std::int64_t kLast = 253'402'300'799'999'999;   // 9999-12-31T23:59:59.999999Z

TEST(FormatTimestamp, AlwaysHasSixDecimals) {
    EXPECT_EQ(formatTimestamp(at(0)), "1970-01-01T00:00:00.000000Z");
    EXPECT_EQ(formatTimestamp(at(1'795'452'003'000'120)), "2026-11-23T16:40:03.000120Z");
}

TEST(FormatTimestamp, CountsBackwardsBefore1970) {
    EXPECT_EQ(formatTimestamp(at(-1)), "1969-12-31T23:59:59.999999Z");
    EXPECT_EQ(formatTimestamp(at(kFirst)), "0000-01-01T00:00:00.000000Z");
}

TEST(FormatTimestamp, StopsAtTheLastYearItCanWrite) {
    EXPECT_EQ(formatTimestamp(at(kLast)), "9999-12-31T23:59:59.999999Z");
    EXPECT_EQ(formatTimestamp(at(std::numeric_limits<std::int64_t>::max())),
              "9999-12-31T23:59:59.999999Z");
    EXPECT_EQ(formatTimestamp(at(std::numeric_limits<std::int64_t>::min())),
              "0000-01-01T00:00:00.000000Z");
}

TEST(FormatTimestamp, AppendsToWhatIsThere) {
    std::string text = "at ";
    appendTimestamp(text, at(0));
    EXPECT_EQ(text, "at 1970-01-01T00:00:00.000000Z");
}

TEST(ParseTimestamp, ReadsEveryDocumentedForm) {
    struct Case {
        const char* text;
        const char* time;
    };
    constexpr std::array kCases{
        Case{"2026-11-23T16:40:03Z", "2026-11-23T16:40:03.000000Z"},
        Case{"2026-11-23T16:40:03", "2026-11-23T16:40:03.000000Z"},
        Case{"2026-11-23 16:40:03", "2026-11-23T16:40:03.000000Z"},
        Case{"2026-11-23T16:40:03.5Z", "2026-11-23T16:40:03.500000Z"},
        Case{"2026-11-23T16:40:03.000120Z", "2026-11-23T16:40:03.000120Z"},
        Case{"2026-11-23T16:40:03.123456789Z", "2026-11-23T16:40:03.123456Z"},
        Case{"2026-11-23T18:40:03+02:00", "2026-11-23T16:40:03.000000Z"},
        Case{"2026-11-23T11:10:03.25-05:30", "2026-11-23T16:40:03.250000Z"},
        Case{"2026-11-23", "2026-11-23T00:00:00.000000Z"},
        Case{"2024-02-29", "2024-02-29T00:00:00.000000Z"},
        Case{"2000-02-29", "2000-02-29T00:00:00.000000Z"},
        Case{"1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"},
        Case{"0000-01-01", "0000-01-01T00:00:00.000000Z"},
        Case{"1795452003500", "2026-11-23T16:40:03.500000Z"},
        Case{"0", "1970-01-01T00:00:00.000000Z"},
        Case{"253402300799999", "9999-12-31T23:59:59.999000Z"},
    };
    for (const Case& c : kCases) {
        const auto time = parseTimestamp(c.text);
        ASSERT_TRUE(time.ok()) << c.text;
        EXPECT_EQ(formatTimestamp(*time), c.time) << c.text;
    }
}

TEST(ParseTimestamp, RefusesEverythingElse) {
    constexpr std::array kTexts{
        "",
        " ",
        "now",
        "-1",
        "+5",
        "1.5",
        "1e3",
        "2026-11",
        "2026-1-2",
        "2026-11-23T",
        "2026-11-23T16",
        "2026-11-23T16:40",
        "2026-11-23T16:40:03.",
        "2026-11-23T16:40:03.1234567890Z",
        "2026-11-23T16:40:03,5Z",
        "2026-11-23T16:40:03ZZ",
        "2026-11-23T16:40:03Z ",
        " 2026-11-23T16:40:03Z",
        "2026-11-23t16:40:03z",
        "2026-11-23T16:40:03+2:00",
        "2026-11-23T16:40:03+0200",
        "2026-11-23T16:40:03+24:00",
        "2026-11-23T16:40:03+02:60",
        "2026-11-23T16:40:03 02:00",
        "2026-11-23T24:00:00Z",
        "2026-11-23T16:60:00Z",
        "2026-11-23T16:40:60Z",
        "2026-11-23Z",
        "2026-00-23",
        "2026-13-23",
        "2026-11-00",
        "2026-11-31",
        "2026-02-29",
        "1900-02-29",
        "10000-01-01",
        "-001-01-01",
        "0000-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "253402300800000",
        "99999999999999999999999999",
        "2026-11-2\xD9\xA3",
    };
    for (const char* text : kTexts) {
        const auto time = parseTimestamp(text);
        ASSERT_FALSE(time.ok()) << text;
        EXPECT_EQ(time.error().kind, Error::Kind::Invalid);
    }
    EXPECT_FALSE(parseTimestamp(std::string_view{"2026-11-23\0", 11}).ok());
}

TEST(ParseTimestamp, NamesTheAcceptedForms) {
    const std::string message = parseTimestamp("yesterday").error().message;
    EXPECT_NE(message.find("2026-11-23T16:40:03Z"), std::string::npos) << message;
    EXPECT_NE(message.find("milliseconds since 1970"), std::string::npos) << message;
}

TEST(ParseTimestamp, ReadsBackWhatIsFormatted) {
    std::mt19937_64 random{7};
    std::uniform_int_distribution<std::int64_t> any{kFirst, kLast};
    std::string last;
    for (int i = 0; i < 20'000; ++i) {
        const Timestamp time = at(any(random));
        const auto read = parseTimestamp(formatTimestamp(time));
        ASSERT_TRUE(read.ok());
        ASSERT_EQ(*read, time);
    }
}

TEST(ParseTimestamp, AChangedByteIsRefusedOrAnotherTime) {
    const std::string good = "2026-11-23T16:40:03.000120Z";
    for (std::size_t i = 0; i < good.size() - 1; ++i) {
        for (int byte = 0; byte < 256; ++byte) {
            std::string text = good;
            text[i] = static_cast<char>(byte);
            const auto time = parseTimestamp(text);
            if (!time) continue;
            if (text[10] == ' ') text[10] = 'T';
            EXPECT_EQ(formatTimestamp(*time), text);
        }
    }
}

TEST(SystemClock, TellsTheTimeOfTheMachine) {
    const SystemClock clock;
    const auto before = std::chrono::floor<microseconds>(std::chrono::system_clock::now());
    const Timestamp wall = clock.wall();
    EXPECT_GE(wall, before);
    EXPECT_LE(wall, std::chrono::system_clock::now());
    const SteadyTime steady = clock.steady();
    EXPECT_LE(steady, std::chrono::steady_clock::now());
}

}  // namespace
}  // namespace hub
