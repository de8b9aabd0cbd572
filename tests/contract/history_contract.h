#pragma once

#include "contract/command_contract.h"
#include "contract/events_contract.h"
#include "contract/store_contract.h"
#include "fakes/fake_store.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

// The reading half of the store contract: the suites HistoryContract and RandomHistory, to be
// instantiated like StoreContract.

namespace hub::contract {

// A device with `count` states, payloads 1, 2, ...; the times are a millisecond apart.
class HistoryContract : public StoreContract {
protected:
    void lampReports(int count) {
        for (int i = 1; i <= count; ++i) {
            story_.reports("lamp-1", std::to_string(i));
            times_.push_back(story_.time());
            sequences_.push_back(story_.sequence());
        }
        store();
    }
    // Of the n-th report, counted from 1.
    Timestamp timeOf(std::size_t n) const { return times_[n - 1]; }
    Sequence sequenceOf(std::size_t n) const { return sequences_[n - 1]; }

    std::vector<Timestamp> times_;
    std::vector<Sequence> sequences_;
};

TEST_P(HistoryContract, AnUnknownDeviceHasNoRows) {
    lampReports(1);
    EXPECT_TRUE(states({.device = DeviceIndex{4711}}).empty());
    EXPECT_TRUE(connections({.device = DeviceIndex{4711}}).empty());
}

TEST_P(HistoryContract, ADeviceThatOnlyConnectedHasNoStates) {
    story_.connects("lamp-1");
    store();
    EXPECT_TRUE(states(of("lamp-1")).empty());
}

TEST_P(HistoryContract, StatesComeNewestFirstAndWhole) {
    const Timestamp device_time{std::chrono::microseconds(1'500'000'000'000'042)};
    story_.reports("lamp-1", R"({"on":true})", device_time);
    const Timestamp first = story_.time();
    story_.says("lamp-1", "alert").reports("other", "{}").reports("lamp-1", R"({"on":"\u00e9"})");
    const Timestamp second = story_.time();
    store();
    EXPECT_EQ(states(of("lamp-1")),
              (std::vector<SeenState>{{4, second, std::nullopt, R"({"on":"\u00e9"})"},
                                      {1, first, device_time, R"({"on":true})"}}));
}

TEST_P(HistoryContract, ADevicesOwnTimeMayLieBefore1970) {
    const Timestamp device_time{std::chrono::microseconds(-1)};
    story_.reports("lamp-1", "{}", device_time);
    store();
    EXPECT_EQ(states(of("lamp-1")).at(0).device_time, device_time);
}

TEST_P(HistoryContract, ConnectionsCarryTheirWordAndDetails) {
    story_.connects("lamp-1").disconnects("lamp-1", OfflineReason::Timeout);
    story_.connects("lamp-1").disconnects("lamp-1", OfflineReason::Closed);
    store();
    const auto rows = connections(of("lamp-1"));
    ASSERT_EQ(rows.size(), 4U);
    EXPECT_EQ(rows[0].event, "disconnected");
    EXPECT_EQ(rows[0].details, R"({"reason":"closed"})");
    EXPECT_EQ(rows[1].event, "connected");
    EXPECT_EQ(rows[1].details, R"({"link":1})");
    EXPECT_EQ(rows[2].event, "timeout");
    EXPECT_EQ(rows[2].details, R"({"reason":"timeout"})");
    EXPECT_EQ(rows[3].sequence, 1U);
}

TEST_P(HistoryContract, TheLimitTakesTheNewest) {
    lampReports(5);
    EXPECT_EQ(payloads({.device = of("lamp-1").device, .limit = 2}), (Strings{"5", "4"}));
    EXPECT_EQ(payloads({.device = of("lamp-1").device, .limit = 5}).size(), 5U);
    EXPECT_EQ(payloads({.device = of("lamp-1").device, .limit = 6}).size(), 5U);
}

TEST_P(HistoryContract, NoMoreThanAThousandRowsComeAtOnce) {
    lampReports(1001);
    EXPECT_EQ(payloads({.device = of("lamp-1").device, .limit = 5000}).size(), 1000U);
}

TEST_P(HistoryContract, SinceAndUntilIncludeTheirInstant) {
    lampReports(9);
    HistoryQuery query = of("lamp-1");
    query.since = timeOf(3);
    query.until = timeOf(5);
    EXPECT_EQ(payloads(query), (Strings{"5", "4", "3"}));
    query.since = timeOf(3) + std::chrono::microseconds(1);
    query.until = timeOf(5) - std::chrono::microseconds(1);
    EXPECT_EQ(payloads(query), Strings{"4"});
}

TEST_P(HistoryContract, SinceAloneAndUntilAloneBoundOneSide) {
    lampReports(9);
    HistoryQuery newer = of("lamp-1");
    newer.since = timeOf(8);
    EXPECT_EQ(payloads(newer), (Strings{"9", "8"}));
    HistoryQuery older = of("lamp-1");
    older.until = timeOf(2);
    EXPECT_EQ(payloads(older), (Strings{"2", "1"}));
}

TEST_P(HistoryContract, ARangeWithoutRowsIsEmpty) {
    lampReports(9);
    HistoryQuery later = of("lamp-1");
    later.since = timeOf(9) + std::chrono::microseconds(1);
    EXPECT_TRUE(states(later).empty());
    HistoryQuery earlier = of("lamp-1");
    earlier.until = timeOf(1) - std::chrono::microseconds(1);
    EXPECT_TRUE(states(earlier).empty());
    HistoryQuery backwards = of("lamp-1");
    backwards.since = timeOf(6);
    backwards.until = timeOf(4);
    EXPECT_TRUE(states(backwards).empty());
}

TEST_P(HistoryContract, BeforeIsExclusiveAndNeedsNoRowOfItsOwn) {
    lampReports(5);
    story_.reports("other", "{}");
    store();
    HistoryQuery query = of("lamp-1");
    query.before = sequenceOf(3);
    EXPECT_EQ(payloads(query), (Strings{"2", "1"}));
    query.before = story_.sequence();
    EXPECT_EQ(payloads(query).front(), "5");
    query.before = story_.sequence() + 1000;
    EXPECT_EQ(payloads(query).front(), "5");
    query.before = sequenceOf(1);
    EXPECT_TRUE(payloads(query).empty());
}

TEST_P(HistoryContract, PagesBySequenceMeetWithoutGapOrRepeat) {
    lampReports(95);
    Strings all;
    HistoryQuery page = of("lamp-1");
    page.limit = 10;
    for (auto rows = states(page); !rows.empty(); rows = states(page)) {
        for (const SeenState& row : rows) {
            all.push_back(row.state);
        }
        page.before = rows.back().sequence;
    }
    EXPECT_EQ(all, payloads({.device = page.device, .limit = 1000}));
    EXPECT_EQ(all.size(), 95U);
}

TEST_P(HistoryContract, AVisitEndsWhenTheVisitorHasEnough) {
    lampReports(5);
    int visited = 0;
    const auto result =
        subject_->history().states(of("lamp-1"), [&](const StateRow&) { return ++visited < 2; });
    EXPECT_TRUE(result.ok());
    EXPECT_EQ(visited, 2);
}

TEST_P(HistoryContract, AVisitorMayThrowAndTheNextIsServed) {
    lampReports(5);
    for (int i = 0; i < 10; ++i) {
        EXPECT_THROW(
            static_cast<void>(subject_->history().states(
                of("lamp-1"), [](const StateRow&) -> bool { throw std::runtime_error("enough"); })),
            std::runtime_error);
    }
    EXPECT_EQ(payloads(of("lamp-1")).size(), 5U);
}

// Every report says how many came before it: readers must at once see all that was taken, and never
// a gap.
TEST_P(HistoryContract, ReadersSeeWholeBatchesWhileTheStoreWrites) {
    constexpr int kBatches = 300;
    lampReports(1);
    std::atomic<int> stored = 1;
    std::atomic<bool> done = false;
    const auto read = [&] {
        while (!done) {
            const int at_least = stored;
            const Strings seen = payloads({.device = DeviceIndex{0}, .limit = 20});
            int expected = std::stoi(seen.at(0));
            EXPECT_GE(expected, at_least);
            for (const std::string& payload : seen) {
                EXPECT_EQ(std::stoi(payload), expected--);
            }
        }
    };
    std::thread first(read);
    std::thread second(read);
    EventStory& story = story_;
    for (int i = 1; i < kBatches; ++i) {
        story.reports("lamp-1", std::to_string(i * 2)).reports("lamp-1", std::to_string(i * 2 + 1));
        EXPECT_TRUE(subject_->store().append(story.take()).ok());
        stored = i * 2 + 1;
    }
    done = true;
    first.join();
    second.join();
}

// Ten thousand events over many devices and commands, in batches of any size, some repeated, some
// refused first, with ends of both kinds in between: the store must answer as the plainest one
// does.
class RandomHistory : public StoreContract {
protected:
    void happens() {
        const std::string device = "device-" + std::to_string(random_() % 7 * (random_() % 7));
        // Often several events at the same time.
        story_.after(std::chrono::microseconds(random_() % 3 == 0 ? 0 : random_() % 5000) -
                     std::chrono::milliseconds(1));
        if (random_() % 60 == 0 && story_.knows(device)) {
            forgets(device);
            return;
        }
        if (random_() % 4 == 0 && story_.knows(device)) {
            commandHappens(device);
            return;
        }
        switch (random_() % 10) {
            case 0:
                story_.connects(device, random_() % 2 == 0 ? "websocket" : "mqtt");
                break;
            case 1:
                story_.disconnects(device, static_cast<OfflineReason>(1 + random_() % 7));
                break;
            case 2:
                story_.registers(device, "type-" + std::to_string(random_() % 3),
                                 random_() % 2 == 0 ? "" : R"({"n":)" + number() + "}");
                break;
            case 3:
                story_.says(device, random_() % 2 == 0 ? "heartbeat" : "alert");
                break;
            default:
                story_.reports(device, R"({"n":)" + number() + "}",
                               random_() % 4 == 0 ? std::optional(story_.time()) : std::nullopt);
        }
    }

    // What is open with the device is cancelled first, as the hub does.
    void forgets(const std::string& device) {
        for (const CommandNumber number : open_) {
            const auto target = story_.targetsOf(number).find(device);
            if (target != story_.targetsOf(number).end() && isOpen(target->second)) {
                story_.stands(number, device, TargetStatus::Cancelled);
            }
        }
        story_.forgets(device);
    }

    void commandHappens(const std::string& device) {
        std::erase_if(open_, [this](CommandNumber number) {
            return story_.progressOf(number).completed.has_value();
        });
        if (open_.empty() || random_() % 3 == 0) {
            records(device);
            return;
        }
        const CommandNumber number = open_[random_() % open_.size()];
        for (const auto& [target, status] : story_.targetsOf(number)) {
            if (isOpen(status)) {
                story_.stands(number, target,
                              static_cast<TargetStatus>(random_() % kTargetStatuses),
                              R"({"n":)" + this->number() + "}");
            } else if (random_() % 8 == 0 && story_.knows(target)) {
                story_.acknowledgesLate(number, target);
            } else {
                continue;
            }
            return;
        }
    }

    // A command for `device` and, at times, for another one that is known, or for nobody.
    void records(const std::string& device) {
        CommandRecord record;
        record.command.name = "go";
        record.command.payload = R"({"n":)" + number() + "}";
        record.device_type = random_() % 2 == 0 ? "" : "type-" + std::to_string(random_() % 3);
        record.idempotency_key = random_() % 3 == 0 ? "" : "key-" + number();
        record.request_digest = random_();
        std::set<std::string> devices{device};
        const std::string other = "device-" + std::to_string(random_() % 7);
        if (story_.knows(other)) devices.insert(other);
        if (random_() % 20 == 0) devices.clear();
        const CommandNumber number =
            story_.records(std::move(record), static_cast<std::uint32_t>(devices.size()));
        for (const std::string& target : devices) {
            story_.stands(number, target,
                          random_() % 3 == 0 ? TargetStatus::Queued : TargetStatus::Pending);
        }
        open_.push_back(number);
    }

    CommandQuery anyCommands() {
        CommandQuery query;
        query.limit = random_() % 4 == 0 ? 1000 : 1 + random_() % 50;
        if (random_() % 2 == 0) query.device = static_cast<DeviceIndex>(random_() % 150);
        if (random_() % 4 == 0) query.status = static_cast<CommandStatus>(random_() % 12);
        if (random_() % 4 == 0) query.device_type = "type-" + std::to_string(random_() % 3);
        if (random_() % 8 == 0) query.idempotency_key = "key-" + number();
        if (random_() % 8 == 0) query.id = "command-" + number();
        if (random_() % 4 == 0) query.before = anyCommand();
        if (random_() % 4 == 0) query.since = anyTime();
        if (random_() % 4 == 0) query.until = anyTime();
        return query;
    }
    CommandNumber anyCommand() { return static_cast<CommandNumber>(1 + random_() % 1000); }

    void storesABatch() {
        const std::size_t size = 1 + random_() % (random_() % 5 == 0 ? 700 : 40);
        for (std::size_t i = 0; i < size; ++i) {
            happens();
        }
        batch_ = story_.take();
        if (random_() % 8 == 0) {
            subject_->breakDisk();
            EXPECT_FALSE(subject_->store().append(batch_).ok());
            subject_->repairDisk();
        }
        const auto result = subject_->store().append(batch_);
        ASSERT_TRUE(result.ok()) << result.error().message;
        ASSERT_TRUE(model_.append(batch_).ok());
        if (random_() % 8 == 0) {
            ASSERT_TRUE(subject_->store().append(batch_).ok());
        }
        if (random_() % 8 == 0) {
            static_cast<void>(subject_->store().maintain(story_.time()));
        }
        if (random_() % 12 == 0) {
            reopen(random_() % 2 == 0 ? End::Clean : End::Crash);
            ASSERT_EQ(describe(recovered_), describe(model_.recover()));
        }
    }

    HistoryQuery anything() {
        HistoryQuery query;
        query.device = static_cast<DeviceIndex>(random_() % 150);
        query.limit = random_() % 4 == 0 ? 1000 : 1 + random_() % 50;
        if (random_() % 2 == 0) {
            query.before = 1 + random_() % (story_.sequence() + 10);
        }
        if (random_() % 2 == 0) {
            query.until = anyTime();
        }
        if (random_() % 2 == 0) {
            query.since = anyTime();
        }
        return query;
    }

    Timestamp anyTime() {
        const auto span = story_.time() - EventStory().time();
        return EventStory().time() +
               std::chrono::microseconds(static_cast<std::int64_t>(
                   random_() % static_cast<std::uint64_t>(span.count() + 1000)));
    }
    std::string number() { return std::to_string(random_() % 1000); }

    std::mt19937_64 random_;
    std::vector<CommandNumber> open_;
    fakes::FakeStore model_;
    std::vector<Event> batch_;
};

TEST_P(RandomHistory, AnswersAsThePlainestStoreDoes) {
    for (const unsigned seed : {1U, 2U, 3U}) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        random_.seed(seed);
        const Sequence goal = story_.sequence() + 3'400;
        while (story_.sequence() < goal && !HasFatalFailure()) {
            storesABatch();
        }
        for (int i = 0; i < 300 && !HasFailure(); ++i) {
            const HistoryQuery query = anything();
            ASSERT_EQ(states(query), statesIn(model_, query));
            ASSERT_EQ(connections(query), connectionsIn(model_, query));
        }
        const History& history = subject_->history();
        for (int i = 0; i < 300 && !HasFailure(); ++i) {
            const CommandQuery query = anyCommands();
            ASSERT_EQ(commandsIn(history, query), commandsIn(model_, query));
            const std::string id = "command-" + number();
            const auto from = static_cast<DeviceIndex>(random_() % 2 == 0 ? 0 : random_() % 150);
            ASSERT_EQ(commandIn(history, id, from), commandIn(model_, id, from));
        }
        ASSERT_EQ(eventsIn(history, 0), eventsIn(model_, 0));
        for (int i = 0; i < 50 && !HasFailure(); ++i) {
            const Sequence after = random_() % (story_.sequence() + 10);
            ASSERT_EQ(eventsIn(history, after, 100), eventsIn(model_, after, 100));
        }
    }
}

}  // namespace hub::contract
