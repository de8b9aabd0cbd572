#include "schema.h"

#include "database_connection.h"
#include "fakes/recording_logger.h"
#include "fakes/temporary_folder.h"
#include "shell.h"
#include "sqlite_history.h"
#include "sqlite_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <tuple>
#include <vector>

namespace hub::sqlite_store {
namespace {

using testing::Each;
using testing::HasSubstr;
using testing::Not;
using Sequences = std::vector<Sequence>;

class Schema : public testing::Test {
protected:
    // What opening the store complains of, "" when it does not.
    std::string complaint() {
        try {
            static_cast<void>(SqliteStore(file_, logger_).recover());
            return "";
        } catch (const DatabaseError& e) {
            return e.what();
        }
    }

    std::string contents() const { return contentsOf(file_); }

    // Makes the file from what stands in tests/fixtures/golden/databases.
    void layOut(const std::string& golden) {
        Shell(file_).rows(contentsOf(std::filesystem::path(HUB_GOLDEN_DATABASES) / golden));
    }

    // The golden files begin at 2026-11-23T16:40:00Z.
    static Timestamp timestamp(int microseconds_later) {
        return Timestamp(std::chrono::microseconds(1'795'452'000'000'000 + microseconds_later));
    }

    // The numbers of the device's states, newest first.
    Sequences statesOf(const SqliteStore& store, const Device& device) const {
        const SqliteHistory history(file_, 1, store.heads());
        Sequences found;
        EXPECT_TRUE(history
                        .states({.device = device.index},
                                [&found](const StateRow& row) {
                                    found.push_back(row.sequence);
                                    return true;
                                })
                        .ok());
        return found;
    }

    fakes::TemporaryFolder folder_;
    fakes::RecordingLogger logger_;
    std::filesystem::path file_ = folder_.path() / "hub.db";

private:
    static std::string contentsOf(const std::filesystem::path& file) {
        std::ifstream in(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
};

TEST_F(Schema, AMissingFileIsCreatedWithThisVersion) {
    EXPECT_EQ(complaint(), "");
    EXPECT_EQ(Shell(file_).value("PRAGMA user_version"), std::to_string(kSchemaVersion));
}

TEST_F(Schema, AnEmptyFileIsFilled) {
    std::ofstream(file_).flush();
    EXPECT_EQ(complaint(), "");
    EXPECT_EQ(Shell(file_).value("PRAGMA user_version"), std::to_string(kSchemaVersion));
}

TEST_F(Schema, TheFileHasWalAndLargePages) {
    EXPECT_EQ(complaint(), "");
    Shell shell(file_);
    EXPECT_EQ(shell.value("PRAGMA journal_mode"), "wal");
    EXPECT_EQ(shell.value("PRAGMA page_size"), "8192");
    EXPECT_EQ(shell.value("PRAGMA auto_vacuum"), "2");  // INCREMENTAL
}

TEST_F(Schema, AFileOfThisVersionIsLeftAsItIs) {
    EXPECT_EQ(complaint(), "");
    const std::string before = contents();
    EXPECT_EQ(complaint(), "");
    EXPECT_EQ(contents(), before);
}

TEST_F(Schema, TheFirstVersionIsBroughtUpWithWhatItHolds) {
    layOut("version-1.sql");
    SqliteStore store(file_, logger_);
    const Recovery recovered = store.recover();
    EXPECT_EQ(recovered.last_sequence, 20U);
    EXPECT_EQ(recovered.last_time, timestamp(20'000));
    EXPECT_EQ(recovered.next_device, DeviceIndex{3});
    ASSERT_EQ(recovered.devices.size(), 3U);
    const auto& [weather, wheels, camera] =
        std::tie(recovered.devices[0], recovered.devices[1], recovered.devices[2]);
    EXPECT_EQ(weather.id, "weather-1");
    EXPECT_EQ(weather.type, "sensor");
    EXPECT_EQ(weather.metadata, R"({"tags":["roof"],"place":"Bo\"otshaus"})");
    EXPECT_TRUE(weather.online);
    EXPECT_EQ(weather.last_seen, timestamp(20'000));
    EXPECT_EQ(wheels.transport, "mqtt");
    EXPECT_EQ(wheels.offline_reason, OfflineReason::Timeout);
    EXPECT_EQ(wheels.last_seen, timestamp(15'000));
    EXPECT_EQ(camera.id, "cam.1:a");
    EXPECT_EQ(camera.last_heartbeat, std::nullopt);
    EXPECT_EQ(statesOf(store, weather), (Sequences{20, 19, 13, 12, 11, 10, 9, 8, 7, 6, 5}));
    EXPECT_EQ(statesOf(store, camera), Sequences{18});
}

TEST_F(Schema, TheSecondVersionIsBroughtUpWithWhatItHolds) {
    layOut("version-2.sql");
    SqliteStore store(file_, logger_);
    const Recovery recovered = store.recover();
    EXPECT_EQ(recovered.last_sequence, 22U);
    EXPECT_EQ(recovered.last_time, timestamp(22'000));
    EXPECT_EQ(recovered.next_device, DeviceIndex{4});
    EXPECT_TRUE(recovered.commands.empty());
    EXPECT_EQ(recovered.last_command, CommandNumber{});
    ASSERT_EQ(recovered.devices.size(), 3U);
    EXPECT_EQ(recovered.devices[0].last_seen, timestamp(5'022'000));
    EXPECT_EQ(recovered.devices[1].offline_reason, OfflineReason::Timeout);
    EXPECT_EQ(recovered.devices[2].id, "cam.1:a");
    EXPECT_EQ(statesOf(store, recovered.devices[0]), (Sequences{20, 14, 13, 12, 11, 10, 9, 5}));
    // The history of the device that was forgotten goes on being deleted.
    while (store.maintain(timestamp(23'000))) {
    }
    EXPECT_EQ(Shell(file_).value("SELECT count(*) FROM forgotten"), "0");
    EXPECT_EQ(Shell(file_).value("SELECT count(*) FROM state WHERE device=2"), "0");
}

TEST_F(Schema, AnEarlierVersionThatWasBroughtUpIsLikeANewFile) {
    EXPECT_EQ(complaint(), "");
    const std::string schema = "SELECT type, name, sql FROM sqlite_schema ORDER BY name";
    const std::vector<std::string> fresh = Shell(file_).rows(schema);
    for (const std::string golden : {"version-1.sql", "version-2.sql"}) {
        file_ = folder_.path() / golden;
        layOut(golden);
        EXPECT_EQ(complaint(), "");
        EXPECT_EQ(Shell(file_).value("PRAGMA user_version"), std::to_string(kSchemaVersion));
        EXPECT_EQ(Shell(file_).rows(schema), fresh);
        EXPECT_EQ(Shell(file_).value("PRAGMA integrity_check"), "ok");
    }
}

TEST_F(Schema, TheThirdVersionIsBroughtUp) {
    EXPECT_EQ(complaint(), "");
    const std::string schema = "SELECT type, name, sql FROM sqlite_schema ORDER BY name";
    const std::vector<std::string> fresh = Shell(file_).rows(schema);
    Shell(file_).rows(
        "DROP VIEW command_logs; DROP VIEW command_targets; DROP TABLE command;"
        "DROP TABLE command_target; DROP TABLE farewell; ALTER TABLE head DROP COLUMN "
        "command_target;"
        "ALTER TABLE forgotten DROP COLUMN command_target;"
        "ALTER TABLE progress DROP COLUMN last_command; PRAGMA user_version=3");
    EXPECT_EQ(complaint(), "");
    EXPECT_EQ(Shell(file_).value("SELECT count(*) FROM command_logs"), "0");
    EXPECT_EQ(Shell(file_).rows(schema).size(), fresh.size());
}

TEST_F(Schema, HistoryHasNoIndexBesideItsNumber) {
    EXPECT_EQ(complaint(), "");
    EXPECT_EQ(Shell(file_).rows("SELECT DISTINCT tbl_name FROM sqlite_schema WHERE type='index'"),
              (std::vector<std::string>{"device", "command", "command_target"}));
}

// Each would cost a commit that somebody waits for a tenth of a millisecond.
TEST_F(Schema, WritingACommandTakesNoTemporaryTable) {
    EXPECT_EQ(complaint(), "");
    Shell shell(file_);
    for (const std::string statement :
         {"INSERT INTO command(number, seq, time, created, status, device_type, target_count,"
          " success_count, id, name, ack_timeout, ttl, request_digest, payload)"
          " VALUES(1, 1, 1, 1, 'sent', '', 1, 0, 'id', 'go', 1, 1, 1, '{}')",
          "UPDATE command SET status='timeout', completed=2 WHERE number=1"}) {
        EXPECT_THAT(shell.rows("EXPLAIN " + statement), Each(Not(HasSubstr("OpenEphemeral"))));
    }
}

TEST_F(Schema, ANewerVersionIsRefusedAndUntouched) {
    EXPECT_EQ(complaint(), "");
    Shell(file_).rows("PRAGMA user_version=" + std::to_string(kSchemaVersion + 1));
    const std::string before = contents();
    EXPECT_EQ(complaint(), "cannot use " + file_.string() +
                               ": it was written by a newer hub (its schema has version 5, this "
                               "hub knows 4); install that version, or choose another store.path");
    EXPECT_EQ(contents(), before);
}

TEST_F(Schema, TheDatabaseOfAnotherProgramIsRefusedAndUntouched) {
    Shell(file_).rows("CREATE TABLE devices(device_id TEXT)");
    const std::string before = contents();
    EXPECT_THAT(complaint(), HasSubstr(file_.string() + ": it is the database of another program"));
    EXPECT_EQ(contents(), before);
}

// They number their versions, too, and may have a table of a name that is ours.
TEST_F(Schema, TheNumberedDatabaseOfAnotherProgramIsRefusedAndUntouched) {
    Shell(file_).rows("CREATE TABLE device(id INTEGER, name TEXT)");
    for (int version = 1; version <= kSchemaVersion; ++version) {
        Shell(file_).rows("PRAGMA user_version=" + std::to_string(version));
        const std::string before = contents();
        EXPECT_EQ(complaint(),
                  "cannot use " + file_.string() +
                      ": it is the database of another program; choose another store.path");
        EXPECT_EQ(contents(), before);
    }
}

TEST_F(Schema, AFileWithoutOneOfItsTablesIsRefused) {
    EXPECT_EQ(complaint(), "");
    Shell(file_).rows("DROP TABLE progress");
    EXPECT_THAT(complaint(), HasSubstr("it is the database of another program"));
}

TEST_F(Schema, AFileThatIsNoDatabaseIsRefusedAndUntouched) {
    const std::string text(10'000, 'x');
    std::ofstream(file_) << text;
    EXPECT_EQ(complaint(),
              "cannot write to " + file_.string() +
                  ": it is not an SQLite database, or its beginning is damaged; choose "
                  "another store.path, restore a backup, or restart the hub with "
                  "store.recover = true, which sets the file aside and begins a new "
                  "one");
    EXPECT_EQ(contents(), text);
}

TEST_F(Schema, AMissingFolderIsNamed) {
    file_ = folder_.path() / "missing" / "hub.db";
    EXPECT_THAT(complaint(), HasSubstr("cannot use " + file_.string()));
    EXPECT_THAT(complaint(), HasSubstr("check that its folder exists"));
}

TEST_F(Schema, AFolderInPlaceOfTheFileIsNamed) {
    std::filesystem::create_directory(file_);
    EXPECT_THAT(complaint(), HasSubstr("cannot open " + file_.string()));
}

TEST_F(Schema, AStepThatFailsHalfwayIsNotThere) {
    EXPECT_EQ(complaint(), "");
    DatabaseConnection connection(file_, DatabaseConnection::Use::Write);
    {
        Transaction transaction(connection, Transaction::Kind::Write);
        connection.execute("CREATE TABLE half(a)");
        EXPECT_THROW(connection.execute("CREATE TABLE device(a)"), DatabaseError);
    }
    EXPECT_EQ(Shell(file_).value("SELECT count(*) FROM sqlite_schema WHERE name='half'"), "0");
}

}  // namespace
}  // namespace hub::sqlite_store
