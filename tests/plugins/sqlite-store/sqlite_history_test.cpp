#include "sqlite_history.h"

#include "command_search.h"
#include "contract/event_story.h"
#include "deadline.h"
#include "fakes/recording_logger.h"
#include "fakes/temporary_folder.h"
#include "past_events.h"
#include "shell.h"
#include "sqlite_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <random>
#include <stdexcept>

namespace hub::sqlite_store {
namespace {

using contract::EventStory;
using Strings = std::vector<std::string>;

class SqliteHistoryTest : public testing::Test {
protected:
    SqliteHistoryTest() { static_cast<void>(store_.recover()); }

    void append() { ASSERT_TRUE(store_.append(story_.take()).ok()); }

    // The numbers of the rows found.
    Strings found(const HistoryQuery& query) const {
        Strings sequences;
        const auto result = history_.states(query, [&](const StateRow& row) {
            sequences.push_back(std::to_string(row.sequence));
            return true;
        });
        EXPECT_TRUE(result.ok()) << result.error().message;
        return sequences;
    }

    // What SQL says the answer is.
    Strings truth(const HistoryQuery& query) {
        std::string sql = "SELECT seq FROM state WHERE device=" +
                          std::to_string(static_cast<std::uint32_t>(query.device));
        if (query.since) {
            sql += " AND time>=" + std::to_string(query.since->time_since_epoch().count());
        }
        if (query.until) {
            sql += " AND time<=" + std::to_string(query.until->time_since_epoch().count());
        }
        if (query.before != 0) {
            sql += " AND seq<" + std::to_string(query.before);
        }
        return shell_.rows(sql + " ORDER BY seq DESC LIMIT " + std::to_string(query.limit));
    }

    fakes::TemporaryFolder folder_;
    fakes::RecordingLogger logger_;
    std::filesystem::path file_ = folder_.path() / "hub.db";
    EventStory story_;
    SqliteStore store_{file_, logger_};
    SqliteHistory history_{file_, 1, store_.heads()};
    Shell shell_{file_};
};

TEST_F(SqliteHistoryTest, NothingIsOpenedBeforeThereIsSomethingToRead) {
    const SqliteHistory nowhere(folder_.path() / "missing" / "hub.db", 1, store_.heads());
    EXPECT_TRUE(nowhere.states({}, [](const StateRow&) { return true; }).ok());
}

TEST_F(SqliteHistoryTest, AFileThatCannotBeOpenedIsAnErrorNotAThrow) {
    story_.reports("lamp-1", "1");
    append();
    const SqliteHistory nowhere(folder_.path() / "missing" / "hub.db", 1, store_.heads());
    for (int i = 0; i < 2; ++i) {  // more often than there are readers
        const auto result = nowhere.states({}, [](const StateRow&) { return true; });
        ASSERT_FALSE(result.ok());
        EXPECT_EQ(result.error().kind, Error::Kind::Unavailable);
        EXPECT_THAT(result.error().message,
                    testing::HasSubstr("cannot open " + folder_.path().string()));
    }
}

TEST_F(SqliteHistoryTest, WhenAllReadersStayBusyTheReasonIsTold) {
    story_.reports("lamp-1", "1");
    append();
    std::string message;
    const auto result = history_.states({}, [&](const StateRow&) {
        const auto nested = history_.states({}, [](const StateRow&) { return true; });
        message = nested.ok() ? "" : nested.error().message;
        return true;
    });
    EXPECT_TRUE(result.ok());
    EXPECT_THAT(message, testing::HasSubstr("all 1 readers are busy; try again, or raise"));
}

TEST_F(SqliteHistoryTest, OneReadSeesOneStateOfTheStore) {
    story_.reports("lamp-1", "1").reports("lamp-1", "2").reports("lamp-1", "3");
    append();
    int rows = 0;
    const auto result = history_.states({}, [&](const StateRow&) {
        if (++rows == 1) {
            shell_.rows("DELETE FROM state WHERE seq < 3");
        }
        return true;
    });
    EXPECT_TRUE(result.ok());
    EXPECT_EQ(rows, 3);
    EXPECT_EQ(found({}), Strings{"3"});
}

// Rows may be deleted from the old end; what leads there then leads nowhere.
TEST_F(SqliteHistoryTest, FindsWhatSqlFindsAlsoWhenOldRowsAreGone) {
    std::mt19937_64 random(11);
    for (int batch = 0; batch < 20; ++batch) {
        for (int i = 0; i < 500; ++i) {
            story_.reports("device-" + std::to_string(random() % 3 * (random() % 3)), "{}");
        }
        append();
    }
    const auto begin = EventStory().time().time_since_epoch().count();
    const auto end = story_.time().time_since_epoch().count();
    const auto anyTime = [&] {
        const auto span = static_cast<std::uint64_t>(end - begin);
        return Timestamp(
            std::chrono::microseconds(begin + static_cast<std::int64_t>(random() % span)));
    };
    for (const std::string oldest : {"1", "2500", "7001", "9990", "20000"}) {
        SCOPED_TRACE("rows from " + oldest + " on");
        shell_.rows("DELETE FROM state WHERE seq < " + oldest);
        for (int i = 0; i < 200; ++i) {
            HistoryQuery query;
            query.device = static_cast<DeviceIndex>(random() % 4);
            query.limit = 1 + random() % 300;
            query.since = random() % 2 == 0 ? std::optional(anyTime()) : std::nullopt;
            query.until = random() % 2 == 0 ? std::optional(anyTime()) : std::nullopt;
            query.before = random() % 2 == 0 ? random() % 11'000 : 0;
            ASSERT_EQ(found(query), truth(query));
        }
    }
}

// It was deleted after the reader asked where to begin, and nothing newer has come.
TEST_F(SqliteHistoryTest, ADeviceWhoseNewestRowIsGoneHasNoHistory) {
    story_.reports("lamp-1", "1");
    append();
    Shell(file_).rows("DELETE FROM state");
    EXPECT_TRUE(found({.device = story_.indexOf("lamp-1")}).empty());
}

TEST_F(SqliteHistoryTest, EventsAreMergedByTheirNumbersAndNotSorted) {
    const auto plan = shell_.rows("EXPLAIN QUERY PLAN " + std::string(kEventsBehind));
    EXPECT_THAT(plan, testing::Contains(testing::HasSubstr("MERGE (UNION ALL)")));
    EXPECT_THAT(plan, testing::Not(testing::Contains(testing::HasSubstr("B-TREE"))));
    for (const std::string& step : plan) {
        EXPECT_THAT(step, testing::Not(testing::HasSubstr("SCAN"))) << step;
    }
}

TEST_F(SqliteHistoryTest, TheChangesOfACommandComeInTheOrderOfTheirIndex) {
    const auto plan = shell_.rows("EXPLAIN QUERY PLAN " + std::string(kChangesOfCommand));
    EXPECT_THAT(
        plan, testing::Contains(testing::HasSubstr("command_target_of (command=? AND device>?)")));
    EXPECT_THAT(plan, testing::Not(testing::Contains(testing::HasSubstr("B-TREE"))));
}

// Time goes on while rows are looked at, so that a read comes to a few of them only.
class SlowHistory : public SqliteHistoryTest {
protected:
    // All that the pages of a query have found, by their numbers, and that there was more than one.
    template <class Query, class Read>
    std::vector<std::uint64_t> paged(Query query, Read read) {
        std::vector<std::uint64_t> found;
        std::size_t pages = 1;
        for (auto cut = read(query, found); cut; cut = read(query, found), ++pages) {
            query.before = *cut;
            if (pages > 1000) throw std::logic_error("it does not get on");
        }
        EXPECT_GT(pages, 2U);
        return found;
    }
    std::vector<std::uint64_t> pagedStates(const HistoryQuery& wanted) {
        return paged(wanted, [this](const HistoryQuery& query, auto& found) {
            return slow_
                .states(query,
                        [&](const StateRow& row) {
                            found.push_back(row.sequence);
                            return true;
                        })
                .value();
        });
    }
    std::vector<std::uint64_t> pagedCommands(const CommandQuery& wanted) {
        return paged(wanted, [this](const CommandQuery& query, auto& found) {
            return slow_
                .commands(query,
                          [&](const CommandRecord& record, const CommandProgress&) {
                              found.push_back(static_cast<std::uint64_t>(record.number));
                              return true;
                          })
                .value();
        });
    }

    std::chrono::milliseconds step_ = Deadline::kPatience / 10;
    SteadyTime now_{};
    SqliteHistory slow_{file_, 1, store_.heads(), [this] { return now_ += step_; }};
};

TEST_F(SlowHistory, StatesAreCutShortAndGoOn) {
    std::vector<std::uint64_t> all;
    for (int i = 0; i < 50; ++i) {
        story_.reports("lamp-1", "{}").reports("lamp-2", "{}");
        all.insert(all.begin(), story_.sequence());
    }
    append();
    EXPECT_EQ(pagedStates({.device = story_.indexOf("lamp-2")}), all);
}

TEST_F(SlowHistory, ARowAtLeastIsVisitedHoweverLongItTakes) {
    story_.reports("lamp-1", "1").reports("lamp-1", "2").reports("lamp-1", "3");
    append();
    step_ = Deadline::kPatience * 2;
    EXPECT_EQ(pagedStates({.device = story_.indexOf("lamp-1")}),
              (std::vector<std::uint64_t>{3, 2, 1}));
}

TEST_F(SlowHistory, CommandsAreCutShortAndGoOn) {
    for (int i = 0; i < 60; ++i) {
        CommandRecord record;
        record.device_type = i % 20 == 0 ? "esp32" : "";
        story_.stands(story_.records(record, 1), i % 2 == 0 ? "lamp-1" : "lamp-2",
                      TargetStatus::Unreachable);
    }
    append();
    const std::vector<std::uint64_t> wanted{41, 21, 1};
    EXPECT_EQ(pagedCommands({.device_type = "esp32"}), wanted);
    EXPECT_EQ(pagedCommands({.device_type = "esp32", .device = story_.indexOf("lamp-1")}), wanted);
}

TEST_F(SlowHistory, ADeviceWithTooManyChangesOfOneCommandIsAnError) {
    const CommandNumber number = story_.records({}, 1);
    story_.stands(number, "lamp-1", TargetStatus::AckSuccess);
    for (int i = 0; i < 50; ++i) story_.acknowledgesLate(number, "lamp-1");
    append();
    const auto read = slow_.commands({.device = story_.indexOf("lamp-1")},
                                     [](const CommandRecord&, const CommandProgress&) {
                                         ADD_FAILURE() << "it may not be the newest one";
                                         return true;
                                     });
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().kind, Error::Kind::Unavailable);
    EXPECT_THAT(read.error().message, testing::HasSubstr("ask for those since some time"));
}

// What is passed over counts too.
TEST_F(SlowHistory, EventsAreCutShortAndGoOn) {
    for (int i = 0; i < 50; ++i) story_.reports("gone", "{}");
    story_.forgets("gone").reports("lamp-1", "{}");
    for (int i = 0; i < 50; ++i) story_.says("lamp-1", "alert");
    append();
    std::vector<Sequence> found;
    std::size_t pages = 0;
    std::optional<Sequence> after = 0;
    while (after && ++pages < 1000) {
        after = slow_
                    .events(*after,
                            [&found](const Event& event) {
                                found.push_back(event.sequence);
                                return true;
                            })
                    .value();
    }
    EXPECT_GT(pages, 5U);
    std::vector<Sequence> told(52);
    std::iota(told.begin(), told.end(), Sequence{51});
    EXPECT_EQ(found, told);
}

TEST_F(SqliteHistoryTest, AChangeThatLeadsToItselfEndsTheSearchForCommands) {
    for (int i = 0; i < 3; ++i) {
        story_.stands(story_.records({}, 1), "lamp-1", TargetStatus::Unreachable);
    }
    append();
    Shell(file_).rows("UPDATE command_target SET prev=6, jump=6 WHERE seq=4");
    int visited = 0;
    EXPECT_TRUE(history_
                    .commands({.device = story_.indexOf("lamp-1")},
                              [&visited](const CommandRecord&, const CommandProgress&) {
                                  ++visited;
                                  return true;
                              })
                    .ok());
    EXPECT_EQ(visited, 2);
}

TEST_F(SqliteHistoryTest, ARowThatLeadsToItselfEndsTheWalk) {
    story_.reports("lamp-1", "1").reports("lamp-1", "2").reports("lamp-1", "3");
    append();
    Shell(file_).rows("UPDATE state SET prev=3, jump=3 WHERE seq=2");
    HistoryQuery query{.device = story_.indexOf("lamp-1")};
    EXPECT_EQ(found(query), (Strings{"3", "2"}));
    query.before = 1;
    EXPECT_TRUE(found(query).empty());
}

}  // namespace
}  // namespace hub::sqlite_store
