#include "ctl/import/event_batch.h"

#include "fakes/fake_store.h"

#include <gmock/gmock.h>

#include <chrono>
#include <stdexcept>

namespace hub::ctl::importer {
namespace {

using testing::ElementsAre;
using testing::ThrowsMessage;

Event statusAt(int second, std::string_view payload) {
    return {.time = Timestamp(std::chrono::seconds(second)),
            .kind = EventKind::Status,
            .device_id = "lamp",
            .name = "status",
            .payload = payload};
}

TEST(EventBatch, NumbersEventsFromOneAndKeepsTheirTexts) {
    fakes::FakeStore store;
    EventBatch batch(store);
    for (int i = 0; i < 3; ++i) {
        const std::string passing = R"({"n":)" + std::to_string(i) + "}";
        batch.add(statusAt(i, passing));
    }
    EXPECT_TRUE(store.events().empty());
    batch.flush();
    const auto events = store.events();
    ASSERT_EQ(3U, events.size());
    EXPECT_EQ(1U, events[0].sequence);
    EXPECT_EQ(R"({"n":0})", events[0].payload);
    EXPECT_EQ(3U, events[2].sequence);
    EXPECT_EQ(R"({"n":2})", events[2].payload);
    EXPECT_EQ(3U, batch.lastSequence());
}

TEST(EventBatch, GivesTheStoreNoMoreThanItsLimits) {
    fakes::FakeStore store;
    EventBatch batch(store, {.events = 2, .bytes = 100});
    const std::string large(150, ' ');
    for (const std::string& text : {std::string("{}"), std::string("{}"), large}) {
        batch.add(statusAt(1, text));
    }
    EXPECT_THAT(store.batches(), ElementsAre(2U, 1U));
    EXPECT_EQ(large, store.events().back().payload);
    batch.flush();
    EXPECT_THAT(store.batches(), ElementsAre(2U, 1U));
}

TEST(EventBatch, TimeNeverDecreasesWithTheNumber) {
    fakes::FakeStore store;
    EventBatch batch(store);
    batch.add(statusAt(5, "{}"));
    batch.add(statusAt(3, "{}"));
    batch.flush();
    EXPECT_EQ(Timestamp(std::chrono::seconds(5)), store.events()[1].time);
}

TEST(EventBatch, ACommandOutlivesWhoAddedIt) {
    fakes::FakeStore store;
    EventBatch batch(store);
    {
        const CommandRecord record{.number = CommandNumber{7},
                                   .command = {"c-1", "handsup", R"({"speed":3})"}};
        const CommandChange change{.record = &record, .target = TargetStatus::Timeout};
        Event event = statusAt(1, "{}");
        event.kind = EventKind::CommandTarget;
        event.command = &change;
        batch.add(event);
    }
    batch.flush();
    const auto events = store.events();
    ASSERT_TRUE(events[0].record);
    EXPECT_EQ("handsup", events[0].record->command.name);
    EXPECT_EQ(TargetStatus::Timeout, events[0].target);
}

TEST(EventBatch, AStoreThatDoesNotTakeItIsTheEnd) {
    fakes::FakeStore store;
    store.refuse({Error::Kind::Unavailable, "the disk is full"});
    EventBatch batch(store);
    batch.add(statusAt(1, "{}"));
    EXPECT_THAT([&] { batch.flush(); }, ThrowsMessage<std::runtime_error>("the disk is full"));
}

}  // namespace
}  // namespace hub::ctl::importer
