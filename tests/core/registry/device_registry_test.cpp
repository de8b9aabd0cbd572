#include "registry/device_registry.h"

#include "fakes/fake_transport.h"
#include "fakes/manual_clock.h"
#include "fakes/recording_logger.h"
#include "metrics/metric_registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace hub::registry {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
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

    static RegistrySettings settings() {
        return {.capacity = 1000,
                .timeouts = {.all = 90s,
                             .by_type = {{"sensor", 30s}, {"esp32s3", 40s}},
                             .by_device = {{"weather-1", 600s}}},
                .forget_limit = 60s};
    }

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
        EXPECT_TRUE(log_.wait(raw_, 100'000, 60s));
        kept_.clear();
        for (Event& event : raw_) {  // advancing frees what the events view
            for (std::string_view* view : {&event.device_id, &event.name, &event.payload,
                                           &event.device_type, &event.metadata, &event.transport}) {
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
    fakes::RecordingLogger logger_;
    metrics::MetricRegistry metrics_;
    router::EventLog log_{1 << 20, clock_, metrics_};
    DeviceRegistry registry_{log_, clock_, logger_, metrics_, settings()};
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

TEST_F(DeviceRegistryTest, TheHistoryKeepsTheCodeOfAnEnd) {
    open("lamp", LinkId{1}, registration("esp32"))->end(OfflineReason::Lost, 1009);
    EXPECT_EQ(rawEvents().back().payload,
              R"({"reason":"lost","code":1009,"transport":"fake","address":"192.0.2.7:50312",)"
              R"("duration_s":0.000})");
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
    metrics::MetricRegistry metrics;
    DeviceRegistry registry(log_, clock_, logger_, metrics, {.capacity = 1});
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
    EXPECT_TRUE(logger_.contains(LogLevel::Warning,
                                 "the last run did not stop in order: 1 device was left online"));
}

TEST_F(DeviceRegistryTest, TheHistoryOfARestartSaysWhatIsKnownOfTheLink) {
    Device lamp{.index = DeviceIndex{0}, .id = "lamp", .type = "esp32", .metadata = "{}"};
    lamp.online = true;
    Device fan = lamp;
    fan.index = DeviceIndex{1};
    fan.id = "fan";
    fan.transport = "websocket";
    registry_.restore({.last_sequence = 10, .devices = {lamp, fan}});

    const std::vector<Event> all = rawEvents();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].payload, R"({"reason":"hub_restarted"})");
    EXPECT_EQ(all[1].payload, R"({"reason":"hub_restarted","transport":"websocket"})");
    EXPECT_EQ(all[1].transport, "websocket");
}

// How long a device may be silent.

TEST_F(DeviceRegistryTest, ADeviceHasTheTimeoutOfItsTypeOrElseOfAll) {
    EXPECT_EQ(open("lamp", LinkId{1}, registration("lamp"))->timeout(), 90s);
    EXPECT_EQ(open("probe", LinkId{2}, registration("sensor"))->timeout(), 30s);
}

TEST_F(DeviceRegistryTest, ItsOwnTimeoutWinsOverThatOfItsType) {
    EXPECT_EQ(open("weather-1", LinkId{1}, registration("sensor"))->timeout(), 600s);
}

TEST_F(DeviceRegistryTest, TheTimeoutFollowsTheType) {
    const auto session = open("lamp", LinkId{1}, registration("sensor"));
    EXPECT_TRUE(session->publish(status("esp32s3"), AckTag::None));
    EXPECT_EQ(session->timeout(), 40s);
    EXPECT_TRUE(session->publish(registration("lamp"), AckTag::None));
    EXPECT_EQ(session->timeout(), 90s);
}

TEST_F(DeviceRegistryTest, TheTimeoutOfAKnownTypeCountsFromTheFirstMessage) {
    open("probe", LinkId{1}, registration("sensor")).reset();
    EXPECT_EQ(open("probe", LinkId{2}, status())->timeout(), 30s);
}

// Kicking.

TEST_F(DeviceRegistryTest, AKickHasTheLinkClosed) {
    const auto session = open("lamp", LinkId{1});
    EXPECT_TRUE(registry_.kick("lamp").ok());
    EXPECT_THAT(transport_.takeDisconnected(), ElementsAre(Pair(LinkId{1}, OfflineReason::Kicked)));
    session->end(OfflineReason::Kicked);
    EXPECT_EQ(device("lamp").offline_reason, OfflineReason::Kicked);
}

TEST_F(DeviceRegistryTest, AKickAlsoReachesALinkThatWaits) {
    const auto holder = open("lamp", LinkId{1});
    const auto waiter = open("lamp", LinkId{2});
    (void)transport_.takeDisconnected();
    EXPECT_TRUE(registry_.kick("lamp").ok());
    EXPECT_THAT(transport_.takeDisconnected(), ElementsAre(Pair(LinkId{2}, OfflineReason::Kicked),
                                                           Pair(LinkId{1}, OfflineReason::Kicked)));
}

TEST_F(DeviceRegistryTest, OnlyADeviceThatIsOnlineCanBeKicked) {
    const Result<void> unknown = registry_.kick("lamp");
    ASSERT_FALSE(unknown.ok());
    EXPECT_EQ(unknown.error().kind, Error::Kind::NotFound);
    EXPECT_EQ(unknown.error().message, "no device \"lamp\" is known");

    open("lamp", LinkId{1}).reset();
    const Result<void> offline = registry_.kick("lamp");
    ASSERT_FALSE(offline.ok());
    EXPECT_EQ(offline.error().kind, Error::Kind::Refused);
    EXPECT_EQ(offline.error().message, "\"lamp\" is offline: there is no link to close");
    EXPECT_THAT(transport_.takeDisconnected(), IsEmpty());
}

// Forgetting. Without a store its last event is durable at once.

TEST_F(DeviceRegistryTest, AForgottenDeviceIsUnknown) {
    log_.release();
    open("lamp", LinkId{1}).reset();
    open("fan", LinkId{2}).reset();
    EXPECT_TRUE(registry_.forget("lamp").ok());

    EXPECT_EQ(registry_.find("lamp"), std::nullopt);
    EXPECT_EQ(registry_.count(), 1U);
    std::vector<std::string> ids;
    registry_.visit({}, [&](const Device& found) {
        ids.push_back(found.id);
        return true;
    });
    EXPECT_THAT(ids, ElementsAre("fan"));
    const Result<void> again = registry_.forget("lamp");
    ASSERT_FALSE(again.ok());
    EXPECT_EQ(again.error().kind, Error::Kind::NotFound);
}

TEST_F(DeviceRegistryTest, TheLastEventOfAForgottenDeviceSaysSo) {
    open("lamp", LinkId{1}).reset();
    (void)events();
    std::thread forgetting([&] { EXPECT_TRUE(registry_.forget("lamp").ok()); });
    EXPECT_TRUE(log_.wait(raw_, 10, 60s));
    ASSERT_EQ(raw_.size(), 1U);
    EXPECT_EQ(raw_[0].kind, EventKind::Forgotten);
    EXPECT_EQ(raw_[0].device, DeviceIndex{0});
    EXPECT_EQ(topicOf(raw_[0]), "devices/lamp/forgotten");
    EXPECT_EQ(raw_[0].payload, "{}");
    log_.advance(raw_.back().sequence);
    forgetting.join();
}

TEST_F(DeviceRegistryTest, ForgettingADeviceThatIsOnlineClosesItsLinkFirst) {
    log_.release();
    const auto holder = open("lamp", LinkId{1});
    const auto waiter = open("lamp", LinkId{2});
    (void)transport_.takeDisconnected();
    log_.retain(log_.last(), {});
    std::atomic<bool> forgotten = false;
    std::thread forgetting([&] {
        EXPECT_TRUE(registry_.forget("lamp").ok());
        forgotten = true;
    });
    std::vector<std::pair<LinkId, OfflineReason>> asked;
    while (asked.size() < 2) {
        for (const auto& one : transport_.takeDisconnected()) asked.push_back(one);
        std::this_thread::yield();
    }
    EXPECT_THAT(asked, ElementsAre(Pair(LinkId{2}, OfflineReason::Kicked),
                                   Pair(LinkId{1}, OfflineReason::Kicked)));
    EXPECT_TRUE(holder->publish(status(), AckTag::None));
    holder->end(OfflineReason::Kicked);
    EXPECT_THAT(transport_.takeGranted(), IsEmpty());
    EXPECT_FALSE(waiter->publish(status(), AckTag::None));
    EXPECT_FALSE(forgotten);
    EXPECT_THAT(events(), ElementsAre("connected lamp", "registration lamp", "status lamp",
                                      "disconnected:kicked lamp"));
    waiter->end(OfflineReason::Kicked);
    EXPECT_THAT(events(), ElementsAre("forgotten lamp"));
    forgetting.join();
}

TEST_F(DeviceRegistryTest, AForgottenDeviceThatComesBackIsAnotherOne) {
    log_.release();
    open("lamp", LinkId{1}, registration("sensor", R"({"room":"hall"})")).reset();
    EXPECT_TRUE(registry_.forget("lamp").ok());

    const auto untyped =
        devices_.open("lamp", {transport_, LinkId{2}, ""}, status(), AckTag::None, *sink_);
    EXPECT_FALSE(untyped.ok());
    const auto session = open("lamp", LinkId{3});
    EXPECT_EQ(device("lamp").index, DeviceIndex{1});
    EXPECT_EQ(device("lamp").metadata, "{}");
}

TEST_F(DeviceRegistryTest, WhileADeviceIsBeingForgottenItsNewLinksAreClosedToo) {
    metrics::MetricRegistry metrics;
    DeviceRegistry registry(log_, clock_, logger_, metrics, {.forget_limit = 0ms});
    Devices& devices = registry;
    const auto openNow = [&](LinkId link) {
        return devices.open("lamp", {transport_, link, ""}, registration("x"), AckTag::None,
                            *sink_);
    };
    auto old_session = openNow(LinkId{1});
    EXPECT_FALSE(registry.forget("lamp").ok());
    (void)transport_.takeDisconnected();

    const auto refused = openNow(LinkId{2});
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().kind, Error::Kind::Refused);
    EXPECT_THAT(transport_.takeDisconnected(), ElementsAre(Pair(LinkId{2}, OfflineReason::Kicked)));
    old_session.value().reset();
    EXPECT_TRUE(openNow(LinkId{3}).ok());
    EXPECT_THAT(events(), ElementsAre("connected lamp", "registration lamp",
                                      "disconnected:lost lamp", "forgotten lamp", "connected lamp",
                                      "registration lamp", "disconnected:lost lamp"));
}

TEST_F(DeviceRegistryTest, ANumberIsNotGivenTwiceOverARestart) {
    registry_.restore({.last_sequence = 10, .next_device = DeviceIndex{7}});
    const auto session = open("lamp", LinkId{1});
    EXPECT_EQ(device("lamp").index, DeviceIndex{7});
}

TEST_F(DeviceRegistryTest, ThereAreOnlySoManyNumbers) {
    registry_.restore({.last_sequence = 10, .next_device = DeviceIndex{kMaxDevices - 1}});
    const auto last = open("lamp", LinkId{1});
    EXPECT_EQ(device("lamp").index, DeviceIndex{kMaxDevices - 1});
    const auto refused =
        devices_.open("fan", {transport_, LinkId{2}, ""}, registration("x"), AckTag::None, *sink_);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().kind, Error::Kind::Unavailable);
    EXPECT_THAT(refused.error().message, HasSubstr("4194304 device numbers"));
    EXPECT_EQ(registry_.find("fan"), std::nullopt);
    EXPECT_EQ(registry_.online(), 1U);
}

TEST_F(DeviceRegistryTest, ForgettingThatIsNotStoredInTimeSaysSo) {
    metrics::MetricRegistry metrics;
    DeviceRegistry registry(log_, clock_, logger_, metrics, {.forget_limit = 0ms});
    Devices& devices = registry;
    (void)devices.open("lamp", {transport_, LinkId{1}, ""}, registration("x"), AckTag::None,
                       *sink_);
    const Result<void> forgotten = registry.forget("lamp");
    ASSERT_FALSE(forgotten.ok());
    EXPECT_EQ(forgotten.error().kind, Error::Kind::Unavailable);
    EXPECT_EQ(forgotten.error().message,
              "\"lamp\" is forgotten, but that is not yet stored: it will be as soon as its link "
              "is closed and the store works");
}

TEST_F(DeviceRegistryTest, ForgettingThatIsDroppedIsNotCalledStored) {
    open("lamp", LinkId{1}).reset();
    (void)events();
    std::thread forgetting([&] {
        const Result<void> forgotten = registry_.forget("lamp");
        ASSERT_FALSE(forgotten.ok());
        EXPECT_EQ(forgotten.error().kind, Error::Kind::Unavailable);
    });
    EXPECT_TRUE(log_.wait(raw_, 10, 60s));
    log_.release();
    forgetting.join();
}

TEST_F(DeviceRegistryTest, ForgettingDoesNotWaitForAStoreThatFails) {
    metrics::MetricRegistry metrics;
    DeviceRegistry registry(log_, clock_, logger_, metrics, {.forget_limit = 24h});
    Devices& devices = registry;
    (void)devices.open("lamp", {transport_, LinkId{1}, ""}, registration("x"), AckTag::None,
                       *sink_);
    log_.stall();
    const Result<void> forgotten = registry.forget("lamp");
    ASSERT_FALSE(forgotten.ok());
    EXPECT_EQ(forgotten.error().kind, Error::Kind::Unavailable);
    EXPECT_THAT(events(), Contains("forgotten lamp"));
}

// Tags.

TEST_F(DeviceRegistryTest, ARegistrationTellsTheTags) {
    const std::string_view tags[] = {"hall", "first floor"};
    DeviceMessage message = registration("esp32", R"({"tags":["hall","first floor"]})");
    message.tags = tags;
    const auto session = open("lamp", LinkId{1}, message);
    EXPECT_THAT(device("lamp").tags, ElementsAre("hall", "first floor"));
    EXPECT_TRUE(session->publish(registration("esp32"), AckTag::None));
    EXPECT_THAT(device("lamp").tags, ElementsAre("hall", "first floor"));
    EXPECT_TRUE(session->publish(registration("esp32", "{}"), AckTag::None));
    EXPECT_THAT(device("lamp").tags, IsEmpty());
}

TEST_F(DeviceRegistryTest, TagsAreReadAgainFromWhatWasStored) {
    const auto stored = [](std::uint32_t index, std::string id, std::string metadata) {
        return Device{.index = DeviceIndex{index},
                      .id = std::move(id),
                      .type = "esp32",
                      .metadata = std::move(metadata)};
    };
    registry_.restore({.devices = {stored(0, "good", R"({"tags":["hall"],"a":1})"),
                                   stored(1, "comma", R"({"tags":["hall","a,b"]})"),
                                   stored(2, "none", "{}"), stored(3, "broken", R"({"tags":[)")}});
    EXPECT_THAT(device("good").tags, ElementsAre("hall"));
    EXPECT_THAT(device("comma").tags, IsEmpty());
    EXPECT_THAT(device("none").tags, IsEmpty());
    EXPECT_THAT(device("broken").tags, IsEmpty());
}

// Signs of life.

TEST_F(DeviceRegistryTest, OffersEachSignOfLifeOnce) {
    const auto lamp = open("lamp", LinkId{1});
    const auto fan = open("fan", LinkId{2});
    EXPECT_EQ(registry_.takeSignsOfLife().size(), 2U);
    EXPECT_THAT(registry_.takeSignsOfLife(), IsEmpty());
    const Timestamp registered = clock_.wall();
    clock_.advance(5s);
    fan->seen();

    const std::vector<SignOfLife> signs = registry_.takeSignsOfLife();
    ASSERT_EQ(signs.size(), 1U);
    EXPECT_EQ(signs[0].device, DeviceIndex{1});
    EXPECT_EQ(signs[0].seen, clock_.wall());
    EXPECT_EQ(signs[0].heartbeat, registered);
    EXPECT_THAT(registry_.takeSignsOfLife(), IsEmpty());
}

TEST_F(DeviceRegistryTest, OffersTheSignsOfALargeFleet) {
    for (int i = 0; i < 600; ++i) {
        open("d" + std::to_string(i), LinkId{static_cast<std::uint64_t>(i)}).reset();
    }
    EXPECT_EQ(registry_.takeSignsOfLife().size(), 600U);
    EXPECT_THAT(registry_.takeSignsOfLife(), IsEmpty());
}

TEST_F(DeviceRegistryTest, WhatTheStoreKnowsIsNoNewSignOfLife) {
    Device lamp{.index = DeviceIndex{3}, .id = "lamp", .type = "esp32", .metadata = "{}"};
    lamp.last_seen = lamp.last_heartbeat = clock_.wall() - 1h;
    registry_.restore({.devices = {lamp}});
    EXPECT_THAT(registry_.takeSignsOfLife(), IsEmpty());
}

// What an operator sees of it.

TEST_F(DeviceRegistryTest, LogsPresenceForThoseWhoDebug) {
    auto session = open("lamp", LinkId{1});
    clock_.advance(12'340ms);
    session->end(OfflineReason::Lost);
    const auto lines = logger_.lines();
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines[0].level, LogLevel::Debug);
    EXPECT_EQ(lines[0].message, "lamp online (fake, 192.0.2.7:50312)");
    EXPECT_EQ(lines[1].message, "lamp offline: lost after 12.3 s");
}

TEST_F(DeviceRegistryTest, CountsWhoIsOnline) {
    const auto lamp = open("lamp", LinkId{1});
    const auto fan = open("fan", LinkId{2});
    const auto door = open("door", LinkId{3});
    door->end(OfflineReason::Lost);
    EXPECT_THAT(metrics_.text(), HasSubstr("\nhub_devices{state=\"online\"} 2\n"));
    EXPECT_THAT(metrics_.text(), HasSubstr("\nhub_devices{state=\"offline\"} 1\n"));
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

// Links of one device on several threads while others forget it: whatever the schedule, a number
// has nothing behind its last event, and everybody who forgot it is told.
TEST_F(DeviceRegistryTest, NothingFollowsTheLastEventOfANumber) {
    constexpr int kThreads = 3;
    constexpr std::uint64_t kRounds = 1000;
    log_.release();
    std::vector<Event> all;
    log_.retain(log_.last(), {});
    std::atomic<bool> done = false;
    std::thread consumer([&] {
        std::vector<Event> some;
        while (log_.wait(some, 1000, 1ms) && !(some.empty() && done)) {
            if (some.empty()) continue;
            all.insert(all.end(), some.begin(), some.end());
            log_.advance(some.back().sequence);
        }
    });
    std::atomic<int> forgotten = 0;
    std::vector<std::thread> threads;
    for (std::uint64_t t = 0; t < kThreads; ++t) {
        threads.emplace_back([&, t] {
            const auto sink = registry_.openSink([] {});
            for (std::uint64_t round = 0; round < kRounds; ++round) {
                auto opened = devices_.open("lamp", {transport_, LinkId{t * kRounds + round}, ""},
                                            registration("esp32"), AckTag::None, *sink);
                if (!opened.ok()) continue;  // it is just being forgotten
                (void)opened.value()->publish(status(), AckTag::None);
                opened.value()->end(OfflineReason::Kicked);
            }
        });
    }
    for (int t = 0; t < 2; ++t) {
        threads.emplace_back([&] {
            for (int round = 0; round < 300; ++round) {
                if (registry_.forget("lamp").ok()) ++forgotten;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    done = true;
    consumer.join();

    // The id belongs to one number at a time, and each number has one life.
    std::uint32_t gone = 0;
    bool online = false;
    for (const Event& event : all) {
        ASSERT_EQ(event.device, DeviceIndex{gone});
        if (event.kind == EventKind::Forgotten) {
            ASSERT_FALSE(online);
            ++gone;
        } else {
            ASSERT_EQ(online, event.kind != EventKind::Connected);
            online = event.kind != EventKind::Disconnected;
        }
    }
    EXPECT_EQ(gone, static_cast<std::uint32_t>(forgotten));
    EXPECT_GT(forgotten, 0);
}

}  // namespace
}  // namespace hub::registry
