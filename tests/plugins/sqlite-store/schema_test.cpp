#include "schema.h"

#include "database_connection.h"
#include "fakes/temporary_folder.h"
#include "shell.h"
#include "sqlite_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace hub::sqlite_store {
namespace {

using testing::HasSubstr;

class Schema : public testing::Test {
protected:
    // What opening the store complains of, "" when it does not.
    std::string complaint() {
        try {
            static_cast<void>(SqliteStore(file_).recover());
            return "";
        } catch (const DatabaseError& e) {
            return e.what();
        }
    }

    std::string contents() const {
        std::ifstream in(file_, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }

    fakes::TemporaryFolder folder_;
    std::filesystem::path file_ = folder_.path() / "hub.db";
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
    EXPECT_EQ(complaint(), "");
    Shell(file_).rows(
        "DROP VIEW devices; DROP TABLE progress; DROP TABLE forgotten;"
        "ALTER TABLE device DROP COLUMN last_seen;"
        "INSERT INTO device VALUES(4, 'lamp-1', 'esp32', '{}', 'mqtt', 1, '', 5, NULL, 6, 5);"
        "INSERT INTO state VALUES(17, 4, 7, 0, NULL, NULL, '{}'), (18, 4, 8, 17, NULL, NULL, '{}');"
        "INSERT INTO head VALUES(4, 17, 0, 0);"
        "CREATE VIEW devices AS SELECT device_id FROM device;"
        "PRAGMA user_version=1");
    const Recovery recovered = SqliteStore(file_).recover();
    EXPECT_EQ(recovered.last_sequence, 18U);
    EXPECT_EQ(recovered.next_device, DeviceIndex{5});
    ASSERT_EQ(recovered.devices.size(), 1U);
    EXPECT_EQ(recovered.devices[0].last_seen, Timestamp(std::chrono::microseconds(8)));
    EXPECT_EQ(Shell(file_).value("SELECT last_heartbeat FROM devices"),
              "1970-01-01T00:00:00.000006Z");
}

TEST_F(Schema, HistoryHasNoIndexBesideItsNumber) {
    EXPECT_EQ(complaint(), "");
    EXPECT_EQ(Shell(file_).rows("SELECT tbl_name FROM sqlite_schema WHERE type='index'"),
              std::vector<std::string>{"device"});
}

TEST_F(Schema, ANewerVersionIsRefusedAndUntouched) {
    EXPECT_EQ(complaint(), "");
    Shell(file_).rows("PRAGMA user_version=" + std::to_string(kSchemaVersion + 1));
    const std::string before = contents();
    EXPECT_EQ(complaint(), "cannot use " + file_.string() +
                               ": it was written by a newer hub (its schema has version 3, this "
                               "hub knows 2); install that version, or choose another store.path");
    EXPECT_EQ(contents(), before);
}

TEST_F(Schema, TheDatabaseOfAnotherProgramIsRefusedAndUntouched) {
    Shell(file_).rows("CREATE TABLE devices(device_id TEXT)");
    const std::string before = contents();
    EXPECT_THAT(complaint(), HasSubstr(file_.string() + ": it is the database of another program"));
    EXPECT_EQ(contents(), before);
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
    EXPECT_THAT(complaint(), HasSubstr("cannot open " + file_.string()));
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
