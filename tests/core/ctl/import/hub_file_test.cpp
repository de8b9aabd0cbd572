#include "ctl/import/hub_file.h"

#include "core/ctl/import/old_system.h"
#include "fakes/temporary_folder.h"

#include <gmock/gmock.h>
#include <sqlite3.h>

#include <fstream>
#include <memory>
#include <stdexcept>

namespace hub::ctl::importer {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr const char* kTables =
    "PRAGMA journal_mode=WAL; CREATE TABLE devices(a); CREATE TABLE device_state_snapshots(a);"
    "CREATE TABLE device_connection_logs(a); CREATE TABLE device_events(a);"
    "CREATE TABLE command_logs(a); INSERT INTO device_state_snapshots VALUES(1), (2);";

class HubFileTest : public testing::Test {
protected:
    using Connection = std::unique_ptr<sqlite3, int (*)(sqlite3*)>;

    static Connection open(const std::filesystem::path& file, const std::string& sql) {
        sqlite3* database = nullptr;
        sqlite3_open(file.c_str(), &database);
        Connection connection(database, sqlite3_close);
        EXPECT_EQ(SQLITE_OK, sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr))
            << sqlite3_errmsg(database);
        return connection;
    }

    fakes::TemporaryFolder folder_;
    const std::filesystem::path file_ = folder_.path() / "hub.db";
    const std::filesystem::path fresh_ = folder_.path() / "hub.db.importing";
    const Totals totals_{.states = 2, .last_sequence = 2};
};

TEST_F(HubFileTest, ASealedFileTellsWhatWasImported) {
    open(fresh_, kTables);
    EXPECT_FALSE(readNote(fresh_));
    seal(fresh_, totals_, {"it's this one", 2}, kNow);
    const auto note = readNote(fresh_);
    ASSERT_TRUE(note);
    EXPECT_EQ("it's this one", note->fingerprint);
    EXPECT_EQ(2U, note->last_sequence);
    EXPECT_FALSE(std::filesystem::exists(fresh_.string() + "-wal"));
}

TEST_F(HubFileTest, AFileThatLacksARowIsNotSealed) {
    open(fresh_, kTables);
    Totals more = totals_;
    more.states = 3;
    EXPECT_THAT(
        [&] {
            seal(fresh_, more, {"x", 2}, kNow);
        },
        ThrowsMessage<std::runtime_error>(
            "cannot use " + fresh_.string() +
            ": it holds 2 rows in device_state_snapshots instead of 3"));
    EXPECT_FALSE(readNote(fresh_));
}

TEST_F(HubFileTest, AFileThatAnotherHoldsOpenIsNotSealed) {
    const auto other = open(fresh_, kTables);
    EXPECT_THAT(
        [&] {
            seal(fresh_, totals_, {"x", 2}, kNow);
        },
        ThrowsMessage<std::runtime_error>(HasSubstr("another process has it open")));
}

TEST_F(HubFileTest, TheNewFileTakesThePlaceOfTheOldOne) {
    open(file_, "CREATE TABLE old(a)");
    open(fresh_, kTables);
    seal(fresh_, totals_, {"x", 2}, kNow);
    replace(file_, fresh_);
    EXPECT_FALSE(std::filesystem::exists(fresh_));
    EXPECT_EQ("x", readNote(file_).value().fingerprint);
}

TEST_F(HubFileTest, TheLogOfTheOldFileIsNotLeftToTheNewOne) {
    {
        const auto killed =
            open(folder_.path() / "other.db", "PRAGMA journal_mode=WAL; CREATE TABLE old(a)");
        for (const char* const suffix : {"", "-wal"}) {
            std::filesystem::copy_file(folder_.path() / (std::string("other.db") + suffix),
                                       file_.string() + suffix);
        }
    }
    ASSERT_TRUE(std::filesystem::exists(file_.string() + "-wal"));
    open(fresh_, kTables);
    seal(fresh_, totals_, {"x", 2}, kNow);
    replace(file_, fresh_);
    EXPECT_FALSE(std::filesystem::exists(file_.string() + "-wal"));
    EXPECT_EQ("x", readNote(file_).value().fingerprint);
}

TEST_F(HubFileTest, AFileThatIsInUseIsNotReplaced) {
    const auto hub = open(file_, "PRAGMA journal_mode=WAL; CREATE TABLE old(a)");
    open(fresh_, kTables);
    EXPECT_THAT([&] { replace(file_, fresh_); },
                ThrowsMessage<std::runtime_error>(HasSubstr("hub.db-wal is still there")));
    EXPECT_TRUE(std::filesystem::exists(fresh_));
}

TEST_F(HubFileTest, DiscardingTakesTheLogAway) {
    for (const char* const suffix : {"", "-wal", "-shm", "-lock"}) {
        std::ofstream(fresh_.string() + suffix) << "x";
    }
    discard(fresh_);
    discard(fresh_);
    EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

}  // namespace
}  // namespace hub::ctl::importer
