// The hub is killed behind each event that a day of commands has made, and begins again with what
// its store kept until there: every device of every command still comes to one outcome, what is
// kept and not known to be sent is sent once, and nothing else is sent.
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
        unqueued = requestFor({"lamp"}, "not kept");
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
        std::map<DeviceIndex, std::vector<std::string>> unsent;
        for (const fakes::StoredEvent& event : store.events()) {
            if (event.kind != EventKind::CommandTarget) continue;
            const auto standing = before.at({event.record->number, event.device});
            if (event.target != standing || event.record->ttl == 0ms) continue;
            if (standing == TargetStatus::Pending || standing == TargetStatus::Queued) {
                unsent[event.device].push_back(event.device_id + " " + event.record->command.name);
            }
        }

        for (const DeviceIndex device : {lamp_, fan_, door_}) devices_.setOnline(device, false);
        fakes::ManualClock clock;
        CommandHub hub(store, devices_, clock);
        for (const DeviceIndex device : {lamp_, fan_, door_}) {
            hub.comesOnline(device);
            hub.settle();
            EXPECT_EQ(devices_.takeDelivered(), unsent[device]);
        }
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

// The device was told that it is stored, and will not say it again.
TEST_F(RestartTest, AnAcknowledgementThatOnlyItsDevicesHistoryKnowsIsTaken) {
    std::string id;
    {
        CommandHub hub(store_, devices_, clock_);
        id = hub.commands.submit(requestFor({"lamp", "fan"}, "forward"))->record.command.id;
    }
    const std::string document = R"({"message_type":"command_ack","command_id":")" + id +
                                 R"(","status":"error","message":"jammed"})";
    Event ack;
    ack.sequence = store_.events().back().sequence + 1;
    ack.device = lamp_;
    ack.device_id = "lamp";
    ack.name = "command_ack";
    ack.payload = document;
    ASSERT_TRUE(store_.append({&ack, 1}).ok());
    for (int restart = 0; restart < 2; ++restart) {
        CommandHub hub(store_, devices_, clock_);
        hub.drain();
        const auto standing = standingOf(store_.events());
        EXPECT_EQ(standing.at({CommandNumber{1}, lamp_}), TargetStatus::AckError);
        EXPECT_EQ(standing.at({CommandNumber{1}, fan_}), TargetStatus::Sent);
        EXPECT_THAT(store_.events().back().payload, testing::HasSubstr(R"("response":"jammed")"));
    }
}

// Nobody knows whether it was.
TEST_F(RestartTest, ARepeatOfWhatIsNotKnownToBeSentIsNotToldThatItWas) {
    CommandRequest once = requestFor({"lamp"}, "once");
    once.queue_offline = false;
    once.idempotency_key = "key";
    {
        CommandHub hub(store_, devices_, clock_);
        ASSERT_TRUE(hub.commands.submit(once).ok());
    }
    fakes::FakeStore store;
    keep(store_.events(), 2, store);
    CommandHub hub(store, devices_, clock_);
    const auto repeat = hub.commands.submit(once);
    ASSERT_TRUE(repeat.ok());
    EXPECT_TRUE(repeat->repeated);
    EXPECT_EQ(repeat->status, CommandStatus::Pending);
}

}  // namespace
}  // namespace hub::commands
