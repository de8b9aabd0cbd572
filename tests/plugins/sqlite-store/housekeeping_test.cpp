// What a store deletes when it is asked to keep house, and what it leaves.
#include "housekeeping.h"

#include "contract/event_story.h"
#include "disk_fault.h"
#include "fakes/recording_logger.h"
#include "fakes/temporary_folder.h"
#include "forgotten_history.h"
#include "retention.h"
#include "shell.h"
#include "sqlite_history.h"
#include "sqlite_store.h"
#include "stored_time.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <span>
#include <vector>

namespace hub::sqlite_store {
namespace {

using contract::EventStory;
using std::chrono::hours;
using std::chrono::minutes;
using testing::HasSubstr;
using Strings = std::vector<std::string>;

constexpr std::uint64_t kMiB = 1 << 20;

class HousekeepingTest : public testing::Test {
protected:
    HousekeepingTest() { open({}); }

    void open(RetentionLimits limits) {
        history_.reset();
        store_.reset();
        store_ =
            std::make_unique<SqliteStore>(file_, logger_, SqliteStoreSettings{.retention = limits});
        recovered_ = store_->recover();
        history_ = std::make_unique<SqliteHistory>(file_, 1, store_->heads());
    }

    void append() { ASSERT_TRUE(store_->append(story_.take()).ok()); }

    bool step() { return store_->maintain(now_); }
    void keepHouse(Timestamp now) {
        now_ = std::max(now, now_);
        int steps = 0;
        while (step()) ASSERT_LT(++steps, 10'000);
    }

    Strings states(DeviceIndex device, std::size_t limit = 1000) const {
        Strings found;
        EXPECT_TRUE(history_
                        ->states({.device = device, .limit = limit},
                                 [&found](const StateRow& row) {
                                     found.emplace_back(row.state);
                                     return true;
                                 })
                        .ok());
        return found;
    }
    // A command that was sent to a device.
    CommandNumber commandTo(std::string_view device) {
        const CommandNumber number = story_.records({}, 1);
        story_.stands(number, device, TargetStatus::Pending);
        story_.stands(number, device, TargetStatus::Sent);
        return number;
    }
    // Newest first.
    std::vector<CommandNumber> commandsOf(std::string_view device) const {
        std::vector<CommandNumber> found;
        EXPECT_TRUE(history_
                        ->commands({.device = story_.indexOf(device), .limit = 1000},
                                   [&found](const CommandRecord& record, const CommandProgress&) {
                                       found.push_back(record.number);
                                       return true;
                                   })
                        .ok());
        return found;
    }
    std::string count(const std::string& table) {
        return Shell(file_).value("SELECT count(*) FROM " + table);
    }
    std::uint64_t bytes() {
        Shell shell(file_);
        return std::stoull(shell.value("PRAGMA page_count")) *
               std::stoull(shell.value("PRAGMA page_size"));
    }

    fakes::TemporaryFolder folder_;
    fakes::RecordingLogger logger_;
    std::filesystem::path file_ = folder_.path() / "hub.db";
    EventStory story_;
    Timestamp now_{};
    std::unique_ptr<SqliteStore> store_;
    std::unique_ptr<SqliteHistory> history_;
    Recovery recovered_;
};

TEST_F(HousekeepingTest, WithoutLimitsAllHistoryStays) {
    story_.connects("lamp-1").reports("lamp-1", "1").reports("lamp-1", "2");
    append();
    keepHouse(story_.time() + hours(24 * 365 * 50));
    EXPECT_EQ(states(story_.indexOf("lamp-1")), (Strings{"2", "1"}));
    EXPECT_EQ(count("connection"), "1");
}

TEST_F(HousekeepingTest, WhatIsTooOldGoesFromAllTables) {
    open({.time = hours(1)});
    story_.connects("lamp-1").says("lamp-1", "alert").reports("lamp-1", "old");
    story_.after(hours(2));
    story_.connects("lamp-1").says("lamp-1", "alert").reports("lamp-1", "new");
    append();
    keepHouse(story_.time());
    EXPECT_EQ(states(story_.indexOf("lamp-1")), Strings{"new"});
    EXPECT_EQ(Shell(file_).rows("SELECT seq FROM connection UNION ALL SELECT seq FROM event"
                                " UNION ALL SELECT seq FROM state ORDER BY seq"),
              (Strings{"4", "5", "6"}));
}

TEST_F(HousekeepingTest, AnOldCommandGoesWithItsChanges) {
    open({.time = hours(1)});
    story_.connects("lamp-1");
    const CommandNumber old = commandTo("lamp-1");
    story_.stands(old, "lamp-1", TargetStatus::AckSuccess);
    story_.records({}, 0);
    append();
    story_.after(hours(2));
    story_.acknowledgesLate(old, "lamp-1");
    const CommandNumber young = commandTo("lamp-1");
    append();
    keepHouse(story_.time());
    EXPECT_EQ(Shell(file_).rows("SELECT number FROM command"), Strings{"3"});
    EXPECT_EQ(commandsOf("lamp-1"), std::vector{young});
    keepHouse(story_.time() + hours(2));
    EXPECT_EQ(Shell(file_).rows("SELECT DISTINCT command FROM command_target"), Strings{"3"});
    open({});
    EXPECT_EQ(recovered_.last_command, young);
    EXPECT_EQ(recovered_.commands.size(), 1U);
}

TEST_F(HousekeepingTest, TheNumberOfACommandThatIsGoneStaysUsed) {
    open({.time = hours(1)});
    const CommandNumber gone = story_.records({}, 0);
    append();
    keepHouse(story_.time() + hours(2));
    EXPECT_EQ(count("command"), "0");
    open({});
    EXPECT_EQ(recovered_.last_command, gone);
    EXPECT_EQ(recovered_.last_sequence, story_.sequence());
}

TEST_F(HousekeepingTest, AnOpenCommandStaysUntilItIsComplete) {
    open({.time = hours(1)});
    story_.connects("lamp-1");
    const CommandNumber open_one = commandTo("lamp-1");
    for (int i = 0; i < 2'000; ++i) {
        story_.stands(commandTo("lamp-1"), "lamp-1", TargetStatus::AckError);
    }
    append();
    for (const bool anew : {false, true}) {
        if (anew) open({.time = hours(1)});
        keepHouse(story_.time() + hours(2));
        EXPECT_EQ(count("command"), "1");
        EXPECT_EQ(count("command_target"), "2");
        EXPECT_EQ(commandsOf("lamp-1"), std::vector{open_one});
    }
    // What is newer does not hide it, though the chain between them is broken.
    const CommandNumber newer = commandTo("lamp-1");
    append();
    EXPECT_EQ(commandsOf("lamp-1"), (std::vector{newer, open_one}));

    story_.stands(open_one, "lamp-1", TargetStatus::Timeout);
    append();
    story_.after(hours(3)).reports("lamp-1", "{}");
    append();
    keepHouse(story_.time());
    keepHouse(story_.time() + hours(1));
    EXPECT_EQ(commandsOf("lamp-1"), std::vector{newer});
    EXPECT_EQ(Shell(file_).rows("SELECT DISTINCT command FROM command_target"),
              Strings{std::to_string(static_cast<std::uint64_t>(newer))});
}

TEST_F(HousekeepingTest, ACommandThatIsCompletedLaterGoesToo) {
    open({.time = hours(1)});
    story_.connects("lamp-1");
    const CommandNumber spared = commandTo("lamp-1");
    append();
    keepHouse(story_.time() + hours(2));
    EXPECT_EQ(count("command"), "1");
    story_.after(hours(2)).stands(spared, "lamp-1", TargetStatus::Expired);
    append();
    story_.after(hours(2)).reports("lamp-1", "{}");
    append();
    keepHouse(story_.time());
    EXPECT_EQ(count("command"), "0");
    EXPECT_EQ(count("command_target"), "0");
}

// Who asks again with its idempotency key must find it.
TEST_F(HousekeepingTest, ACommandStaysUntilItsOutcomeIsTooOld) {
    open({.time = hours(1)});
    story_.connects("lamp-1");
    const CommandNumber kept = commandTo("lamp-1");
    append();
    story_.after(hours(2)).stands(kept, "lamp-1", TargetStatus::AckSuccess);
    append();
    for (const bool anew : {false, true}) {
        if (anew) open({.time = hours(1)});
        keepHouse(story_.time() + minutes(59));
        EXPECT_EQ(count("connection"), "0");
        EXPECT_EQ(commandsOf("lamp-1"), std::vector{kept});
        EXPECT_EQ(count("command_target"), "3");
    }
    keepHouse(story_.time() + minutes(62));
    EXPECT_EQ(count("command"), "0");
    EXPECT_EQ(count("command_target"), "0");
}

TEST_F(HousekeepingTest, ForTheSizeACommandGoesAsSoonAsItIsComplete) {
    open({.time = hours(1'000), .size = 1});
    story_.connects("lamp-1");
    const CommandNumber spared = commandTo("lamp-1");
    append();
    keepHouse(story_.time());
    EXPECT_EQ(count("command"), "1");
    story_.stands(spared, "lamp-1", TargetStatus::AckSuccess);
    append();
    keepHouse(story_.time());
    EXPECT_EQ(count("command"), "0");
    EXPECT_EQ(count("command_target"), "0");
}

// Of which only a part is looked at in each step.
TEST_F(HousekeepingTest, ManyCommandsThatAreCompletedLaterGoToo) {
    open({.time = hours(1)});
    story_.connects("lamp-1");
    std::vector<CommandNumber> spared;
    for (int i = 0; i < 2'500; ++i) spared.push_back(commandTo("lamp-1"));
    append();
    keepHouse(story_.time() + hours(2));
    EXPECT_EQ(count("command"), "2500");
    const auto complete = [this](std::span<const CommandNumber> commands) {
        story_.after(hours(2));
        for (const auto number : commands) story_.stands(number, "lamp-1", TargetStatus::Expired);
        for (int i = 0; i < 4; ++i) {
            story_.after(hours(2)).reports("lamp-1", "{}");
            append();
            keepHouse(story_.time());
        }
    };
    complete(std::span(spared).subspan(1));
    EXPECT_EQ(commandsOf("lamp-1"), std::vector{spared[0]});
    EXPECT_EQ(count("command_target"), "2");
    complete(std::span(spared).first(1));
    EXPECT_EQ(count("command"), "0");
    EXPECT_EQ(count("command_target"), "0");
}

TEST_F(HousekeepingTest, AFarewellGoesWithWhatIsAsOld) {
    open({.time = hours(1)});
    story_.connects("lamp-1").forgets("lamp-1").after(minutes(90));
    story_.connects("cam-1").forgets("cam-1");
    append();
    keepHouse(story_.time());
    EXPECT_EQ(Shell(file_).rows("SELECT seq, device_id FROM farewell"), Strings{"4|cam-1"});
    keepHouse(story_.time() + hours(2));
    EXPECT_EQ(count("farewell"), "0");
    open({});
    EXPECT_EQ(recovered_.last_sequence, 4U);
}

TEST_F(HousekeepingTest, CommandsGoForTheSizeToo) {
    open({.size = 2 * kMiB});
    story_.connects("lamp-1");
    const CommandNumber open_one = commandTo("lamp-1");
    CommandRecord record;
    record.command.payload = std::string(1000, 'x');
    for (int i = 0; i < 10'000; ++i) {
        const CommandNumber number = story_.records(record, 1);
        story_.stands(number, "lamp-1", TargetStatus::Unreachable);
        if (i % 1000 == 0) {
            append();
            keepHouse(story_.time());
        }
    }
    append();
    keepHouse(story_.time());
    EXPECT_LT(bytes(), 4 * kMiB);
    EXPECT_EQ(commandsOf("lamp-1").front(), CommandNumber{10'001});
    EXPECT_EQ(Shell(file_).value("SELECT min(number) FROM command"),
              std::to_string(static_cast<std::uint64_t>(open_one)));
    EXPECT_EQ(Shell(file_).value("SELECT count(*) FROM command WHERE number IN (2, 3)"), "0");
}

TEST_F(HousekeepingTest, AForgottenDevicesChangesOfCommandsAreDeleted) {
    story_.connects("lamp-1").connects("cam-1");
    for (int i = 0; i < 1'200; ++i) {
        story_.stands(commandTo("lamp-1"), "lamp-1", TargetStatus::AckSuccess);
    }
    const CommandNumber both = story_.records({}, 2);
    story_.stands(both, "lamp-1", TargetStatus::AckSuccess);
    story_.stands(both, "cam-1", TargetStatus::Sent).forgets("lamp-1");
    append();
    keepHouse(story_.time());
    EXPECT_EQ(count("command_target"), "1");
    EXPECT_EQ(count("command"), "1201");
    EXPECT_EQ(count("forgotten"), "0");
}

TEST_F(HousekeepingTest, WhatIsNotTooOldStays) {
    open({.time = hours(1)});
    story_.connects("lamp-1").reports("lamp-1", "1").reports("lamp-1", "2");
    append();
    keepHouse(story_.time() + minutes(59));
    EXPECT_EQ(states(story_.indexOf("lamp-1")), (Strings{"2", "1"}));
    EXPECT_EQ(count("connection"), "1");
}

TEST_F(HousekeepingTest, TheBorderLiesBetweenTwoRows) {
    open({.time = hours(1)});
    for (int i = 0; i < 3'000; ++i) {
        story_.after(minutes(1)).reports("lamp-1", std::to_string(i));
    }
    append();
    keepHouse(story_.time());
    EXPECT_EQ(count("state"), "60");
    EXPECT_EQ(states(story_.indexOf("lamp-1")).back(), "2940");
}

TEST_F(HousekeepingTest, TheNewestStateOfADeviceStaysUntilThereIsANewerOne) {
    open({.time = hours(1)});
    story_.reports("quiet-1", "1").reports("quiet-1", "2").reports("lamp-1", "3");
    append();
    story_.after(hours(10)).reports("lamp-1", "4");
    append();
    keepHouse(story_.time());
    EXPECT_EQ(states(story_.indexOf("quiet-1")), Strings{"2"});
    EXPECT_EQ(states(story_.indexOf("lamp-1")), Strings{"4"});

    open({.time = hours(1)});
    EXPECT_EQ(states(story_.indexOf("quiet-1")), Strings{"2"});
    story_.reports("quiet-1", "5").after(hours(10)).reports("quiet-1", "6");
    append();
    EXPECT_EQ(states(story_.indexOf("quiet-1")), (Strings{"6", "5", "2"}));
    keepHouse(story_.time());
    EXPECT_EQ(states(story_.indexOf("quiet-1")), Strings{"6"});
    EXPECT_EQ(states(story_.indexOf("lamp-1")), Strings{"4"});
    EXPECT_EQ(count("state"), "2");
}

TEST_F(HousekeepingTest, NumbersStayUsedWhenTheirRowsAreGone) {
    open({.time = hours(1)});
    story_.reports("lamp-1", "1").says("lamp-1", "alert");
    append();
    keepHouse(story_.time() + hours(10));
    EXPECT_EQ(count("event"), "0");
    open({.time = hours(1)});
    EXPECT_EQ(recovered_.last_sequence, 2U);
    EXPECT_EQ(recovered_.last_time, story_.time());
}

TEST_F(HousekeepingTest, AStepIsSmall) {
    open({.time = hours(1)});
    for (int i = 0; i < 25'000; ++i) {
        story_.reports("lamp-1", "1");
    }
    append();
    now_ = story_.time() + hours(10);
    EXPECT_TRUE(step());
    EXPECT_GE(std::stoul(count("state")), 25'000 - Retention::kNumbersOfAStep);
    keepHouse(now_);
    EXPECT_EQ(count("state"), "1");
}

TEST_F(HousekeepingTest, TheFileStaysNearItsSize) {
    constexpr std::uint64_t kLimit = 8 * kMiB;
    open({.size = kLimit});
    std::uint64_t largest = 0;
    for (int batch = 0; batch < 160; ++batch) {
        for (int i = 0; i < 500; ++i) {
            story_.reports("lamp-" + std::to_string(i % 100), std::string(400, 'x'));
        }
        append();
        keepHouse(story_.time());
        largest = std::max(largest, bytes());
    }
    EXPECT_LT(largest, kLimit * 11 / 10);
    EXPECT_GT(largest, kLimit * 9 / 10);
    EXPECT_GE(states(story_.indexOf("lamp-1")).size(), 100U);
    EXPECT_EQ(Shell(file_).value("PRAGMA integrity_check"), "ok");
}

TEST_F(HousekeepingTest, ASizeTooSmallForTheNewestStatesLeavesThem) {
    open({.size = 1});
    for (int i = 0; i < 500; ++i) {
        story_.reports("lamp-" + std::to_string(i % 50), std::to_string(i)).says("lamp-1", "alert");
    }
    append();
    keepHouse(story_.time());
    EXPECT_EQ(count("state"), "50");
    EXPECT_EQ(count("event"), "0");
    EXPECT_EQ(states(story_.indexOf("lamp-7")), Strings{"457"});
}

TEST_F(HousekeepingTest, AForgottenHistoryGoesInSmallStepsOverRestarts) {
    constexpr int kRows = ForgottenHistory::kRowsOfAStep * 5 / 2;
    for (int i = 0; i < kRows; ++i) {
        story_.reports("lamp-1", "1").reports("cam-1", "2");
    }
    story_.connects("lamp-1").says("lamp-1", "alert").forgets("lamp-1");
    append();
    EXPECT_EQ(count("state"), std::to_string(2 * kRows));
    now_ = story_.time();
    EXPECT_TRUE(step());
    EXPECT_EQ(count("state"), std::to_string(2 * kRows - ForgottenHistory::kRowsOfAStep));
    open({});
    keepHouse(now_);
    EXPECT_EQ(count("state"), std::to_string(kRows));
    EXPECT_EQ(count("state WHERE device <> 1"), "0");
    EXPECT_EQ(count("connection"), "0");
    EXPECT_EQ(count("event"), "0");
    EXPECT_EQ(count("forgotten"), "0");
    EXPECT_EQ(states(story_.indexOf("cam-1")).size(), 1000U);
}

TEST_F(HousekeepingTest, ALongForgottenHistoryDoesNotHoldUpRetention) {
    open({.time = hours(1)});
    story_.says("cam-1", "alert").after(hours(2));
    for (int i = 0; i < 10 * ForgottenHistory::kRowsOfAStep; ++i) {
        story_.reports("lamp-1", "1");
    }
    story_.forgets("lamp-1");
    append();
    now_ = story_.time();
    EXPECT_TRUE(step());
    EXPECT_TRUE(step());
    EXPECT_EQ(count("event"), "0");
    EXPECT_EQ(count("forgotten"), "1");
}

TEST_F(HousekeepingTest, RowsOfAForgottenDeviceBelongToNobodyInTheViews) {
    story_.connects("lamp-1").reports("lamp-1", "1").forgets("lamp-1");
    story_.connects("lamp-1").reports("lamp-1", "2");
    append();
    Shell shell(file_);
    EXPECT_EQ(shell.rows("SELECT seq FROM device_state_snapshots WHERE device_id='lamp-1'"),
              Strings{"5"});
    EXPECT_EQ(shell.rows("SELECT seq FROM device_connection_logs WHERE device_id='lamp-1'"),
              Strings{"4"});
}

TEST_F(HousekeepingTest, MuchFreeSpaceIsGivenBack) {
    for (int i = 0; i < 1'200; ++i) {
        story_.reports("lamp-1", std::string(64'000, 'x')).reports("cam-1", "{}");
        if (i % 100 == 0) append();
    }
    append();
    const std::uint64_t full = bytes();
    ASSERT_GT(full, 70 * kMiB);
    story_.forgets("lamp-1");
    append();
    keepHouse(story_.time());
    EXPECT_LT(bytes(), full / 10);
    EXPECT_EQ(states(story_.indexOf("cam-1")).size(), 1000U);
    EXPECT_EQ(Shell(file_).value("PRAGMA integrity_check"), "ok");
    history_.reset();
    store_.reset();
    EXPECT_LT(std::filesystem::file_size(file_), full / 10);
}

TEST_F(HousekeepingTest, AFileBegunWithoutAutoVacuumIsUsedAsItIs) {
    history_.reset();
    store_.reset();
    Shell(file_).rows("PRAGMA journal_mode=DELETE; PRAGMA auto_vacuum=NONE; VACUUM");
    open({.time = hours(1)});
    story_.reports("lamp-1", "1").reports("lamp-1", "2");
    append();
    keepHouse(story_.time() + hours(10));
    EXPECT_EQ(states(story_.indexOf("lamp-1")), Strings{"2"});
}

TEST_F(HousekeepingTest, AFailureIsToldAndEndsByItself) {
    open({.time = hours(1)});
    story_.reports("lamp-1", "1").reports("lamp-1", "2");
    append();
    now_ = story_.time() + hours(10);
    {
        Shell person(file_);
        person.rows("BEGIN IMMEDIATE");
        EXPECT_FALSE(step());
        EXPECT_EQ(store_->health().state, Health::State::Degraded);
        EXPECT_THAT(store_->health().sentence, HasSubstr("another process holds its lock"));
    }
    EXPECT_EQ(count("state"), "2");
    keepHouse(now_);
    EXPECT_EQ(store_->health().state, Health::State::Ok);
    EXPECT_EQ(count("state"), "1");
}

TEST_F(HousekeepingTest, AChoreThatFailsHoldsUpNoOther) {
    open({.time = hours(1)});
    story_.connects("lamp-1").reports("cam-1", "1").forgets("cam-1").after(hours(2));
    story_.reports("lamp-1", "2");
    append();
    Shell person(file_);
    person.rows("CREATE TRIGGER keep DELETE ON connection BEGIN SELECT RAISE(ABORT, 'kept'); END");
    keepHouse(story_.time());
    EXPECT_EQ(count("forgotten"), "0");
    EXPECT_EQ(states(story_.indexOf("lamp-1")), Strings{"2"});
    EXPECT_EQ(count("connection"), "1");
    EXPECT_THAT(store_->health().sentence, HasSubstr("(kept)"));

    person.rows("DROP TRIGGER keep");
    keepHouse(story_.time());
    EXPECT_EQ(count("connection"), "0");
    EXPECT_EQ(store_->health().state, Health::State::Ok);
}

TEST_F(HousekeepingTest, AFailureIsLoggedOnceAndItsEndToo) {
    open({.time = hours(1)});
    Shell person(file_);
    for (std::size_t lines : {2, 4}) {
        story_.connects("lamp-1");
        append();
        person.rows(
            "CREATE TRIGGER keep DELETE ON connection BEGIN SELECT RAISE(ABORT, 'kept'); END");
        for (int i = 0; i < 3; ++i) keepHouse(story_.time() + hours(2));
        person.rows("DROP TRIGGER keep");
        for (int i = 0; i < 3; ++i) keepHouse(story_.time() + hours(2));
        ASSERT_EQ(logger_.lines().size(), lines);
    }
    EXPECT_EQ(logger_.lines()[2].level, LogLevel::Warning);
    EXPECT_THAT(
        logger_.lines()[2].message,
        HasSubstr("some housekeeping does not work, and will be tried again: cannot write"));
    EXPECT_EQ(logger_.lines()[3].level, LogLevel::Info);
}

// Another program, or a damaged disk, may have left any number as a time.
TEST_F(HousekeepingTest, NoStoredTimeAndNoLimitOverflows) {
    constexpr const char* kNumbers[] = {"9223372036854775807", "-9223372036854775807 - 1"};
    const RetentionLimits longest{.time = std::chrono::milliseconds::max()};
    for (const std::string number : kNumbers) {
        for (const RetentionLimits& limits : {RetentionLimits{.time = hours(1)}, longest}) {
            story_.connects("lamp-1").reports("lamp-1", "1", Timestamp::max()).says("lamp-1", "a");
            append();
            Shell person(file_);
            for (const std::string table : {"state", "connection", "event"}) {
                person.rows("UPDATE " + table + " SET time=" + number);
            }
            person.rows("UPDATE device SET last_seen=" + number + ", connected_at=" + number);
            person.rows("UPDATE progress SET last_time=" + number);
            open(limits);
            EXPECT_GE(recovered_.last_time, kFirstTime);
            EXPECT_LE(recovered_.devices.at(0).last_seen, kLastTime);
            for (const Timestamp now : {Timestamp::min(), story_.time(), Timestamp::max()}) {
                for (int i = 0; i < 3; ++i) (void)store_->maintain(now);
            }
            EXPECT_EQ(store_->health().state, Health::State::Ok);
            EXPECT_FALSE(states(story_.indexOf("lamp-1")).empty());
        }
    }
    EXPECT_EQ(Shell(file_).value("SELECT max(device_time) FROM device_state_snapshots"),
              "9999-12-31T23:59:59.999999Z");
}

// Deleting needs room itself, which a full disk must still have.
TEST(HousekeepingOnASmallDisk, HistoryThatIsTooOldMakesRoomForWhatWasRefused) {
    DiskFault disk;
    const fakes::TemporaryFolder folder;
    fakes::RecordingLogger logger;
    SqliteStore store(folder.path() / "hub.db", logger, {.retention = {.time = hours(1)}});
    static_cast<void>(store.recover());
    disk.setRoom(8 << 20);
    EventStory story;
    std::vector<Event> batch;
    Result<void> stored;
    while (stored) {
        for (int i = 0; i < 50; ++i) story.reports("lamp-1", std::string(2'000, 'x'));
        batch = story.take();
        stored = store.append(batch);
    }
    EXPECT_THAT(stored.error().message, HasSubstr("the disk is full; free some space"));
    (void)store.maintain(story.time());
    EXPECT_FALSE(store.append(batch).ok()) << "nothing is old yet";

    int attempts = 0;
    while (!store.append(batch).ok()) {
        ASSERT_LT(++attempts, 20) << store.health().sentence;
        (void)store.maintain(story.time() + hours(2));
    }
    EXPECT_EQ(Shell(folder.path() / "hub.db").value("SELECT max(seq) FROM state"),
              std::to_string(story.sequence()));
    EXPECT_EQ(Shell(folder.path() / "hub.db").value("PRAGMA integrity_check"), "ok");
}

// Nothing is appended that would fail: deleting alone has to make its room.
TEST(HousekeepingOnASmallDisk, HistoryThatIsTooOldGoesWhileNothingIsAppendedToo) {
    DiskFault disk;
    const fakes::TemporaryFolder folder;
    fakes::RecordingLogger logger;
    SqliteStore store(folder.path() / "hub.db", logger, {.retention = {.time = hours(1)}});
    static_cast<void>(store.recover());
    EventStory story;
    for (int i = 0; i < 600; ++i) {
        story.reports("lamp-1", std::string(2'000, 'x'));
        if (i % 50 == 49) {
            ASSERT_TRUE(store.append(story.take()).ok());
        }
    }
    disk.setRoom(0);
    for (int i = 0; i < 20; ++i) (void)store.maintain(story.time() + hours(2));
    EXPECT_EQ(store.health().sentence, "");
    EXPECT_EQ(Shell(folder.path() / "hub.db").value("SELECT count(*) FROM state"), "1");
}

}  // namespace
}  // namespace hub::sqlite_store
