#include "sqlite_store.h"

#include "contract/event_story.h"
#include "disk_fault.h"
#include "fakes/recording_logger.h"
#include "fakes/temporary_folder.h"
#include "memory_fault.h"
#include "shell.h"
#include "sqlite_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <type_traits>

namespace hub::sqlite_store {
namespace {

using contract::EventStory;
using testing::HasSubstr;
using Strings = std::vector<std::string>;

static_assert(!std::is_copy_constructible_v<SqliteStore>);

class SqliteStoreTest : public testing::Test {
protected:
    SqliteStoreTest() { open(); }

    void open(SqliteStoreSettings settings = {}) {
        store_.reset();
        store_ = std::make_unique<SqliteStore>(file_, logger_, settings);
        recovered_ = store_->recover();
    }
    void close() { store_.reset(); }

    // Appends what the story has told.
    Result<void> append() { return store_->append(story_.take()); }

    fakes::TemporaryFolder folder_;
    fakes::RecordingLogger logger_;
    std::filesystem::path file_ = folder_.path() / "hub.db";
    EventStory story_;
    std::unique_ptr<SqliteStore> store_;
    Recovery recovered_;
};

TEST_F(SqliteStoreTest, EveryEventIsOneRowInOneHistoryTable) {
    story_.connects("lamp-1").registers("lamp-1", "esp32").reports("lamp-1", "{}");
    story_.says("lamp-1", "collision").says("lamp-1", "heartbeat");
    story_.disconnects("lamp-1", OfflineReason::Lost);
    ASSERT_TRUE(append().ok());
    EXPECT_EQ(Shell(file_).rows("SELECT seq, 'state' FROM state"
                                " UNION ALL SELECT seq, event FROM connection"
                                " UNION ALL SELECT seq, name FROM event ORDER BY seq"),
              (Strings{"1|connected", "2|registration", "3|state", "4|collision", "5|heartbeat",
                       "6|disconnected"}));
}

TEST_F(SqliteStoreTest, ALateChangeLeavesItsCommandAsItStands) {
    story_.connects("lamp-1");
    const CommandNumber number = story_.records({}, 1);
    story_.stands(number, "lamp-1", TargetStatus::Sent);
    const CommandProgress before = story_.progressOf(number);
    story_.stands(number, "lamp-1", TargetStatus::AckSuccess).acknowledgesLate(number, "lamp-1");
    std::vector<Event> batch = story_.take();
    CommandChange late = *batch.back().command;
    late.progress = before;
    batch.back().command = &late;
    ASSERT_TRUE(store_->append(batch).ok());
    EXPECT_EQ(Shell(file_).rows("SELECT status, completed NOT NULL FROM command"),
              Strings{"ack_success|1"});
}

TEST_F(SqliteStoreTest, NothingIsStoredInAFileThatIsGone) {
    story_.reports("lamp-1", "{}");
    ASSERT_TRUE(append().ok());
    std::filesystem::rename(file_, folder_.path() / "elsewhere.db");
    story_.reports("lamp-1", "{}");
    const Result<void> stored = append();
    ASSERT_FALSE(stored.ok());
    EXPECT_EQ(stored.error().kind, Error::Kind::Unavailable);
    EXPECT_THAT(stored.error().message, HasSubstr("was deleted, moved or replaced"));
    EXPECT_FALSE(std::filesystem::exists(file_));
}

TEST_F(SqliteStoreTest, StoringGoesOnWhenTheFileIsPutBack) {
    std::filesystem::rename(file_, folder_.path() / "elsewhere.db");
    story_.reports("lamp-1", "{}");
    const auto told = story_.take();
    ASSERT_FALSE(store_->append(told).ok());
    std::filesystem::rename(folder_.path() / "elsewhere.db", file_);
    ASSERT_TRUE(store_->append(told).ok());
}

TEST_F(SqliteStoreTest, AReaderNeverMakesAFile) {
    story_.reports("lamp-1", "{}");
    ASSERT_TRUE(append().ok());
    const SqliteHistory history(file_, 1, store_->heads());
    std::filesystem::rename(file_, folder_.path() / "elsewhere.db");
    EXPECT_FALSE(history.states({}, [](const StateRow&) { return true; }).ok());
    EXPECT_FALSE(std::filesystem::exists(file_));
}

TEST_F(SqliteStoreTest, ACleanEndLeavesOneFile) {
    story_.reports("lamp-1", "{}");
    ASSERT_TRUE(append().ok());
    close();
    EXPECT_TRUE(std::filesystem::exists(file_));
    EXPECT_FALSE(std::filesystem::exists(file_.string() + "-wal"));
}

TEST_F(SqliteStoreTest, ACleanEndStoresTheHeads) {
    story_.connects("lamp-1").reports("lamp-1", "{}").says("cam-1", "alert");
    ASSERT_TRUE(append().ok());
    EXPECT_EQ(Shell(file_).value("SELECT count(*) FROM head"), "0");
    close();
    EXPECT_EQ(Shell(file_).rows("SELECT * FROM head"), (Strings{"0|2|1|0|0", "1|0|0|3|0"}));
}

TEST_F(SqliteStoreTest, TheHeadsAreStoredFromTimeToTime) {
    open({.heads_interval = 5});
    story_.reports("lamp-1", "1")
        .reports("lamp-1", "2")
        .reports("cam-1", "3")
        .reports("cam-1", "4");
    ASSERT_TRUE(append().ok());
    EXPECT_EQ(Shell(file_).value("SELECT count(*) FROM head"), "0");
    story_.reports("cam-1", "5");
    ASSERT_TRUE(append().ok());
    EXPECT_EQ(Shell(file_).rows("SELECT device, state FROM head"), (Strings{"0|2", "1|5"}));
    story_.reports("cam-1", "6");
    ASSERT_TRUE(append().ok());
    EXPECT_EQ(Shell(file_).rows("SELECT device, state FROM head"), (Strings{"0|2", "1|5"}));
}

TEST_F(SqliteStoreTest, ABatchOfManyThousandIsOneTransaction) {
    for (int i = 0; i < 20'000; ++i) {
        story_.reports("lamp-" + std::to_string(i % 300), R"({"n":)" + std::to_string(i) + "}");
    }
    ASSERT_TRUE(append().ok());
    EXPECT_EQ(Shell(file_).value("SELECT count(*), count(DISTINCT device), max(seq) FROM state"),
              "20000|300|20000");
}

TEST_F(SqliteStoreTest, TextsAreStoredByteForByte) {
    const std::string state = "{\"name\":\"M\xc3\xbcller \xf0\x9f\x8c\xa6\",\"quote\":\"it's\"}";
    story_.reports("lamp-1", state).reports("lamp-1", "");
    ASSERT_TRUE(append().ok());
    EXPECT_EQ(Shell(file_).rows("SELECT state_data FROM state ORDER BY seq"), (Strings{state, ""}));
}

TEST_F(SqliteStoreTest, ALockOfAnotherProcessIsWaitedForThenNamed) {
    story_.reports("lamp-1", "1");
    ASSERT_TRUE(append().ok());
    story_.reports("lamp-1", "2");
    const auto batch = story_.take();
    {
        Shell person(file_);
        person.rows("BEGIN IMMEDIATE");
        const auto result = store_->append(batch);
        ASSERT_FALSE(result.ok());
        EXPECT_EQ(result.error().kind, Error::Kind::Unavailable);
        EXPECT_EQ(result.error().message,
                  "cannot write to " + file_.string() +
                      ": another process holds its lock; end it, for instance a sqlite3 shell "
                      "inside a transaction");
        EXPECT_EQ(store_->health().state, Health::State::Degraded);
        EXPECT_EQ(store_->health().sentence, result.error().message);
    }
    EXPECT_TRUE(store_->append(batch).ok());
    EXPECT_EQ(store_->health().state, Health::State::Ok);
    EXPECT_EQ(Shell(file_).value("SELECT count(*) FROM state"), "2");
}

// Somebody else's rows stand where ours should go: told, not overwritten, and over once they are
// gone.
TEST_F(SqliteStoreTest, ARowOfAnotherProgramIsReportedNotOverwritten) {
    story_.reports("lamp-1", "1");
    ASSERT_TRUE(append().ok());
    Shell(file_).rows("INSERT INTO state VALUES(2, 0, 0, 1, NULL, NULL, '\"not ours\"')");
    story_.reports("lamp-1", "2").connects("new-1");
    const auto batch = story_.take();
    const auto result = store_->append(batch);
    ASSERT_FALSE(result.ok());
    EXPECT_THAT(result.error().message, HasSubstr("no other program writes to this file"));
    EXPECT_EQ(Shell(file_).value("SELECT state_data FROM state WHERE seq=2"), "\"not ours\"");

    Shell(file_).rows("DELETE FROM state WHERE seq=2");
    EXPECT_TRUE(store_->append(batch).ok());
    EXPECT_EQ(Shell(file_).value("SELECT count(*) FROM device"), "2");
}

TEST_F(SqliteStoreTest, ADeviceOfAnotherProgramIsReportedNotOverwritten) {
    Shell(file_).rows(
        "INSERT INTO device VALUES(7, 'lamp-1', 'x', '{}', '', 0, '', 0, 0, 0, 0, 0)");
    story_.connects("lamp-1").disconnects("lamp-1", OfflineReason::Closed);
    const auto batch = story_.take();
    EXPECT_FALSE(store_->append(batch).ok());
    EXPECT_EQ(Shell(file_).value("SELECT device_type FROM device"), "x");

    Shell(file_).rows("DELETE FROM device");
    EXPECT_TRUE(store_->append(batch).ok());
    EXPECT_EQ(Shell(file_).value("SELECT offline_reason FROM device"), "closed");
}

TEST_F(SqliteStoreTest, ALargeWriteAheadLogIsNamed) {
    EXPECT_EQ(store_->health().state, Health::State::Ok);
    close();
    std::ofstream(file_.string() + "-wal").flush();
    std::filesystem::resize_file(file_.string() + "-wal", 600ULL << 20);  // sparse
    const SqliteStore store(file_, logger_);
    EXPECT_EQ(store.health().state, Health::State::Degraded);
    EXPECT_THAT(store.health().sentence, HasSubstr("hub.db-wal has grown to 600 MiB"));
}

// The write-ahead log is taken away while the store runs, as an operator does who takes it for a
// leftover. What is acknowledged must outlive a crash all the same.
class WriteAheadLog : public SqliteStoreTest {
protected:
    WriteAheadLog() {
        story_.reports("lamp-1", "1").reports("lamp-1", "2");
        EXPECT_TRUE(append().ok());
    }

    // Appends another state, and tells whether it was taken.
    bool appendOne() {
        story_.reports("lamp-1", "more");
        return append().ok();
    }

    // How many states a start would find now, had the process been killed.
    std::string statesAfterACrash() const {
        const fakes::TemporaryFolder elsewhere;
        const auto copy = elsewhere.path() / "hub.db";
        std::filesystem::copy(file_, copy);
        if (std::filesystem::exists(log_)) std::filesystem::copy(log_, copy.string() + "-wal");
        Shell shell(copy);
        EXPECT_EQ(shell.value("PRAGMA integrity_check"), "ok");
        return shell.value("SELECT count(*) FROM state");
    }

    std::filesystem::path log_ = file_.string() + "-wal";
};

TEST_F(WriteAheadLog, ThatWasDeletedCostsNothingAcknowledged) {
    std::filesystem::remove(log_);
    EXPECT_TRUE(appendOne());
    EXPECT_EQ(statesAfterACrash(), "3");
    EXPECT_TRUE(appendOne());
    EXPECT_EQ(statesAfterACrash(), "4");
    ASSERT_EQ(logger_.lines().size(), 1U);
    EXPECT_EQ(logger_.lines().front().message,
              "the write-ahead log of " + file_.string() +
                  " was deleted, moved or replaced while the hub runs: what it held is now in the "
                  "database, nothing is lost; leave the files beside it to the hub");
}

TEST_F(WriteAheadLog, ThatWasDeletedIsNoticedWhileNothingHappensToo) {
    std::filesystem::remove(log_);
    static_cast<void>(store_->maintain(story_.time()));
    EXPECT_EQ(statesAfterACrash(), "2");
}

TEST_F(WriteAheadLog, ThatWasDeletedIsNoticedAtTheEndToo) {
    Shell reader(file_);  // else closing the last connection would do
    static_cast<void>(reader.rows("SELECT 1 FROM state"));
    std::filesystem::remove(log_);
    close();
    EXPECT_EQ(statesAfterACrash(), "2");
}

TEST_F(WriteAheadLog, AnOlderCopyOfItIsNotPutOverWhatIsNewer) {
    Shell reader(file_);  // else closing the last connection would take the copy away
    static_cast<void>(reader.rows("SELECT 1 FROM state"));
    const auto copy = folder_.path() / "copy";
    std::filesystem::copy(log_, copy);
    EXPECT_TRUE(appendOne());
    std::filesystem::remove(log_);
    std::filesystem::rename(copy, log_);
    EXPECT_TRUE(appendOne());
    EXPECT_EQ(statesAfterACrash(), "4");
    EXPECT_TRUE(appendOne());
    EXPECT_EQ(statesAfterACrash(), "5");
}

TEST_F(WriteAheadLog, IsWaitedForWhileSomebodyReadsFromIt) {
    Shell reader(file_);
    static_cast<void>(reader.rows("BEGIN; SELECT count(*) FROM state"));
    EXPECT_TRUE(appendOne());  // so that the reader does not read the newest
    std::filesystem::remove(log_);
    story_.reports("lamp-1", "more");
    const auto batch = story_.take();
    const auto result = store_->append(batch);
    ASSERT_FALSE(result.ok());
    EXPECT_THAT(result.error().message, HasSubstr("another process holds its lock"));
    static_cast<void>(reader.rows("COMMIT"));
    ASSERT_TRUE(store_->append(batch).ok());
    EXPECT_EQ(statesAfterACrash(), "4");
}

TEST_F(WriteAheadLog, ReadersGoOnWithTheNewOne) {
    const SqliteHistory history(file_, 1, store_->heads());
    const auto rows = [&history] {
        int count = 0;
        const auto visit = [&count](const StateRow&) { return ++count > 0; };
        EXPECT_TRUE(history.states({.device = DeviceIndex{0}}, visit).ok());
        return count;
    };
    EXPECT_EQ(rows(), 2);
    std::filesystem::remove(log_);
    EXPECT_TRUE(appendOne());
    EXPECT_EQ(rows(), 3);
    EXPECT_TRUE(appendOne());
    EXPECT_EQ(rows(), 4);
    EXPECT_EQ(statesAfterACrash(), "4");
}

// Nothing that was acknowledged goes with the process, though the log cannot be emptied.
TEST_F(WriteAheadLog, IsPutBackWhenTheEndComesWhileSomebodyReadsFromIt) {
    Shell reader(file_);
    static_cast<void>(reader.rows("BEGIN; SELECT count(*) FROM state"));
    EXPECT_TRUE(appendOne());
    std::filesystem::remove(log_);
    close();
    EXPECT_EQ(statesAfterACrash(), "3");
    static_cast<void>(reader.rows("COMMIT"));
    open();
    EXPECT_EQ(recovered_.last_sequence, 3U);
    EXPECT_TRUE(appendOne());
    EXPECT_EQ(statesAfterACrash(), "4");
}

TEST_F(WriteAheadLog, IsPutBackWhileItIsWaitedFor) {
    Shell reader(file_);
    static_cast<void>(reader.rows("BEGIN; SELECT count(*) FROM state"));
    EXPECT_TRUE(appendOne());
    std::filesystem::remove(log_);
    for (int i = 0; i < 3; ++i) {
        static_cast<void>(store_->maintain(story_.time()));
        EXPECT_EQ(statesAfterACrash(), "3");
    }
    EXPECT_FALSE(appendOne());
    EXPECT_EQ(statesAfterACrash(), "3");
}

// Such a copy is not in WAL mode, so it has no log until something is read in that mode.
TEST_F(WriteAheadLog, OfABackupIsNotMissed) {
    const auto copy = folder_.path() / "copy.db";
    static_cast<void>(Shell(file_).rows("VACUUM INTO '" + copy.string() + "'"));
    SqliteStore store(copy, logger_);
    EXPECT_EQ(store.recover().last_sequence, 2U);
    static_cast<void>(store.maintain(story_.time()));
    EXPECT_TRUE(logger_.lines().empty());
}

// The disk fails at the first, the second, ... call while the log is being rescued: its connection
// is the only one that can read it, and must be kept.
TEST_F(WriteAheadLog, IsKeptWhileTheDiskFails) {
    close();
    DiskFault disk;
    int failures = 0;
    int states = 2;
    for (int calls = 0; failures == calls; ++calls) {
        SCOPED_TRACE("after " + std::to_string(calls) + " calls");
        open();
        ASSERT_TRUE(appendOne());
        std::filesystem::remove(log_);
        story_.reports("lamp-1", "more");
        const auto batch = story_.take();
        disk.failAfter(calls, EIO);
        if (!store_->append(batch).ok()) {
            ++failures;
            static_cast<void>(store_->append(batch));
        }
        disk.repair();
        ASSERT_TRUE(store_->append(batch).ok());
        states += 2;
        ASSERT_EQ(statesAfterACrash(), std::to_string(states));
    }
    close();
    EXPECT_GT(failures, 3);
}

TEST_F(SqliteStoreTest, GivesMemoryBackWhenNothingHappens) {
    for (int i = 0; i < 50'000; ++i) story_.reports("lamp-1", std::string(200, 'x'));
    ASSERT_TRUE(append().ok());
    const auto busy = sqlite3_memory_used();
    ASSERT_GT(busy, 4 << 20);
    for (int steps = 0; steps < 2; ++steps) static_cast<void>(store_->maintain(story_.time()));
    EXPECT_LT(sqlite3_memory_used(), busy / 4);
}

TEST_F(SqliteStoreTest, ASecondStoreOnTheFileIsRefused) {
    SqliteStore second(file_, logger_);
    try {
        static_cast<void>(second.recover());
        FAIL() << "the file is in use";
    } catch (const DatabaseError& error) {
        EXPECT_THAT(error.what(), HasSubstr("is using it, and holds the lock on"));
    }
}

struct DiskError {
    int number;
    const char* sentence;
};

class SqliteStoreDiskFault : public testing::TestWithParam<DiskError> {
protected:
    // How many states of the only old device there are to read.
    static int rowsIn(const SqliteHistory& history) {
        int count = 0;
        EXPECT_TRUE(
            history.states({.device = DeviceIndex{0}}, [&](const StateRow&) { return ++count > 0; })
                .ok());
        return count;
    }

    DiskFault disk_;
};

// The disk fails at the first, the second, ... write, sync or truncation of a batch: whatever it
// was, nothing of the batch is seen, and it is taken, once, when it is offered again.
TEST_P(SqliteStoreDiskFault, AtAnyCallOfABatchEndsByItself) {
    int failures = 0;
    for (int calls = 0; failures == calls; ++calls) {
        SCOPED_TRACE("after " + std::to_string(calls) + " calls");
        const fakes::TemporaryFolder folder;
        fakes::RecordingLogger logger;
        const auto file = folder.path() / "hub.db";
        EventStory story;
        SqliteStore store(file, logger, {.heads_interval = 50});
        static_cast<void>(store.recover());
        const SqliteHistory history(file, 1, store.heads());
        story.connects("lamp-1").reports("lamp-1", "first");
        ASSERT_TRUE(store.append(story.take()).ok());
        EXPECT_EQ(rowsIn(history), 1);

        for (int i = 0; i < 50; ++i) {
            story.connects("new-" + std::to_string(i)).reports("lamp-1", std::string(500, 'x'));
        }
        const auto batch = story.take();
        disk_.failAfter(calls, GetParam().number);
        const auto result = store.append(batch);
        const auto again = store.append(batch);
        disk_.repair();
        if (!result.ok()) {
            ++failures;
            EXPECT_EQ(result.error().kind, Error::Kind::Unavailable);
            EXPECT_THAT(result.error().message, HasSubstr(GetParam().sentence));
            EXPECT_FALSE(again.ok());
            EXPECT_EQ(store.health().sentence, again.error().message);
            EXPECT_EQ(rowsIn(history), 1);
            ASSERT_TRUE(store.append(batch).ok());
        }
        EXPECT_EQ(store.health().state, Health::State::Ok);
        EXPECT_EQ(rowsIn(history), 51);
        EXPECT_EQ(Shell(file).value("SELECT count(*) FROM device"), "51");
        EXPECT_EQ(Shell(file).value("PRAGMA integrity_check"), "ok");
    }
    EXPECT_GT(failures, 5);
}

// The same while nobody reads: the file's only connection may be closed and opened in between.
TEST_P(SqliteStoreDiskFault, IsOverAfterARestartToo) {
    for (int calls = 0; calls < 16; ++calls) {
        SCOPED_TRACE("after " + std::to_string(calls) + " calls");
        const fakes::TemporaryFolder folder;
        fakes::RecordingLogger logger;
        const auto file = folder.path() / "hub.db";
        EventStory story;
        auto store = std::make_unique<SqliteStore>(file, logger);
        static_cast<void>(store->recover());
        for (int i = 0; i < 20; ++i) {
            story.reports("lamp-1", std::string(2000, 'x'));
        }
        const auto batch = story.take();
        disk_.failAfter(calls, GetParam().number);
        const bool taken = store->append(batch).ok();
        disk_.repair();
        store = std::make_unique<SqliteStore>(file, logger);
        const Recovery recovered = store->recover();
        if (taken) {
            EXPECT_EQ(recovered.last_sequence, 20U);
        }
        ASSERT_TRUE(store->append(batch).ok());
        EXPECT_EQ(Shell(file).value("SELECT count(*), min(seq), max(seq) FROM state"), "20|1|20");
        EXPECT_EQ(Shell(file).value("PRAGMA integrity_check"), "ok");
    }
}

INSTANTIATE_TEST_SUITE_P(Of, SqliteStoreDiskFault,
                         testing::Values(DiskError{ENOSPC, "the disk is full; free some space"},
                                         DiskError{EDQUOT, "the disk is full; free some space"},
                                         DiskError{EROFS, "its file system is read-only"},
                                         DiskError{EIO, "the disk reports an error"}),
                         [](const testing::TestParamInfo<DiskError>& error) {
                             return std::string(strerrorname_np(error.param.number));
                         });

// Memory runs out at the first, the second, ... allocation of a batch, and likewise.
TEST(SqliteStoreFault, AnyAllocationOfABatchMayFail) {
    MemoryFault memory;
    int failures = 0;
    for (int allocations = 0; failures == allocations; ++allocations) {
        const fakes::TemporaryFolder folder;
        fakes::RecordingLogger logger;
        const auto file = folder.path() / "hub.db";
        EventStory story;
        SqliteStore store(file, logger, {.heads_interval = 5});
        static_cast<void>(store.recover());
        const SqliteHistory history(file, 1, store.heads());
        story.connects("lamp-1").reports("lamp-1", "1").reports("lamp-1", "2");
        const CommandNumber open = story.records({}, 1);
        story.stands(open, "lamp-1", TargetStatus::Sent);
        ASSERT_TRUE(store.append(story.take()).ok());

        story.reports("lamp-1", "3").connects("new-1").reports("new-1", "4").says("new-2", "alert");
        story.stands(open, "lamp-1", TargetStatus::AckSuccess);
        story.stands(story.records({}, 1), "lamp-1", TargetStatus::Queued);
        const auto batch = story.take();
        memory.failAfter(allocations);
        const auto result = store.append(batch);
        const bool failed = memory.repair();
        if (failed) ++failures;
        if (!result.ok()) {
            EXPECT_EQ(result.error().kind, Error::Kind::Unavailable);
            EXPECT_EQ(store.health().sentence, result.error().message);
            EXPECT_EQ(Shell(file).value("SELECT count(*) FROM device"), "1");
            const auto again = store.append(batch);
            ASSERT_TRUE(again.ok()) << allocations << ": " << again.error().message;
        }
        std::vector<Sequence> rows;
        EXPECT_TRUE(history
                        .states({.device = DeviceIndex{0}},
                                [&](const StateRow& row) {
                                    rows.push_back(row.sequence);
                                    return true;
                                })
                        .ok());
        EXPECT_EQ(rows, (std::vector<Sequence>{6, 3, 2})) << "after " << allocations;
        EXPECT_EQ(Shell(file).value("SELECT group_concat(device_id) FROM device"),
                  "lamp-1,new-1,new-2");
        EXPECT_EQ(Shell(file).rows("SELECT status FROM command"),
                  (Strings{"ack_success", "queued"}));
        EXPECT_EQ(Shell(file).rows("SELECT seq, prev FROM command_target"),
                  (Strings{"5|0", "10|5", "12|10"}));
    }
    EXPECT_GT(failures, 20);
}

TEST(SqliteStoreFault, AnyAllocationOfTheEndMayFail) {
    MemoryFault memory;
    int failures = 0;
    for (int allocations = 0; failures == allocations; ++allocations) {
        const fakes::TemporaryFolder folder;
        fakes::RecordingLogger logger;
        const auto file = folder.path() / "hub.db";
        EventStory story;
        story.connects("lamp-1").reports("lamp-1", "1");
        auto store = std::make_unique<SqliteStore>(file, logger);
        static_cast<void>(store->recover());
        ASSERT_TRUE(store->append(story.take()).ok());

        memory.failAfter(allocations);
        store.reset();
        if (memory.repair()) ++failures;
        EXPECT_EQ(SqliteStore(file, logger).recover().last_sequence, 2U);
    }
    EXPECT_GT(failures, 5);
}

}  // namespace
}  // namespace hub::sqlite_store
