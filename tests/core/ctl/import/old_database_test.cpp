#include "ctl/import/old_database.h"

#include "core/ctl/import/old_system.h"

#include <gmock/gmock.h>

#include <stdexcept>
#include <vector>

namespace hub::ctl::importer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

class OldDatabaseTest : public testing::Test {
protected:
    OldDatabase open() { return {old_.file(), kNow}; }

    static const TableSurvey& of(const Survey& survey, Table table) {
        return survey[static_cast<std::size_t>(table)];
    }

    // The ids of the states in the order in which they are read.
    std::vector<std::string> statesInOrder() {
        OldDatabase database = open();
        const bool in_order = of(database.survey(), Table::States).in_order;
        OldRows rows = database.inOrder(Table::States, in_order, "device_id", findings_);
        std::vector<std::string> ids;
        while (rows.next()) {
            if (!rows.null(0)) ids.emplace_back(rows.text(1));
        }
        return ids;
    }

    OldSystem old_;
    Findings findings_;
};

TEST_F(OldDatabaseTest, AFileThatIsNotThereIsRefused) {
    EXPECT_THAT([&] { OldDatabase("/nowhere/devices.db", kNow); },
                ThrowsMessage<std::runtime_error>(
                    "cannot read /nowhere/devices.db: there is no such file"));
}

TEST_F(OldDatabaseTest, AFileThatIsNoDatabaseIsRefused) {
    std::ofstream(old_.folder() / "notes.txt") << std::string(5000, 'x');
    EXPECT_THAT([&] { OldDatabase(old_.folder() / "notes.txt", kNow); },
                ThrowsMessage<std::runtime_error>(HasSubstr("file is not a database")));
}

TEST_F(OldDatabaseTest, AColumnThatIsMissingIsNamedWithItsTable) {
    old_.execute("ALTER TABLE command_logs RENAME COLUMN success_count TO successes");
    EXPECT_THAT([&] { open(); }, ThrowsMessage<std::runtime_error>(
                                     "cannot read " + old_.file().string() +
                                     ": no such column: success_count in the table command_logs"));
}

TEST_F(OldDatabaseTest, ADatabaseOfAnotherProgramIsRefused) {
    old_.execute("ALTER TABLE device_connection_logs RENAME TO other");
    EXPECT_THAT([&] { open(); },
                ThrowsMessage<std::runtime_error>(
                    "cannot read " + old_.file().string() +
                    ": it has no table device_connection_logs: it is no database of the earlier "
                    "system"));
}

TEST_F(OldDatabaseTest, AViewOfAHubIsNoTableOfTheEarlierSystem) {
    old_.execute(
        "ALTER TABLE devices RENAME TO device; CREATE VIEW devices AS SELECT * FROM device");
    EXPECT_THAT([&] { open(); },
                ThrowsMessage<std::runtime_error>(HasSubstr("it has no table devices")));
}

TEST_F(OldDatabaseTest, AMissingColumnIsNamed) {
    old_.execute("ALTER TABLE devices RENAME COLUMN metadata_json TO metadata");
    EXPECT_THAT([&] { open(); }, ThrowsMessage<std::runtime_error>(HasSubstr("metadata_json")));
}

TEST_F(OldDatabaseTest, ASurveyTellsHowMuchThereIs) {
    old_.liveADay();
    const Survey survey = open().survey();
    EXPECT_EQ(4U, of(survey, Table::Devices).rows);
    EXPECT_EQ("2025-07-01 10:00:30.250000", of(survey, Table::Devices).last_time);
    EXPECT_EQ(6U, of(survey, Table::States).rows);
    EXPECT_EQ(6, of(survey, Table::States).last_row);
    EXPECT_TRUE(of(survey, Table::States).in_order);
    EXPECT_EQ(3U, of(survey, Table::Connections).rows);
    EXPECT_EQ(3U, of(survey, Table::Commands).rows);
}

TEST_F(OldDatabaseTest, AnyOtherRowAndAnyOtherZoneHasAnotherFingerprint) {
    old_.liveADay();
    const std::string before = fingerprintOf(open().survey());
    EXPECT_EQ(before, fingerprintOf(open().survey()));
    old_.execute("UPDATE devices SET last_heartbeat = '2025-07-01 11:00:00'");
    EXPECT_NE(before, fingerprintOf(open().survey()));
}

TEST_F(OldDatabaseTest, RowsComeInTheOrderOfTheirTimes) {
    old_.addState(1, "2025-07-01 10:00:05");
    old_.addState(2, "2025-07-01 10:00:07");
    old_.addState(3, "2025-07-01 10:00:06");
    old_.addState(4, "never");
    old_.addState(5, "2025-07-01 10:00:06");
    EXPECT_THAT(statesInOrder(), ElementsAre("1", "3", "5", "2"));
    EXPECT_EQ(1U, findings_.count(Finding::UnreadableTime));
}

TEST_F(OldDatabaseTest, ARepeatedHourIsInOrder) {
    old_.addState(1, "2025-10-26 02:10:00");
    old_.addState(2, "2025-10-26 02:50:00");
    old_.addState(3, "2025-10-26 02:05:00");
    EXPECT_TRUE(of(open().survey(), Table::States).in_order);
    EXPECT_THAT(statesInOrder(), ElementsAre("1", "2", "3"));
    EXPECT_EQ(3U, findings_.count(Finding::RepeatedHour));
}

TEST_F(OldDatabaseTest, ARepeatedHourIsToldApartAlsoWhereRowsHaveToBeSorted) {
    old_.addState(1, "2025-10-26 02:50:00.2");
    old_.addState(2, "2025-10-26 02:50:00.1");
    old_.addState(3, "2025-10-26 02:05:00");
    EXPECT_THAT(statesInOrder(), ElementsAre("2", "1", "3"));
    EXPECT_EQ(3U, findings_.count(Finding::RepeatedHour));
}

TEST_F(OldDatabaseTest, NothingOfTheFileIsChanged) {
    old_.liveADay();
    old_.leave();
    const std::string before = old_.bytes();
    statesInOrder();
    EXPECT_EQ(before, old_.bytes());
    EXPECT_THROW(static_cast<void>(open().rows("DELETE FROM devices").next()), std::runtime_error);
    EXPECT_EQ(before, old_.bytes());
}

TEST_F(OldDatabaseTest, WhatStandsInTheLogOnlyIsReadToo) {
    old_.execute("PRAGMA journal_mode=WAL");
    old_.liveADay();  // the writer is still there, and nothing was moved into the file
    const std::string before = old_.bytes();
    EXPECT_EQ(6U, of(open().survey(), Table::States).rows);
    EXPECT_EQ(before, old_.bytes());
}

TEST_F(OldDatabaseTest, AFileLeftInTheMiddleOfAChangeIsRefused) {
    old_.execute(
        "PRAGMA cache_size=1; BEGIN; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM "
        "n "
        "LIMIT 5000) INSERT INTO device_state_snapshots SELECT i, 'lamp', 'light', '{}', '' FROM "
        "n");
    const std::filesystem::path copy = old_.folder() / "copy.db";
    std::filesystem::copy_file(old_.file(), copy);
    std::filesystem::copy_file(old_.file().string() + "-journal", copy.string() + "-journal");
    old_.execute("ROLLBACK");
    EXPECT_THAT([&] { OldDatabase(copy, kNow); },
                ThrowsMessage<std::runtime_error>(HasSubstr("left in the middle of a change")));
}

TEST_F(OldDatabaseTest, AFileThatIsBeingWrittenIsLeftAlone) {
    old_.execute("BEGIN EXCLUSIVE");
    EXPECT_THAT([&] { open(); },
                ThrowsMessage<std::runtime_error>(HasSubstr("end the earlier system first")));
}

TEST_F(OldDatabaseTest, RowsThatAreWrittenMeanwhileAreNotSeen) {
    old_.execute("PRAGMA journal_mode=WAL");
    old_.liveADay();
    OldDatabase database = open();
    const Survey survey = database.survey();
    old_.addState(7, "2025-07-01 11:00:00");
    OldRows rows = database.rows("SELECT count(*) FROM device_state_snapshots");
    ASSERT_TRUE(rows.next());
    EXPECT_EQ(6, rows.integer(0));
}

}  // namespace
}  // namespace hub::ctl::importer
