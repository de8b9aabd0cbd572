#include "ctl/import/local_times.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <ostream>

namespace hub::ctl::importer {

using Kind = LocalTimes::Kind;

void PrintTo(Kind kind, std::ostream* out) { *out << static_cast<int>(kind); }

namespace {

// In central Europe, where clocks go forward on 2025-03-30 at 02:00, and back on 2025-10-26 at
// 03:00.
class LocalTimesTest : public testing::Test {
protected:
    LocalTimesTest() {
        ::setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
        ::tzset();
    }

    std::string read(std::string_view text) {
        const LocalTimes::Reading reading = times_.read(text);
        kind_ = reading.kind;
        return kind_ == Kind::Unreadable ? "" : formatTimestamp(reading.time);
    }

    LocalTimes times_{*parseTimestamp("2026-01-01T00:00:00Z")};
    Kind kind_ = Kind::Unreadable;
};

TEST_F(LocalTimesTest, SummerIsTwoHoursAheadAndWinterOne) {
    EXPECT_EQ("2025-07-01T10:00:00.000001Z", read("2025-07-01 12:00:00.000001"));
    EXPECT_EQ("2025-12-01T11:00:00.000000Z", read("2025-12-01 12:00:00"));
    EXPECT_EQ(Kind::Plain, kind_);
}

TEST_F(LocalTimesTest, TheDaysOfAChangeAreReadRightOutsideOfIt) {
    EXPECT_EQ("2025-03-30T00:59:59.000000Z", read("2025-03-30 01:59:59"));
    EXPECT_EQ(Kind::Plain, kind_);
    EXPECT_EQ("2025-03-30T01:00:00.000000Z", read("2025-03-30 03:00:00"));
    EXPECT_EQ(Kind::Plain, kind_);
    EXPECT_EQ("2025-10-25T23:59:59.000000Z", read("2025-10-26 01:59:59"));
    EXPECT_EQ(Kind::Plain, kind_);
    EXPECT_EQ("2025-10-26T02:00:00.000000Z", read("2025-10-26 03:00:00"));
    EXPECT_EQ(Kind::Plain, kind_);
}

TEST_F(LocalTimesTest, ATimeThatWasSkippedIsReadWithTheOffsetBefore) {
    EXPECT_EQ("2025-03-30T01:30:00.000000Z", read("2025-03-30 02:30:00"));
    EXPECT_EQ(Kind::Skipped, kind_);
}

TEST_F(LocalTimesTest, TheOrderOfRowsTellsARepeatedHourApart) {
    EXPECT_EQ("2025-10-26T00:10:00.000000Z", read("2025-10-26 02:10:00"));
    EXPECT_EQ(Kind::Repeated, kind_);
    EXPECT_EQ("2025-10-26T00:50:00.000000Z", read("2025-10-26 02:50:00"));
    EXPECT_EQ("2025-10-26T01:05:00.000000Z", read("2025-10-26 02:05:00"));
    EXPECT_EQ("2025-10-26T01:50:00.000000Z", read("2025-10-26 02:50:00"));
    EXPECT_EQ(Kind::Repeated, kind_);
}

TEST_F(LocalTimesTest, RowsALittleOutOfOrderDoNotMakeItAnHourLater) {
    EXPECT_EQ("2025-10-26T00:10:00.500000Z", read("2025-10-26 02:10:00.5"));
    EXPECT_EQ("2025-10-26T00:10:00.400000Z", read("2025-10-26 02:10:00.4"));
    EXPECT_EQ("2025-10-26T00:09:01.000000Z", read("2025-10-26 02:09:01"));
}

TEST_F(LocalTimesTest, ATimeThatNamesItsOffsetIsTakenAtItsWord) {
    EXPECT_EQ("2025-07-01T12:00:00.000000Z", read("2025-07-01 12:00:00+00:00"));
    EXPECT_EQ("2025-07-01T12:00:00.000000Z", read("2025-07-01T12:00:00Z"));
    EXPECT_EQ("2025-10-26T00:30:00.000000Z", read("2025-10-26 02:30:00+02:00"));
    EXPECT_EQ(Kind::Plain, kind_);
}

TEST_F(LocalTimesTest, WhatIsLaterThanNowIsNowAndMovesNothingOn) {
    EXPECT_EQ("2026-01-01T00:00:00.000000Z", read("2999-01-01 00:00:00"));
    EXPECT_EQ(Kind::Future, kind_);
    EXPECT_EQ("2025-10-26T00:10:00.000000Z", read("2025-10-26 02:10:00"));
}

TEST_F(LocalTimesTest, WhatIsNoTimeIsUnreadable) {
    for (const char* const text : {"", "yesterday", "2025-13-01 00:00:00", "1751364000000",
                                   "20250701", "2025-07-01 25:00:00", "1969-12-31 23:00:00",
                                   "0000-00-00", "2025-07-01 12:00:00 and more"}) {
        read(text);
        EXPECT_EQ(Kind::Unreadable, kind_) << text;
    }
}

TEST_F(LocalTimesTest, ATimeBesideIsNotBeforeItsReference) {
    const Timestamp reference = *parseTimestamp("2025-10-26T00:30:00Z");
    EXPECT_EQ("2025-10-26T01:10:00.000000Z",
              formatTimestamp(times_.readBeside("2025-10-26 02:10:00", reference).time));
    EXPECT_EQ("2025-10-26T00:40:00.000000Z",
              formatTimestamp(times_.readBeside("2025-10-26 02:40:00", reference).time));
}

TEST_F(LocalTimesTest, AnUnknownZoneIsRefused) {
    EXPECT_FALSE(useZone("Europe/Berln"));
    EXPECT_FALSE(useZone("/etc/passwd"));
    EXPECT_FALSE(useZone("Europe"));
    ASSERT_TRUE(useZone("UTC"));
    EXPECT_EQ("2025-07-01T12:00:00.000000Z", read("2025-07-01 12:00:00"));
}

}  // namespace
}  // namespace hub::ctl::importer
