#include "ctl/import.h"

#include "core/ctl/import/old_system.h"
#include "ctl/import/store_plugin.h"
#include "daemon/data_directory.h"
#include "fakes/manual_clock.h"
#include "fakes/recording_logger.h"
#include "fakes/temporary_folder.h"

#include <gmock/gmock.h>
#include <sqlite3.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace hub::ctl {
namespace {

using testing::HasSubstr;

// `hubctl import` into a data folder, with the store that hubs have.
class ImportTest : public testing::Test {
protected:
    int import(std::vector<std::string> more = {}) {
        std::vector<std::string> words{
            "import",       old_.file().string(), "--data-dir",
            data_.string(), "--plugin-dir",       HUB_PLUGIN_PATH,
        };
        words.insert(words.end(), more.begin(), more.end());
        out_.str("");
        err_.str("");
        const std::vector<std::string_view> views(words.begin(), words.end());
        return runCommandLine(std::array{importSubcommand()}, "1.2.3", views,
                              {.in = in_, .out = out_, .err = err_, .clock = clock_});
    }

    // The only value that `sql` gives of the hub's file.
    [[nodiscard]] std::string ask(const std::string& sql) const {
        sqlite3* database = nullptr;
        sqlite3_open(hub_file_.c_str(), &database);
        std::string answer;
        const auto keep = [](void* to, int, char** columns, char**) {
            *static_cast<std::string*>(to) = columns[0] == nullptr ? "NULL" : columns[0];
            return 0;
        };
        EXPECT_EQ(SQLITE_OK, sqlite3_exec(database, sql.c_str(), keep, &answer, nullptr))
            << sqlite3_errmsg(database);
        sqlite3_close(database);
        return answer;
    }

    // A hub runs, and stores something that a device says.
    void hubStoresSomething() {
        const daemon::Settings settings(
            {}, {}, {{"plugins.dir", HUB_PLUGIN_PATH, "test"}, {"hub.data_dir", data_, "test"}});
        const importer::StorePlugin plugin(settings,
                                           daemon::readCoreSettings(settings, data_, data_));
        const importer::StorePlugin::Running hub(plugin, hub_file_, log_);
        const Event event{.sequence = hub.recovery().last_sequence + 1,
                          .time = importer::kNow,
                          .device = hub.recovery().next_device,
                          .kind = EventKind::Status,
                          .device_id = "new-device",
                          .name = "status",
                          .payload = "{}"};
        ASSERT_TRUE(hub.store().append({&event, 1}));
    }

    fakes::TemporaryFolder folder_;
    const std::filesystem::path data_ = folder_.path() / "var";
    const std::filesystem::path hub_file_ = data_ / "hub.db";
    const std::filesystem::path fresh_ = data_ / "hub.db.importing";
    importer::OldSystem old_;
    fakes::ManualClock clock_;
    fakes::RecordingLogger log_;
    std::istringstream in_;
    std::ostringstream out_;
    std::ostringstream err_;
};

TEST_F(ImportTest, ADayIsTakenOverWhole) {
    old_.liveADay();
    ASSERT_EQ(kDone, import()) << err_.str();
    EXPECT_THAT(
        out_.str(),
        HasSubstr("5 devices, 3 states, 6 connection changes, 0 other events, 3 commands\n"));
    EXPECT_THAT(out_.str(), HasSubstr("1 changed: NaN or Infinity in JSON: null now "));
    EXPECT_THAT(out_.str(), HasSubstr("into " + hub_file_.string() + "; hubd can be started\n"));
    EXPECT_FALSE(std::filesystem::exists(fresh_));
    EXPECT_FALSE(std::filesystem::exists(fresh_.string() + "-lock"));
    EXPECT_FALSE(std::filesystem::exists(hub_file_.string() + "-wal"));

    EXPECT_EQ("2025-07-01T08:00:07.000000Z",
              ask("SELECT timestamp FROM device_state_snapshots WHERE device_id='weather-1'"));
    EXPECT_EQ("hub_restarted",
              ask("SELECT offline_reason FROM devices WHERE device_id='servoscontroller'"));
    EXPECT_EQ("0", ask("SELECT sum(is_online) FROM devices"));
    EXPECT_EQ("ack_success", ask("SELECT status FROM command_logs WHERE command_name='handsup'"));
    EXPECT_EQ(R"({"done":true})",
              ask("SELECT response_data FROM command_logs WHERE command_name='handsup'"));
    EXPECT_EQ("19", ask("SELECT last_sequence FROM imported"));
}

TEST_F(ImportTest, TakesNoMoreMemoryForMoreRows) {
    old_.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000) "
        "INSERT INTO device_state_snapshots SELECT i, 'weather-1', 'sensor', "
        "'{\"note\":\"' || hex(zeroblob(600)) || '\"}', '2025-07-01 10:00:00' FROM n");
    old_.leave();
    sqlite3_memory_highwater(1);
    ASSERT_EQ(kDone, import()) << err_.str();
    EXPECT_LT(sqlite3_memory_highwater(0), 40 * 1024 * 1024);
}

TEST_F(ImportTest, TheOldFileStaysAsItIs) {
    old_.liveADay();
    old_.leave();
    const std::string before = old_.bytes();
    ASSERT_EQ(kDone, import()) << err_.str();
    EXPECT_EQ(before, old_.bytes());
}

TEST_F(ImportTest, AgainDoesNothing) {
    old_.liveADay();
    ASSERT_EQ(kDone, import()) << err_.str();
    ASSERT_EQ(kDone, import()) << err_.str();
    EXPECT_THAT(out_.str(), HasSubstr("already imported, nothing to do\n"));
    hubStoresSomething();
    ASSERT_EQ(kDone, import()) << err_.str();
    EXPECT_THAT(out_.str(), HasSubstr("already imported, nothing to do\n"));
    EXPECT_EQ("4", ask("SELECT count(*) FROM device_state_snapshots"));
}

TEST_F(ImportTest, WhatHasChangedMeanwhileIsImportedAnew) {
    old_.liveADay();
    ASSERT_EQ(kDone, import()) << err_.str();
    old_.addState(7, "2025-07-01 10:01:00");
    ASSERT_EQ(kDone, import()) << err_.str();
    EXPECT_EQ("4", ask("SELECT count(*) FROM device_state_snapshots"));
}

TEST_F(ImportTest, InAnotherTimeZoneItIsImportedAnew) {
    old_.liveADay();
    ASSERT_EQ(kDone, import({"--zone", "UTC"})) << err_.str();
    ASSERT_EQ(kDone, import({"--zone", "UTC"})) << err_.str();
    EXPECT_THAT(out_.str(), HasSubstr("already imported, nothing to do\n"));
    ::setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    ASSERT_EQ(kDone, import()) << err_.str();
    EXPECT_EQ("2025-07-01T08:00:07.000000Z",
              ask("SELECT timestamp FROM device_state_snapshots WHERE device_id='weather-1'"));
    ::setenv("TZ", "UTC0", 1);
    ASSERT_EQ(kDone, import()) << err_.str();
    EXPECT_EQ("2025-07-01T10:00:07.000000Z",
              ask("SELECT timestamp FROM device_state_snapshots WHERE device_id='weather-1'"));
}

TEST_F(ImportTest, ATimeOfTheFutureDoesNotMakeItAnotherFile) {
    old_.addState(1, "2099-01-01 10:00:00");
    ASSERT_EQ(kDone, import()) << err_.str();
    clock_.advance(std::chrono::seconds(1));
    ASSERT_EQ(kDone, import()) << err_.str();
    EXPECT_THAT(out_.str(), HasSubstr("already imported, nothing to do\n"));
}

TEST_F(ImportTest, WhatAHubHasStoredItselfIsLeftAsItIs) {
    std::filesystem::create_directory(data_);
    hubStoresSomething();
    old_.liveADay();
    EXPECT_EQ(kFailed, import());
    EXPECT_EQ("hubctl import: " + hub_file_.string() +
                  " holds what this hub has stored itself, and is left as it is: to import, keep "
                  "it aside (move it away) and begin with an empty data folder, or name another "
                  "one with --data-dir\n",
              err_.str());
    EXPECT_EQ("new-device", ask("SELECT device_id FROM devices"));
}

TEST_F(ImportTest, WhatWasStoredSinceAnImportIsLeftAsItIs) {
    old_.liveADay();
    ASSERT_EQ(kDone, import()) << err_.str();
    hubStoresSomething();
    old_.addState(7, "2025-07-01 10:01:00");
    EXPECT_EQ(kFailed, import());
    EXPECT_EQ("1", ask("SELECT count(*) FROM devices WHERE device_id='new-device'"));
}

TEST_F(ImportTest, AnImportThatWasKilledIsBegunAnew) {
    std::filesystem::create_directory(data_);
    std::ofstream(fresh_) << "half a file";
    std::ofstream(fresh_.string() + "-wal") << "half a log";
    old_.liveADay();
    ASSERT_EQ(kDone, import()) << err_.str();
    EXPECT_EQ("3", ask("SELECT count(*) FROM device_state_snapshots"));
}

TEST_F(ImportTest, AHubThatRunsIsNotDisturbed) {
    const daemon::DataDirectory hub(data_);
    old_.liveADay();
    EXPECT_EQ(kFailed, import());
    EXPECT_THAT(err_.str(), HasSubstr("is using it"));
    EXPECT_FALSE(std::filesystem::exists(hub_file_));
}

TEST_F(ImportTest, ADryRunWritesNothing) {
    old_.liveADay();
    ASSERT_EQ(kDone, import({"--dry-run"})) << err_.str();
    EXPECT_THAT(out_.str(), HasSubstr("would import 16 rows in "));
    EXPECT_THAT(out_.str(), HasSubstr("into " + hub_file_.string() + "; nothing was written\n"));
    EXPECT_FALSE(std::filesystem::exists(data_));
}

TEST_F(ImportTest, ADryRunEndsAsTheImportWould) {
    std::filesystem::create_directory(data_);
    hubStoresSomething();
    old_.liveADay();
    EXPECT_EQ(kFailed, import({"--dry-run"}));
    EXPECT_THAT(err_.str(), HasSubstr("holds what this hub has stored itself"));
}

TEST_F(ImportTest, ADryRunRefusesAFolderThatCannotBeMade) {
    std::ofstream(data_) << "a file";
    old_.liveADay();
    EXPECT_EQ(kFailed, import());
    EXPECT_EQ(kFailed, import({"--dry-run", "--data-dir", (data_ / "hub").string()}));
    EXPECT_THAT(err_.str(), HasSubstr("cannot keep data in " + (data_ / "hub").string()));
}

TEST_F(ImportTest, NothingIsLeftOfAnImportThatFails) {
    old_.liveADay();
    std::filesystem::create_directories(hub_file_.string() + "-wal");
    EXPECT_EQ(kFailed, import());
    EXPECT_FALSE(std::filesystem::exists(fresh_));
}

TEST_F(ImportTest, TheConfiguredFileIsTheOneThatIsMade) {
    std::ofstream(folder_.path() / "hubd.properties") << "store.path = other.db\n";
    old_.liveADay();
    ASSERT_EQ(kDone, import({"--config", (folder_.path() / "hubd.properties").string()}))
        << err_.str();
    EXPECT_TRUE(std::filesystem::exists(data_ / "other.db"));
}

TEST_F(ImportTest, WhereALinkLeadsTheFileIsReplaced) {
    const std::filesystem::path disk = folder_.path() / "disk";
    std::filesystem::create_directories(disk);
    std::filesystem::create_directories(data_);
    std::ofstream(disk / "hub.db").close();
    std::filesystem::create_symlink(disk / "hub.db", hub_file_);
    old_.liveADay();
    ASSERT_EQ(kDone, import()) << err_.str();
    EXPECT_TRUE(std::filesystem::is_symlink(hub_file_));
    EXPECT_EQ("3", ask("SELECT count(*) FROM device_state_snapshots"));
}

TEST_F(ImportTest, AMistakeOnTheCommandLineIsNamed) {
    EXPECT_EQ(kUsageWrong, import({"--zone", "Europe/Berln"}));
    EXPECT_THAT(err_.str(), HasSubstr("--zone: \"Europe/Berln\" is no time zone"));
    EXPECT_EQ(kFailed, import({"--config", "/nowhere.properties"}));
    EXPECT_THAT(err_.str(), HasSubstr("/nowhere.properties"));
}

TEST_F(ImportTest, AFileOfAnotherProgramIsRefusedBeforeAnythingIsMade) {
    old_.execute("DROP TABLE devices");
    EXPECT_EQ(kFailed, import());
    EXPECT_THAT(err_.str(), HasSubstr("it is no database of the earlier system"));
    EXPECT_FALSE(std::filesystem::exists(data_));
}

}  // namespace
}  // namespace hub::ctl
