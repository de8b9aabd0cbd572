#pragma once

#include "contract/store_contract.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

// What a store promises of the events behind a number: the suite EventsContract, to be instantiated
// like StoreContract.

namespace hub::contract {

inline std::string_view kindText(EventKind kind) {
    switch (kind) {
        case EventKind::Connected:
            return "Connected";
        case EventKind::Disconnected:
            return "Disconnected";
        case EventKind::Registration:
            return "Registration";
        case EventKind::Status:
            return "Status";
        case EventKind::Message:
            return "Message";
        case EventKind::Forgotten:
            return "Forgotten";
        case EventKind::CommandRecorded:
            return "CommandRecorded";
        case EventKind::CommandTarget:
            return "CommandTarget";
    }
    return "";
}

// All that History::events promises of one event.
inline std::string describe(const Event& event) {
    return "#" + std::to_string(event.sequence) + " " + formatTimestamp(event.time) + " " +
           std::string(kindText(event.kind)) + " " +
           std::to_string(static_cast<std::uint32_t>(event.device)) + " " + topicOf(event) + " " +
           std::string(event.payload) + (event.command == nullptr ? "" : " with its change");
}

// The first `limit` events behind `after`.
inline std::vector<std::string> eventsIn(const History& history, Sequence after,
                                         std::size_t limit = 100'000) {
    std::vector<std::string> seen;
    const auto result = history.events(after, [&](const Event& event) {
        seen.push_back(describe(event));
        return seen.size() < limit;
    });
    EXPECT_TRUE(result.ok()) << result.error().message;
    return seen;
}

class EventsContract : public StoreContract {
protected:
    // What the story has told is stored, and is what a reader sees of it.
    Strings storeAndDescribe() {
        const std::vector<Event> batch = story_.take();
        Strings told;
        for (Event event : batch) {
            event.command = nullptr;
            if (event.kind != EventKind::CommandRecorded) told.push_back(describe(event));
        }
        EXPECT_TRUE(subject_->store().append(batch).ok());
        return told;
    }
    Strings events(Sequence after, std::size_t limit = 100'000) const {
        return eventsIn(subject_->history(), after, limit);
    }
};

TEST_P(EventsContract, AnEmptyStoreHasNone) { EXPECT_TRUE(events(0).empty()); }

TEST_P(EventsContract, ComeInTheirOrderAsTheyWerePublished) {
    story_.connects("lamp-1").registers("lamp-1", "esp32", R"({"room":2})");
    story_.reports("lamp-1", R"({"on":true})", story_.time())
        .says("cam-1", "collision", R"({"a":1})");
    story_.says("lamp-1", "heartbeat").reports("cam-1", R"({"text":"é"})").reports("cam-1", "{}");
    const CommandNumber number = story_.records({}, 1);
    story_.stands(number, "lamp-1", TargetStatus::Pending, R"({"status":"pending"})");
    story_.reports("lamp-1", "{}").stands(number, "lamp-1", TargetStatus::AckSuccess);
    story_.acknowledgesLate(number, "lamp-1");
    story_.disconnects("lamp-1", OfflineReason::Timeout);
    story_.disconnects("cam-1", OfflineReason::Lost);
    const Strings told = storeAndDescribe();
    ASSERT_EQ(told.size(), 13U);
    for (const auto end : {End::Crash, End::Clean}) {
        EXPECT_EQ(events(0), told);
        reopen(end);
    }
    EXPECT_EQ(events(0), told);
}

TEST_P(EventsContract, BeginBehindANumber) {
    story_.connects("lamp-1").reports("lamp-1", "1").says("lamp-1", "alert").reports("lamp-1", "2");
    const Strings told = storeAndDescribe();
    for (Sequence after = 0; after <= 4; ++after) {
        EXPECT_EQ(events(after), Strings(told.begin() + static_cast<int>(after), told.end()));
    }
    EXPECT_TRUE(events(5).empty());
    EXPECT_TRUE(events(std::numeric_limits<Sequence>::max()).empty());
}

TEST_P(EventsContract, EndWhenTheVisitorHasEnough) {
    for (int i = 0; i < 10; ++i) story_.reports("lamp-1", "{}").says("lamp-1", "alert");
    const Strings told = storeAndDescribe();
    EXPECT_EQ(events(3, 5), Strings(told.begin() + 3, told.begin() + 8));
}

TEST_P(EventsContract, AVisitorMayThrowAndTheNextIsServed) {
    story_.reports("lamp-1", "1").says("lamp-1", "alert");
    const Strings told = storeAndDescribe();
    for (int i = 0; i < 10; ++i) {
        EXPECT_THROW(static_cast<void>(subject_->history().events(
                         0, [](const Event&) -> bool { throw std::runtime_error("enough"); })),
                     std::runtime_error);
    }
    EXPECT_EQ(events(0), told);
}

TEST_P(EventsContract, TellOfForgottenDevicesOnlyThatTheyWere) {
    story_.connects("lamp-1").reports("lamp-1", "1").says("lamp-1", "alert");
    const CommandNumber number = story_.records({}, 1);
    story_.stands(number, "lamp-1", TargetStatus::Sent);
    story_.stands(number, "lamp-1", TargetStatus::Cancelled).forgets("lamp-1");
    Strings told{storeAndDescribe().back()};
    story_.connects("lamp-1").reports("cam-1", "2").forgets("cam-1").says("lamp-1", "alert");
    const Strings later = storeAndDescribe();
    told.insert(told.end(), {later[0], later[2], later[3]});
    for (const auto end : {End::Crash, End::Clean}) {
        EXPECT_EQ(events(0), told);
        maintain();
        EXPECT_EQ(events(0), told);
        reopen(end);
    }
}

// Whoever reads on behind what it has, while the store writes, sees all of it once.
TEST_P(EventsContract, AReaderThatFollowsSeesEachEventOnce) {
    constexpr Sequence kEvents = 900;
    std::atomic<Sequence> stored = 0;
    std::thread reader([&] {
        Sequence position = 0;
        while (position < kEvents) {
            const Sequence at_least = stored;
            const Sequence before = position;
            std::size_t visited = 0;
            const auto result = subject_->history().events(position, [&](const Event& event) {
                EXPECT_EQ(event.sequence, position + 1);
                position = event.sequence;
                return ++visited < 100;
            });
            EXPECT_TRUE(result.ok()) << result.error().message;
            EXPECT_GE(position, std::min(at_least, before + 100));
            if (testing::Test::HasFailure()) return;
        }
    });
    while (story_.sequence() < kEvents) {
        story_.reports("lamp-1", "1").says("lamp-1", "alert").connects("cam-1");
        EXPECT_TRUE(subject_->store().append(story_.take()).ok());
        stored = story_.sequence();
    }
    reader.join();
}

}  // namespace hub::contract
