// The hub is killed behind each event that a day of commands has made, and begins again with what
// its store kept until there: every device of every command still comes to one outcome, what was
// queued is sent once, and nothing else is sent.
#include "command_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace hub::commands {
namespace {

using testing::AnyOf;

CommandRequest requestFor(std::vector<std::string> ids, std::string name) {
    CommandRequest request;
    request.targets.ids = std::move(ids);
    request.name = std::move(name);
    request.queue_offline = true;
    return request;
}

class RestartTest : public testing::Test {
protected:
    using TargetKey = std::pair<CommandNumber, DeviceIndex>;

    // Commands that are acknowledged, refused, queued and sent later, cancelled, and left alone.
    void liveADay() {
        CommandHub hub(store_, devices_, clock_);
        const auto submit = [&hub](const CommandRequest& request) {
            const auto receipt = hub.commands.submit(request);
            EXPECT_TRUE(receipt.ok());
            return receipt->record.command.id;
        };
        const std::string acknowledged = submit(requestFor({"lamp", "fan"}, "acknowledged"));
        hub.acknowledge(lamp_, acknowledged);
        hub.acknowledge(fan_, acknowledged, false);
        (void)submit(requestFor({"lamp", "door"}, "queued"));
        const std::string cancelled = submit(requestFor({"door", "fan"}, "cancelled"));
        EXPECT_TRUE(hub.commands.cancel(cancelled).ok());
        CommandRequest unqueued = requestFor({"door"}, "unreachable");
        unqueued.queue_offline = false;
        (void)submit(unqueued);
        hub.comesOnline(door_);
        hub.drain();
        devices_.setOnline(door_, false);
        (void)submit(requestFor({"door"}, "left alone"));
        hub.drain();
        (void)devices_.takeDelivered();
    }

    // What the store has kept when the hub is killed behind so many events.
    static void keep(const std::vector<fakes::StoredEvent>& day, std::size_t count,
                     fakes::FakeStore& store) {
        for (std::size_t i = 0; i < count; ++i) {
            const fakes::StoredEvent& kept = day[i];
            const CommandChange change{kept.record.get(), kept.progress, kept.target, kept.late};
            Event event = kept.view();
            event.command = &change;
            ASSERT_TRUE(store.append({&event, 1}).ok());
        }
    }

    static std::map<TargetKey, TargetStatus> standingOf(
        const std::vector<fakes::StoredEvent>& events) {
        std::map<TargetKey, TargetStatus> standing;
        for (const fakes::StoredEvent& event : events) {
            if (event.kind != EventKind::CommandTarget || event.late) continue;
            const TargetKey key{event.record->number, event.device};
            const auto [place, added] = standing.emplace(key, event.target);
            EXPECT_TRUE(added || isOpen(place->second)) << "two outcomes";
            place->second = event.target;
        }
        return standing;
    }

    // A recording is one batch, kept as a whole or not at all.
    static bool couldEndHere(const std::vector<fakes::StoredEvent>& day, std::size_t count) {
        if (count == 0 || count == day.size()) return true;
        std::set<TargetKey> told;
        for (std::size_t i = 0; i < count; ++i) told.emplace(day[i].record->number, day[i].device);
        const fakes::StoredEvent& next = day[count];
        return next.kind == EventKind::CommandRecorded ||
               told.contains({next.record->number, next.device});
    }

    fakes::ManualClock clock_;
    fakes::FakeStore store_;
    FakeDirectory devices_;
    const DeviceIndex lamp_ = devices_.add("lamp");
    const DeviceIndex fan_ = devices_.add("fan");
    const DeviceIndex door_ = devices_.add("door", false);
};

TEST_F(RestartTest, EveryDeviceOfEveryCommandEndsOnceWhereverTheHubWasKilled) {
    liveADay();
    const std::vector<fakes::StoredEvent> day = store_.events();
    ASSERT_GT(day.size(), 15U);
    for (std::size_t count = 0; count <= day.size(); ++count) {
        if (!couldEndHere(day, count)) continue;
        SCOPED_TRACE("killed behind event " + std::to_string(count));
        fakes::FakeStore store;
        keep(day, count, store);
        const auto before = standingOf(store.events());
        std::vector<std::string> queued;
        for (const fakes::StoredEvent& event : store.events()) {
            if (event.kind != EventKind::CommandTarget) continue;
            const auto standing = before.at({event.record->number, event.device});
            const std::string word = event.device_id + " " + event.record->command.name;
            if (standing == TargetStatus::Queued && event.target == TargetStatus::Queued) {
                queued.push_back(word);
            }
        }

        devices_.setOnline(door_, false);
        fakes::ManualClock clock;
        CommandHub hub(store, devices_, clock);
        hub.comesOnline(door_);
        hub.settle();
        EXPECT_EQ(devices_.takeDelivered(), queued);
        clock.advance(24h);
        hub.drain();
        const auto after = standingOf(store.events());
        EXPECT_EQ(after.size(), before.size());
        for (const auto& [key, status] : after) {
            const TargetStatus stood = before.at(key);
            if (isOpen(stood)) {
                EXPECT_EQ(status, TargetStatus::Timeout);
            } else {
                EXPECT_EQ(status, stood);
            }
        }
        EXPECT_TRUE(store.recover().commands.empty());
    }
}

}  // namespace
}  // namespace hub::commands
