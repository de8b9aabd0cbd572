#include "registry/device_registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "fakes/fake_transport.h"
#include "fakes/manual_clock.h"

namespace hub::registry {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

// One word for each event, as in `connected lamp`.
std::string describe(const Event& event) {
    std::string word(event.name);
    if (event.kind == EventKind::Disconnected) word += ":" + std::string(toString(event.reason));
    return word + " " + std::string(event.device_id);
}

class DeviceRegistryTest : public testing::Test {
protected:
    DeviceRegistryTest() { log_.retain(0, {}); }

    static DeviceMessage registration(std::string_view type, std::string_view metadata = {}) {
        return {.type = MessageType::Registration,
                .name = "registration",
                .document = R"({"message_type":"registration"})",
                .device_type = type,
                .metadata = metadata};
    }
    static DeviceMessage status(std::string_view type = {}) {
        static const Reading reading{R"({"t":21})", std::nullopt};
        return {.type = MessageType::Status,
                .name = "status",
                .device_type = type,
                .readings = {&reading, 1}};
    }
    static DeviceMessage heartbeat() {
        return {.type = MessageType::Heartbeat, .name = "heartbeat", .document = "{}"};
    }

    std::unique_ptr<DeviceSession> open(std::string_view id, LinkId link,
                                        const DeviceMessage& first = registration("esp32")) {
        auto opened =
            devices_.open(id, {transport_, link, "192.0.2.7:50312"}, first, AckTag::None, *sink_);
        EXPECT_TRUE(opened.ok());
        return opened.ok() ? std::move(opened).value() : nullptr;
    }

    // The events since the last call, as words.
    std::vector<std::string> events() {
        sink_->flush();
        std::vector<std::string> words;
        for (const Event& event : rawEvents()) words.push_back(describe(event));
        return words;
    }
    std::vector<Event> rawEvents() {
        sink_->flush();
        if (log_.bytes() == 0) return {};
        EXPECT_TRUE(log_.wait(raw_, 100'000));
        kept_.clear();
        for (Event& event : raw_) {  // advancing frees what the events view
            for (std::string_view* view : {&event.name, &event.payload, &event.device_type,
                                           &event.metadata, &event.transport}) {
                *view = *kept_.emplace_back(std::make_unique<std::string>(*view));
            }
        }
        log_.advance(raw_.back().sequence);
        return raw_;
    }

    Device device(std::string_view id) {
        const std::optional<Device> found = registry_.find(id);
        EXPECT_TRUE(found.has_value()) << id;
        return found.value_or(Device{});
    }

    fakes::ManualClock clock_;
    router::EventLog log_{1 << 20, clock_};
    DeviceRegistry registry_{log_, clock_, 1000};
    Devices& devices_ = registry_;
    std::unique_ptr<EventSink> sink_ = registry_.openSink([] {});
    fakes::FakeTransport transport_;
    std::vector<Event> raw_;
    std::vector<std::unique_ptr<std::string>> kept_;
};

TEST_F(DeviceRegistryTest, ARegistrationBringsADeviceOnline) {
    const auto session = open("lamp", LinkId{1}, registration("esp32", R"({"room":"hall"})"));

    EXPECT_TRUE(session->active());
    EXPECT_THAT(events(), ElementsAre("connected lamp", "registration lamp"));
    const Device lamp = device("lamp");
    EXPECT_TRUE(lamp.online);
    EXPECT_EQ(lamp.type, "esp32");
    EXPECT_EQ(lamp.metadata, R"({"room":"hall"})");
    EXPECT_EQ(lamp.transport, "fake");
    EXPECT_EQ(lamp.connected_at, clock_.wall());
    EXPECT_EQ(lamp.last_seen, clock_.wall());
    EXPECT_EQ(lamp.last_heartbeat, clock_.wall());
    EXPECT_EQ(lamp.last_changed, clock_.wall());
    EXPECT_EQ(lamp.disconnected_at, std::nullopt);
}

TEST_F(DeviceRegistryTest, EventsCarryWhatTheStoreNeeds) {
    auto session = open("lamp", LinkId{1}, registration("esp32", R"({"room":"hall"})"));
    clock_.advance(1500ms);
    session->end(OfflineReason::Timeout);

    const std::vector<Event> all = rawEvents();
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[0].kind, EventKind::Connected);
    EXPECT_EQ(all[0].payload, R"({"transport":"fake","address":"192.0.2.7:50312"})");
    EXPECT_EQ(all[0].transport, "fake");
    EXPECT_EQ(all[1].device_type, "esp32");
    EXPECT_EQ(all[1].metadata, R"({"room":"hall"})");
    EXPECT_EQ(all[2].reason, OfflineReason::Timeout);
    EXPECT_EQ(all[2].payload,
              R"({"reason":"timeout","transport":"fake","address":"192.0.2.7:50312",)"
              R"("duration_s":1.500})");
}

TEST_F(DeviceRegistryTest, AStatusWithATypeRegistersADeviceByItself) {
    const auto session = open("lamp", LinkId{1}, status("esp32"));
    EXPECT_THAT(events(), ElementsAre("connected lamp", "registration lamp", "status lamp"));
    EXPECT_EQ(device("lamp").type, "esp32");
}

TEST_F(DeviceRegistryTest, AStatusOfAnUnknownDeviceWithoutTypeIsRefused) {
    const auto opened =
        devices_.open("lamp", {transport_, LinkId{1}, ""}, status(), AckTag::None, *sink_);
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().kind, Error::Kind::Invalid);
    EXPECT_THAT(opened.error().message, HasSubstr("device_type"));
    EXPECT_EQ(registry_.count(), 0U);
    EXPECT_THAT(events(), IsEmpty());
}

TEST_F(DeviceRegistryTest, ATransportMayHaveATypeForDevicesThatTellNone) {
    const auto opened = devices_.open("lamp", {transport_, LinkId{1}, ""}, status(), AckTag::None,
                                      *sink_, "unknown");
    ASSERT_TRUE(opened.ok());
    EXPECT_EQ(device("lamp").type, "unknown");
}

TEST_F(DeviceRegistryTest, TheTypeIsNeededOnlyOnce) {
    open("lamp", LinkId{1})->end(OfflineReason::Closed);
    const auto again = open("lamp", LinkId{2}, status());
    EXPECT_TRUE(again->active());
    EXPECT_EQ(device("lamp").type, "esp32");
}

TEST_F(DeviceRegistryTest, AnotherTypeInAnyMessageIsTaken) {
    const auto session = open("lamp", LinkId{1});
    (void)events();
    EXPECT_TRUE(session->publish(status("esp32s3"), AckTag::None));
    EXPECT_TRUE(session->publish(status("esp32s3"), AckTag::None));
    EXPECT_THAT(events(), ElementsAre("registration lamp", "status lamp", "status lamp"));
    EXPECT_EQ(device("lamp").type, "esp32s3");
}

TEST_F(DeviceRegistryTest, ATypeCorrectionKeepsTheMetadata) {
    const auto session = open("lamp", LinkId{1}, registration("esp32", R"({"room":"hall"})"));
    EXPECT_TRUE(session->publish(status("esp32s3"), AckTag::None));
    EXPECT_EQ(device("lamp").metadata, R"({"room":"hall"})");
}

TEST_F(DeviceRegistryTest, ARegistrationWithoutMetadataLeavesWhatIsKnown) {
    open("lamp", LinkId{1}, registration("esp32", R"({"room":"hall"})")).reset();
    const auto again = open("lamp", LinkId{2}, registration("esp32"));
    EXPECT_EQ(device("lamp").metadata, R"({"room":"hall"})");
    EXPECT_EQ(rawEvents().back().metadata, "");
}

TEST_F(DeviceRegistryTest, EndingGivesAReasonAndATime) {
    auto session = open("lamp", LinkId{1});
    (void)events();
    clock_.advance(90s);
    session->end(OfflineReason::Timeout);
    session->end(OfflineReason::Closed);

    EXPECT_THAT(events(), ElementsAre("disconnected:timeout lamp"));
    const Device lamp = device("lamp");
    EXPECT_FALSE(lamp.online);
    EXPECT_EQ(lamp.offline_reason, OfflineReason::Timeout);
    EXPECT_EQ(lamp.disconnected_at, clock_.wall());
    EXPECT_EQ(lamp.last_changed, clock_.wall());
    EXPECT_FALSE(session->publish(status(), AckTag::None));
    EXPECT_THAT(events(), IsEmpty());
}

TEST_F(DeviceRegistryTest, ASessionThatIsDroppedEndsAsLost) {
    open("lamp", LinkId{1}).reset();
    EXPECT_EQ(device("lamp").offline_reason, OfflineReason::Lost);
}

TEST_F(DeviceRegistryTest, ANewerLinkTakesOverOnceTheOldOneHasLetGo) {
    auto old_session = open("lamp", LinkId{1});
    EXPECT_TRUE(old_session->publish(status(), AckTag::None));
    auto new_session = open("lamp", LinkId{2});

    EXPECT_FALSE(new_session->active());
    EXPECT_FALSE(new_session->publish(status(), AckTag::None));
    EXPECT_THAT(transport_.takeDisconnected(),
                ElementsAre(Pair(LinkId{1}, OfflineReason::TakenOver)));
    EXPECT_THAT(transport_.takeGranted(), IsEmpty());

    old_session->end(OfflineReason::TakenOver);
    EXPECT_THAT(transport_.takeGranted(), ElementsAre(LinkId{2}));
    EXPECT_TRUE(new_session->publish(registration("esp32"), AckTag::None));
    EXPECT_FALSE(old_session->publish(status(), AckTag::None));

    EXPECT_THAT(events(),
                ElementsAre("connected lamp", "registration lamp", "status lamp",
                            "disconnected:taken_over lamp", "connected lamp", "registration lamp"));
    EXPECT_TRUE(device("lamp").online);
}

TEST_F(DeviceRegistryTest, AGrantedSessionIsActiveFromTheFirstThingItPublishes) {
    auto old_session = open("lamp", LinkId{1});
    auto new_session = open("lamp", LinkId{2});
    old_session->end(OfflineReason::TakenOver);
    EXPECT_FALSE(new_session->active());
    EXPECT_TRUE(new_session->publish(registration("esp32"), AckTag::None));
    EXPECT_TRUE(new_session->active());
    new_session->end(OfflineReason::Closed);
    EXPECT_FALSE(new_session->active());
}

TEST_F(DeviceRegistryTest, OnlyAnActiveSessionShowsLife) {
    auto holder = open("lamp", LinkId{1});
    auto waiting = open("lamp", LinkId{2});
    const auto seen = device("lamp").last_seen;
    clock_.advance(5s);
    waiting->seen();
    EXPECT_EQ(device("lamp").last_seen, seen);
    holder->end(OfflineReason::Lost);
    holder->seen();
    EXPECT_EQ(device("lamp").last_seen, seen);
}

TEST_F(DeviceRegistryTest, TimesDoNotRunBackwardsWithTheWallClock) {
    auto session = open("lamp", LinkId{1});
    sink_->flush();
    const Timestamp connected = clock_.wall();
    clock_.setWall(connected - 2h);
    session->end(OfflineReason::Closed);
    EXPECT_EQ(device("lamp").disconnected_at, connected);
}

TEST_F(DeviceRegistryTest, OfSeveralWaitingLinksTheNewestWins) {
    auto first = open("lamp", LinkId{1});
    auto second = open("lamp", LinkId{2});
    (void)transport_.takeDisconnected();
    auto third = open("lamp", LinkId{3});

    EXPECT_THAT(transport_.takeDisconnected(),
                testing::UnorderedElementsAre(Pair(LinkId{1}, OfflineReason::TakenOver),
                                              Pair(LinkId{2}, OfflineReason::TakenOver)));
    second->end(OfflineReason::TakenOver);
    first->end(OfflineReason::TakenOver);
    EXPECT_THAT(transport_.takeGranted(), ElementsAre(LinkId{3}));
    EXPECT_FALSE(second->publish(status(), AckTag::None));
    EXPECT_TRUE(third->publish(status(), AckTag::None));
}

TEST_F(DeviceRegistryTest, ALinkOpenedEarlierDoesNotTakeOverHoweverLateItSpeaks) {
    const SteadyTime earlier = clock_.steady();
    const auto openAt = [&](LinkId link, SteadyTime opened) {
        auto session = devices_.open("lamp", {transport_, link, "", opened}, registration("esp32"),
                                     AckTag::None, *sink_);
        EXPECT_TRUE(session.ok());
        return std::move(session).value();
    };
    const auto newer = openAt(LinkId{2}, earlier + 1s);
    auto older = openAt(LinkId{1}, earlier);

    EXPECT_THAT(transport_.takeDisconnected(),
                ElementsAre(Pair(LinkId{1}, OfflineReason::TakenOver)));
    older->end(OfflineReason::TakenOver);
    EXPECT_TRUE(newer->publish(status(), AckTag::None));
    EXPECT_THAT(events(), ElementsAre("connected lamp", "registration lamp", "status lamp"));
}

TEST_F(DeviceRegistryTest, AWaitingLinkThatGoesLeavesTheDeviceToItsHolder) {
    auto holder = open("lamp", LinkId{1});
    open("lamp", LinkId{2}).reset();
    EXPECT_TRUE(holder->active());
    holder->end(OfflineReason::TakenOver);
    EXPECT_THAT(transport_.takeGranted(), IsEmpty());
    EXPECT_FALSE(device("lamp").online);
}

TEST_F(DeviceRegistryTest, ASilentHeartbeatMovesLastSeenAndStoresNothing) {
    const auto session = open("lamp", LinkId{1});
    (void)events();
    clock_.advance(5s);
    EXPECT_TRUE(session->publish(heartbeat(), AckTag::None));
    EXPECT_THAT(events(), IsEmpty());
    EXPECT_EQ(device("lamp").last_seen, clock_.wall());
    EXPECT_EQ(device("lamp").last_heartbeat, clock_.wall());
}

TEST_F(DeviceRegistryTest, AHeartbeatThatWantsAnAcknowledgementIsStored) {
    const auto session = open("lamp", LinkId{1});
    (void)events();
    EXPECT_TRUE(session->publish(heartbeat(), AckTag{1}));
    EXPECT_THAT(events(), ElementsAre("heartbeat lamp"));
}

TEST_F(DeviceRegistryTest, APongIsASignOfLifeButNoHeartbeat) {
    const auto session = open("lamp", LinkId{1});
    const Timestamp registered = clock_.wall();
    clock_.advance(5s);
    session->seen();
    EXPECT_EQ(device("lamp").last_seen, clock_.wall());
    EXPECT_EQ(device("lamp").last_heartbeat, registered);
}

TEST_F(DeviceRegistryTest, ReadingsBecomeOneEventEachAndOneAcknowledgement) {
    const auto session = open("lamp", LinkId{1});
    sink_->flush();
    log_.advance(log_.last());
    const Reading readings[] = {{"{\"t\":1}", Timestamp(1s)}, {"{\"t\":2}", std::nullopt}};
    const DeviceMessage message{
        .type = MessageType::Status, .name = "status", .readings = readings};
    EXPECT_TRUE(session->publish(message, AckTag{9}));

    const std::vector<Event> all = rawEvents();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].payload, "{\"t\":1}");
    EXPECT_EQ(all[0].device_time, Timestamp(1s));
    EXPECT_EQ(all[1].device_time, std::nullopt);
    sink_->settle();
    EXPECT_THAT(transport_.takeDurable(), ElementsAre(Pair(LinkId{1}, AckTag{9})));
}

TEST_F(DeviceRegistryTest, AnEndedSessionHearsOfNoAcknowledgement) {
    auto session = open("lamp", LinkId{1});
    EXPECT_TRUE(session->publish(status(), AckTag{9}));
    session.reset();
    (void)events();
    sink_->settle();
    EXPECT_THAT(transport_.takeDurable(), IsEmpty());
}

TEST_F(DeviceRegistryTest, HoldsNoMoreDevicesThanItMay) {
    DeviceRegistry registry(log_, clock_, 1);
    Devices& small = registry;
    const LinkDescription link{transport_, LinkId{1}, ""};
    const auto first = small.open("a", link, registration("x"), AckTag::None, *sink_);
    const auto second = small.open("b", link, registration("x"), AckTag::None, *sink_);
    EXPECT_TRUE(first.ok());
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().kind, Error::Kind::Unavailable);
}

TEST_F(DeviceRegistryTest, KnowsAgainWhatWasStored) {
    Device lamp{.index = DeviceIndex{3}, .id = "lamp", .type = "esp32", .metadata = "{}"};
    lamp.offline_reason = OfflineReason::Closed;
    lamp.disconnected_at = clock_.wall() - 1h;
    registry_.restore({.last_sequence = 10, .devices = {lamp}});

    EXPECT_THAT(events(), IsEmpty());
    EXPECT_EQ(device("lamp").offline_reason, OfflineReason::Closed);
    EXPECT_EQ(device("lamp").disconnected_at, clock_.wall() - 1h);
    EXPECT_TRUE(open("lamp", LinkId{1}, status())->active());
    EXPECT_EQ(device("lamp").index, DeviceIndex{3});
    (void)open("new", LinkId{2});
    EXPECT_EQ(device("new").index, DeviceIndex{4});
}

TEST_F(DeviceRegistryTest, WhatACrashLeftOnlineIsOfflineWithAReason) {
    Device lamp{.index = DeviceIndex{0}, .id = "lamp", .type = "esp32", .metadata = "{}"};
    lamp.online = true;
    registry_.restore({.last_sequence = 10, .devices = {lamp}});

    EXPECT_THAT(events(), ElementsAre("disconnected:hub_restarted lamp"));
    EXPECT_FALSE(device("lamp").online);
    EXPECT_EQ(device("lamp").offline_reason, OfflineReason::HubRestarted);
    EXPECT_EQ(device("lamp").disconnected_at, clock_.wall());
}

TEST_F(DeviceRegistryTest, VisitsDevicesInTheOrderOfTheirFirstRegistration) {
    std::vector<std::unique_ptr<DeviceSession>> sessions;
    for (int i = 0; i < 600; ++i) {
        sessions.push_back(open("d" + std::to_string(i), LinkId{static_cast<std::uint64_t>(i)}));
    }
    std::vector<std::string> ids;
    registry_.visit(DeviceIndex{1}, [&](const Device& found) {
        ids.push_back(found.id);
        return ids.size() < 500;
    });
    ASSERT_EQ(ids.size(), 500U);
    EXPECT_EQ(ids.front(), "d2");
    EXPECT_EQ(ids.back(), "d501");
}

// Links of one device on several threads, each with its own sink: whatever the schedule, the log
// shows connected and disconnected in strict alternation, with every message in between; and a
// session says that it is active exactly when its first message is in the log.
TEST_F(DeviceRegistryTest, TakeOversNeverMixTheEventsOfTwoLinks) {
    constexpr int kThreads = 4;
    constexpr std::uint64_t kRounds = 2000;
    std::atomic<int> active_when_opened = 0;
    std::atomic<int> active_at_the_end = 0;
    std::vector<std::thread> threads;
    for (std::uint64_t t = 0; t < kThreads; ++t) {
        threads.emplace_back([&, t] {
            const auto sink = registry_.openSink([] {});
            std::mt19937 random(static_cast<std::uint32_t>(t));
            for (std::uint64_t round = 0; round < kRounds; ++round) {
                auto opened = devices_.open("lamp", {transport_, LinkId{t * kRounds + round}, ""},
                                            registration("esp32"), AckTag::None, *sink);
                ASSERT_TRUE(opened.ok());
                DeviceSession& session = *opened.value();
                if (session.active()) ++active_when_opened;
                for (std::uint32_t i = random() % 4; i > 0; --i) {
                    (void)session.publish(status(), AckTag::None);
                }
                if (session.active()) ++active_at_the_end;
                session.end(OfflineReason::TakenOver);
            }
        });
    }
    for (std::thread& thread : threads) thread.join();

    bool online = false;
    int connected = 0;
    int registered = 0;
    for (const Event& event : rawEvents()) {
        if (event.kind == EventKind::Connected) {
            ASSERT_FALSE(online);
            online = true;
            ++connected;
        } else {
            ASSERT_TRUE(online);
            if (event.kind == EventKind::Registration) ++registered;
            if (event.kind == EventKind::Disconnected) online = false;
        }
    }
    EXPECT_FALSE(online);
    EXPECT_EQ(registered, active_when_opened);
    EXPECT_EQ(connected, active_at_the_end);
}

}  // namespace
}  // namespace hub::registry
