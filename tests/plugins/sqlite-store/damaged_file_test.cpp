// A file that cannot be used when the hub starts: refused, or set aside when that is wanted.
#include "damaged_file.h"

#include "contract/event_story.h"
#include "database_connection.h"
#include "disk_fault.h"
#include "fakes/recording_logger.h"
#include "fakes/temporary_folder.h"
#include "shell.h"
#include "sqlite_history.h"
#include "sqlite_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

namespace hub::sqlite_store {
namespace {

using contract::EventStory;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::MatchesRegex;

constexpr std::uintmax_t kPage = 8192;

class DamagedFile : public testing::Test {
protected:
    // A store with some history, closed.
    void fill() {
        SqliteStore store(file_, logger_);
        static_cast<void>(store.recover());
        for (int i = 0; i < 2'000; ++i) {
            story_.reports("lamp-" + std::to_string(i % 10), std::string(100, 'x'));
        }
        ASSERT_TRUE(store.append(story_.take()).ok());
    }

    // Overwrites a page, counted from 1 as SQLite does.
    void damage(std::uintmax_t page) {
        std::fstream out(file_, std::ios::in | std::ios::out | std::ios::binary);
        out.seekp(static_cast<std::streamoff>((page - 1) * kPage));
        out << std::string(kPage, '?');
    }
    void damageTable(const std::string& table) {
        damage(std::stoul(
            Shell(file_).value("SELECT rootpage FROM sqlite_schema WHERE name='" + table + "'")));
    }

    std::string complaint() {
        try {
            static_cast<void>(SqliteStore(file_, logger_).recover());
            return "";
        } catch (const DatabaseError& error) {
            return error.what();
        }
    }

    // Recovers, and goes on: the file works.
    Recovery recover(SqliteStoreSettings settings = {.recover = true}) {
        SqliteStore store(file_, logger_, settings);
        Recovery recovered = store.recover();
        damaged_ = store.damagedFile();
        EventStory story(recovered.last_sequence, recovered.last_time);
        EXPECT_TRUE(store.append(story.reports("new-1", "{}").take()).ok());
        return recovered;
    }

    // Of the files in the folder, in the order of the alphabet, without that of the lock.
    std::vector<std::string> names() const {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
            names.push_back(entry.path().filename().string());
        }
        std::erase(names, "hub.db-lock");
        std::ranges::sort(names);
        return names;
    }

    static std::string contents(const std::filesystem::path& file) {
        std::ifstream in(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }

    fakes::TemporaryFolder folder_;
    fakes::RecordingLogger logger_;
    std::filesystem::path file_ = folder_.path() / "hub.db";
    std::filesystem::path damaged_;
    EventStory story_;
};

TEST_F(DamagedFile, IsRefusedWithWhatToDo) {
    fill();
    damageTable("device");
    const std::string before = contents(file_);
    EXPECT_THAT(complaint(),
                AllOf(HasSubstr(file_.string() + ": it is damaged"), HasSubstr("store.recover")));
    EXPECT_EQ(contents(file_), before);
}

TEST_F(DamagedFile, IsSetAsideAsItIsAndANewOneBegun) {
    std::ofstream(file_) << std::string(10'000, 'x');
    const Recovery recovered = recover();
    EXPECT_EQ(recovered.last_sequence, 0U);
    EXPECT_THAT(damaged_.filename().string(),
                MatchesRegex("hub\\.db\\.damaged-[0-9]{8}T[0-9]{6}Z"));
    EXPECT_EQ(contents(damaged_), std::string(10'000, 'x'));
    EXPECT_EQ(Shell(file_).value("SELECT count(*) FROM state"), "1");
}

TEST_F(DamagedFile, NumbersBeginBehindWhatCanStillBeRead) {
    fill();
    damageTable("device");
    const Recovery recovered = recover();
    EXPECT_TRUE(recovered.devices.empty());
    EXPECT_EQ(recovered.last_sequence, story_.sequence());
    EXPECT_EQ(recovered.last_time, story_.time());
    EXPECT_EQ(recovered.next_device, DeviceIndex{10});
    EXPECT_EQ(Shell(damaged_).value("SELECT count(*) FROM state"), "2000");
}

TEST_F(DamagedFile, ItsWriteAheadLogGoesWithIt) {
    fill();
    damageTable("device");
    const std::string log = "not a log, but all that is left";
    std::ofstream(file_.string() + "-wal") << log;
    static_cast<void>(recover());
    EXPECT_EQ(contents(damaged_.string() + "-wal"), log);
}

// The hub ends at the first, the second, ... change of the disk, and starts again: the numbers go
// on, and the damaged file is there with its log.
TEST_F(DamagedFile, SettingItAsideMayBeCutShortAnywhere) {
    DiskFault disk;
    fill();
    damageTable("device");
    const std::string damaged = contents(file_);
    const std::string log = "not a log, but all that is left";
    int cuts = 0;
    for (int calls = 0; cuts == calls; ++calls) {
        SCOPED_TRACE("after " + std::to_string(calls) + " calls");
        for (const std::string& name : names()) std::filesystem::remove(folder_.path() / name);
        std::ofstream(file_, std::ios::binary) << damaged;
        std::ofstream(file_.string() + "-wal") << log;

        disk.failAfter(calls);
        try {
            static_cast<void>(SqliteStore(file_, logger_, {.recover = true}).recover());
        } catch (const DatabaseError&) {
            ++cuts;
        }
        disk.repair();
        // What has been begun is ended, whatever is configured by now.
        const Recovery recovered = recover({.recover = std::filesystem::exists(file_)});
        EXPECT_EQ(recovered.last_sequence, story_.sequence());
        EXPECT_EQ(recovered.next_device, DeviceIndex{10});
        const std::string name = "hub\\.db\\.damaged-[0-9]{8}T[0-9]{6}Z";
        ASSERT_THAT(names(),
                    ElementsAre("hub.db", MatchesRegex(name), MatchesRegex(name + "-wal")));
        EXPECT_EQ(contents(folder_.path() / names()[1]), damaged);
        EXPECT_EQ(contents(folder_.path() / names()[2]), log);
    }
    EXPECT_GT(cuts, 5);
}

TEST_F(DamagedFile, NoneTakesTheNameOfAnother) {
    for (const char* const text : {"first", "second", "third"}) {
        std::ofstream(file_) << std::string(10'000, 'x') << text;
        std::ofstream(file_.string() + "-wal") << text;
        EXPECT_NO_THROW(static_cast<void>(replaceDamaged(file_, story_.time())));
    }
    std::vector<std::string> endings;
    for (const std::string& name : names()) {
        const std::string text = contents(folder_.path() / name);
        if (!name.ends_with("-wal"))
            endings.push_back(text.substr(std::min<std::size_t>(10'000, text.size())));
    }
    EXPECT_EQ(names().size(), 7U);
    EXPECT_THAT(endings, IsSupersetOf({"first", "second", "third"}));
}

TEST_F(DamagedFile, AFileThatWasPutBackMeanwhileIsUsed) {
    fill();
    const std::string replacement = file_.string() + ".damaged-20261123T164003Z.new";
    std::ofstream(replacement) << "whatever";
    EXPECT_EQ(recover().devices.size(), 10U);
    EXPECT_TRUE(damaged_.empty());
    EXPECT_FALSE(std::filesystem::exists(replacement));
}

TEST_F(DamagedFile, ThatIsTooShortIsFound) {
    fill();
    std::filesystem::resize_file(file_, std::filesystem::file_size(file_) / 2);
    EXPECT_THAT(complaint(), HasSubstr("store.recover"));
    static_cast<void>(recover());
    EXPECT_FALSE(damaged_.empty());
}

TEST_F(DamagedFile, AFileThatIsWholeIsNeverSetAside) {
    fill();
    EXPECT_EQ(recover().devices.size(), 10U);
    EXPECT_TRUE(damaged_.empty());
}

TEST_F(DamagedFile, TheFileOfAnotherProgramIsNeverSetAside) {
    Shell(file_).rows("CREATE TABLE t(a)");
    EXPECT_THROW(static_cast<void>(SqliteStore(file_, logger_, {.recover = true}).recover()),
                 DatabaseError);
    EXPECT_TRUE(std::filesystem::exists(file_));
}

TEST_F(DamagedFile, ADeviceNumberThatNoHubGaveIsDamage) {
    fill();
    Shell(file_).rows("UPDATE device SET id=4294967295 WHERE id=3");
    EXPECT_THAT(complaint(), HasSubstr("damaged (it has a device with the number 4294967295)"));
    EXPECT_EQ(recover().next_device, DeviceIndex{10});
}

TEST_F(DamagedFile, ANextDeviceThatNoHubGaveIsDamage) {
    fill();
    for (const char* const number : {"-1", "4294967295", "9223372036854775807"}) {
        Shell(file_).rows(std::string("UPDATE progress SET next_device=") + number);
        EXPECT_THAT(complaint(), HasSubstr("store.recover")) << number;
    }
}

TEST_F(DamagedFile, TheNumberOfTheLastCommandIsKept) {
    fill();
    {
        SqliteStore store(file_, logger_);
        static_cast<void>(store.recover());
        for (int i = 0; i < 3; ++i) story_.records({}, 0);
        ASSERT_TRUE(store.append(story_.take()).ok());
    }
    damageTable("device");
    const Recovery recovered = recover();
    EXPECT_EQ(recovered.last_command, CommandNumber{3});
    EXPECT_EQ(recovered.last_sequence, story_.sequence());
}

TEST_F(DamagedFile, ACommandNumberThatNoHubGaveIsDamage) {
    fill();
    for (const char* const number : {"-1", "9223372036854775807"}) {
        Shell(file_).rows(std::string("UPDATE progress SET last_command=") + number);
        EXPECT_THAT(complaint(), HasSubstr("damaged (it has a command with the number")) << number;
    }
}

TEST_F(DamagedFile, AnEventNumberThatNoHubGaveIsDamage) {
    fill();
    Shell(file_).rows("UPDATE state SET seq=9223372036854775807 WHERE seq=2000");
    EXPECT_THAT(complaint(), HasSubstr("damaged (it has an event with the number"));
}

TEST_F(DamagedFile, FoundWhileReadingIsAnErrorThatSaysWhatToDo) {
    fill();
    SqliteStore store(file_, logger_);
    static_cast<void>(store.recover());
    const std::string page =
        Shell(file_).value("SELECT max(pageno) FROM dbstat WHERE name='state' AND pagetype='leaf'");
    damage(std::stoul(page));
    const SqliteHistory history(file_, 1, store.heads());
    const auto read =
        history.states({.device = story_.indexOf("lamp-9")}, [](const StateRow&) { return true; });
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().kind, Error::Kind::Unavailable);
    EXPECT_THAT(read.error().message, HasSubstr("store.recover"));
    EXPECT_TRUE(isMarkedDamaged(file_));
    EXPECT_EQ(store.health().state, Health::State::Degraded);
    EXPECT_EQ(store.health().sentence, read.error().message);
    for (int i = 0; i < 2; ++i) static_cast<void>(store.maintain(story_.time()));
    ASSERT_EQ(logger_.lines().size(), 1U);
    EXPECT_EQ(logger_.lines().front().level, LogLevel::Error);
    EXPECT_THAT(logger_.lines().front().message, HasSubstr(read.error().message));
}

// The database is moved away while the hub runs, and the hub ends: what was acknowledged last is
// in the log alone.
class LogWithoutItsDatabase : public DamagedFile {
protected:
    LogWithoutItsDatabase() {
        SqliteStore store(file_, logger_);
        static_cast<void>(store.recover());
        EXPECT_TRUE(store.append(story_.reports("lamp-1", "{}").take()).ok());
        std::filesystem::rename(file_, elsewhere_);
    }

    std::filesystem::path elsewhere_ = folder_.path() / "elsewhere.db";
    std::string log_ = file_.string() + "-wal";
};

TEST_F(LogWithoutItsDatabase, IsToldAtTheEnd) {
    EXPECT_TRUE(logger_.contains(LogLevel::Error, "put it back before the next start"));
}

TEST_F(LogWithoutItsDatabase, IsRefusedAsItIs) {
    const std::string before = contents(log_);
    ASSERT_FALSE(before.empty());
    EXPECT_EQ(complaint(), "there is a write-ahead log of " + file_.string() +
                               ", but the database itself is missing or empty; put the database "
                               "back, or move " +
                               log_ + " away to begin a new one");
    EXPECT_FALSE(std::filesystem::exists(file_));
    std::ofstream(file_).flush();
    EXPECT_THAT(complaint(), HasSubstr("missing or empty"));
    EXPECT_EQ(contents(log_), before);
}

TEST_F(LogWithoutItsDatabase, LosesNothingWhenThatIsPutBack) {
    std::filesystem::rename(elsewhere_, file_);
    EXPECT_EQ(recover().last_sequence, 1U);
}

TEST_F(LogWithoutItsDatabase, IsSetAsideByAStartThatMay) {
    const std::string before = contents(log_);
    EXPECT_EQ(recover().last_sequence, 0U);
    EXPECT_TRUE(damaged_.empty());
    std::string aside;
    for (const std::string& found : names()) {
        if (found.starts_with("hub.db.damaged-") && found.ends_with("-wal")) aside = found;
    }
    ASSERT_FALSE(aside.empty());
    EXPECT_EQ(contents(folder_.path() / aside), before);
    EXPECT_TRUE(logger_.contains(LogLevel::Error, "was set aside as"));
}

// In the index of device names, which nobody looks at before there is a new device.
class DamageFoundLater : public DamagedFile {
protected:
    DamageFoundLater() {
        fill();
        damageTable("sqlite_autoindex_device_1");
        SqliteStore store(file_, logger_);
        static_cast<void>(store.recover());
        appended_ = store.append(EventStory(story_).reports("new-1", "{}").take());
    }

    Result<void> appended_;
};

TEST_F(DamageFoundLater, IsAnErrorThatSaysWhatToDo) {
    ASSERT_FALSE(appended_.ok());
    EXPECT_EQ(appended_.error().message,
              "cannot write to " + file_.string() +
                  ": it is damaged; restore a backup, or restart the hub with store.recover = "
                  "true, which sets the file aside and begins a new one");
    EXPECT_EQ(contents(file_.string() + "-damaged"), appended_.error().message + "\n");
}

TEST_F(DamageFoundLater, IsRefusedByTheNextStart) {
    const std::string before = contents(file_);
    EXPECT_THAT(complaint(), AllOf(HasSubstr("cannot use " + file_.string() + ": it is damaged ("),
                                   HasSubstr("store.recover")));
    EXPECT_THAT(complaint(), HasSubstr("store.recover")) << "the mark stays";
    EXPECT_EQ(contents(file_), before);
}

TEST_F(DamageFoundLater, IsSetAsideByTheNextStartThatMay) {
    const Recovery recovered = recover();
    EXPECT_EQ(recovered.last_sequence, story_.sequence());
    EXPECT_EQ(recovered.next_device, DeviceIndex{10});
    EXPECT_EQ(Shell(damaged_).value("SELECT count(*) FROM state"), "2000");
    EXPECT_FALSE(isMarkedDamaged(file_));
}

TEST_F(DamageFoundLater, IsOverWhenABackupIsRestored) {
    std::filesystem::remove(file_);
    story_ = EventStory();
    fill();
    EXPECT_FALSE(isMarkedDamaged(file_));
}

}  // namespace
}  // namespace hub::sqlite_store
