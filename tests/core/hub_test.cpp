#include "hub.h"

#include "fakes/fake_store.h"
#include "fakes/fake_transport.h"
#include "fakes/fixed_log_tail.h"
#include "fakes/manual_clock.h"
#include "fakes/recording_logger.h"
#include "fakes/slow_guard.h"
#include "hub/device_message.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace hub {
namespace {

using namespace std::chrono_literals;

class HubTest : public testing::Test {
protected:
    HubTest() {
        settings_.port = 0;
        settings_.io_threads = 2;
    }

    // What a hub that was killed leaves behind.
    static void crashWithLampOnline(Store& store, Timestamp when = {}) {
        const Event connected{.sequence = 5,
                              .time = when,
                              .device = DeviceIndex{0},
                              .kind = EventKind::Connected,
                              .device_id = "lamp",
                              .name = "connected",
                              .payload = "{}"};
        ASSERT_TRUE(store.append({&connected, 1}).ok());
    }

    SystemClock clock_;
    fakes::RecordingLogger logger_;
    fakes::FixedLogTail log_tail_;
    HubSurroundings surroundings_{clock_, logger_, log_tail_,
                                  [] { return std::vector<PluginStatus>{}; }};
    HubSettings settings_;
};

TEST_F(HubTest, ListensOnAFreePortWhenAskedForAny) {
    const Hub hub(settings_, surroundings_);
    EXPECT_NE(hub.port(), 0);
}

TEST_F(HubTest, APortInUseIsRefusedBeforeAnythingElse) {
    const Hub first(settings_, surroundings_);
    settings_.port = first.port();
    EXPECT_THROW(Hub(settings_, surroundings_), std::runtime_error);
}

TEST_F(HubTest, WithoutAStoreItIsNotReady) {
    Hub hub(settings_, surroundings_);
    const auto services = hub.services(logger_);
    EXPECT_FALSE(services->readiness().ready());
    EXPECT_EQ(services->history(), nullptr);
    EXPECT_EQ(hub.drain(60s), Hub::Drained::NoStore);
}

TEST_F(HubTest, AnAttachedStoreMakesItReady) {
    Hub hub(settings_, surroundings_);
    const auto services = hub.services(logger_);
    fakes::FakeStore store;
    {
        const Registration attached = services->attach(store, store);
        EXPECT_TRUE(services->readiness().ready());
        EXPECT_NE(services->history(), nullptr);
    }
    EXPECT_FALSE(services->readiness().ready());
    EXPECT_EQ(services->history(), nullptr);
}

TEST_F(HubTest, ASecondStoreIsRefused) {
    Hub hub(settings_, surroundings_);
    const auto services = hub.services(logger_);
    fakes::FakeStore first;
    fakes::FakeStore second;
    const Registration attached = services->attach(first, first);
    EXPECT_THROW((void)services->attach(second, second), std::logic_error);
}

TEST_F(HubTest, DevicesThatWereOnlineInACrashGoOfflineWhenTheStoreIsAttached) {
    fakes::FakeStore store;
    crashWithLampOnline(store);

    Hub hub(settings_, surroundings_);
    const auto services = hub.services(logger_);
    const Registration attached = services->attach(store, store);
    ASSERT_EQ(hub.drain(60s), Hub::Drained::Stored);

    ASSERT_EQ(store.events().size(), 2U);
    EXPECT_EQ(store.events().back().sequence, 6U);
    EXPECT_EQ(store.events().back().reason, OfflineReason::HubRestarted);
    EXPECT_FALSE(services->devices().find("lamp")->online);
}

TEST_F(HubTest, TheFeedShowsWhatIsStoredAndWhatComes) {
    fakes::FakeStore store;
    crashWithLampOnline(store);
    Hub hub(settings_, surroundings_);
    const auto services = hub.services(logger_);
    const Registration attached = services->attach(store, store);
    ASSERT_EQ(hub.drain(60s), Hub::Drained::Stored);

    const auto reader = services->events().open(TopicFilter(), 0, [] {});
    std::vector<std::string> topics;
    EXPECT_EQ(reader->read([&topics](const Event& event) {
        topics.push_back(topicOf(event));
        return true;
    }),
              EventReader::State::Waiting);
    EXPECT_EQ(topics,
              (std::vector<std::string>{"devices/lamp/connected", "devices/lamp/disconnected"}));
}

TEST_F(HubTest, IsAliveWhileAStoreFailsButNotWhileOneHangs) {
    fakes::ManualClock clock;
    const HubSurroundings surroundings{clock, logger_, log_tail_,
                                       [] { return std::vector<PluginStatus>{}; }};
    fakes::FakeStore store;
    crashWithLampOnline(store);
    store.refuse({Error::Kind::Unavailable, "hub.db: the disk is full"});
    store.hold();

    Hub hub(settings_, surroundings);
    const auto services = hub.services(logger_);
    EXPECT_TRUE(services->alive());
    const Registration attached = services->attach(store, store);
    ASSERT_TRUE(store.awaitHeldAppend());
    clock.advance(30s);
    EXPECT_TRUE(services->alive());
    clock.advance(1s);
    EXPECT_FALSE(services->alive());

    store.release();
    ASSERT_TRUE(store.awaitAppends(3));
    EXPECT_FALSE(services->readiness().ready());
    EXPECT_TRUE(services->alive());
}

TEST_F(HubTest, AClockBehindTheStoredEventsIsReported) {
    fakes::FakeStore store;
    crashWithLampOnline(store, clock_.wall() + std::chrono::hours(1));
    Hub hub(settings_, surroundings_);
    const auto services = hub.services(logger_);
    const Registration attached = services->attach(store, store);
    EXPECT_TRUE(logger_.contains(LogLevel::Error, "ahead of this machine's clock"));
}

TEST_F(HubTest, AFailingStoreIsTheReasonForNotBeingReady) {
    fakes::FakeStore store;
    crashWithLampOnline(store);
    store.refuse({Error::Kind::Unavailable, "hub.db: the disk is full"});

    Hub hub(settings_, surroundings_);
    const auto services = hub.services(logger_);
    const Registration attached = services->attach(store, store);
    // The second attempt comes after the first was answered.
    ASSERT_TRUE(store.awaitAppends(3));
    EXPECT_FALSE(services->readiness().ready());
    EXPECT_EQ(services->readiness().reasons.at(0), "hub.db: the disk is full");
    EXPECT_EQ(hub.drain(0ms), Hub::Drained::NotStored);
}

TEST_F(HubTest, ARequiredPluginThatHasFailedIsAReason) {
    fakes::FakeStore store;
    const Health failed{Health::State::Failed, "the broker does not answer"};
    surroundings_.plugins = [failed] {
        return std::vector<PluginStatus>{
            {.name = "mqtt", .required = true, .state = PluginState::Started, .health = failed},
            {.name = "lights", .state = PluginState::Started, .health = failed}};
    };
    Hub hub(settings_, surroundings_);
    const auto services = hub.services(logger_);
    const Registration attached = services->attach(store, store);
    EXPECT_EQ(services->readiness().reasons,
              std::vector<std::string>{"plugin mqtt has failed: the broker does not answer"});
}

TEST_F(HubTest, IsNotReadyOnceItBeginsToStop) {
    fakes::FakeStore store;
    Hub hub(settings_, surroundings_);
    const auto services = hub.services(logger_);
    const Registration attached = services->attach(store, store);
    ASSERT_TRUE(services->readiness().ready());
    hub.stopServing();
    EXPECT_EQ(services->readiness().reasons, std::vector<std::string>{"the hub is stopping"});
}

// A device that is online, as a transport lets it in.
class HubCommandsTest : public HubTest {
protected:
    HubCommandsTest() { (void)say(lamp_, registration()); }

    static DeviceMessage registration() {
        return {.type = MessageType::Registration,
                .name = "registration",
                .document = "{}",
                .device_type = "esp32"};
    }
    // The first message opens the session.
    bool say(std::unique_ptr<DeviceSession>& session, const DeviceMessage& message) {
        if (session) return session->publish(message, AckTag::None);
        const LinkId link{++last_link_};
        auto opened = services_->devices().open("lamp", {transport_, link, ""}, message,
                                                AckTag::None, *sink_);
        EXPECT_TRUE(opened.ok());
        session = std::move(*opened);
        return true;
    }
    static CommandRequest request() {
        CommandRequest request;
        request.targets.ids = {"lamp"};
        request.name = "on";
        request.queue_offline = true;
        return request;
    }

    fakes::FakeStore store_;
    fakes::FakeTransport transport_;
    Hub hub_{settings_, surroundings_};
    const std::unique_ptr<HubServices> services_ = hub_.services(logger_);
    std::optional<Registration> attached_{services_->attach(store_, store_)};
    const std::unique_ptr<EventSink> sink_ = services_->devices().openSink([] {});
    std::unique_ptr<DeviceSession> lamp_;
    std::uint64_t last_link_ = 0;
};

TEST_F(HubCommandsTest, ACommandGoesToTheDevicesLinkAndItsAcknowledgementEndsIt) {
    const auto receipt = services_->commands().submit(request());
    ASSERT_TRUE(receipt.ok()) << receipt.error().message;
    EXPECT_EQ(receipt->status, CommandStatus::Sent);
    EXPECT_EQ(transport_.takeDelivered().size(), 1U);
    EXPECT_TRUE(say(lamp_, {.type = MessageType::CommandAck,
                            .name = "command_ack",
                            .document = "{}",
                            .command_id = receipt->record.command.id}));
    EXPECT_EQ(*services_->commands().cancel(receipt->record.command.id), 0U);
}

TEST_F(HubCommandsTest, WhatIsQueuedGoesOutWhenTheDeviceComes) {
    lamp_->end(OfflineReason::Closed);
    lamp_.reset();
    EXPECT_EQ(services_->commands().submit(request())->status, CommandStatus::Queued);
    EXPECT_TRUE(transport_.takeDelivered().empty());
    EXPECT_TRUE(say(lamp_, registration()));
    (void)services_->commands().cancel("nobody's");  // returns behind what came before
    EXPECT_EQ(transport_.takeDelivered().size(), 1U);
}

TEST_F(HubCommandsTest, ForgettingADeviceEndsItsCommandsFirst) {
    ASSERT_TRUE(services_->commands().submit(request()).ok());
    lamp_->end(OfflineReason::Closed);
    ASSERT_TRUE(services_->devices().forget("lamp").ok());
    const auto events = store_.events();
    ASSERT_GE(events.size(), 2U);
    EXPECT_EQ(events.back().kind, EventKind::Forgotten);
    EXPECT_EQ(events[events.size() - 2].target, TargetStatus::Cancelled);
}

TEST_F(HubCommandsTest, TheyAreTakenWhilePluginsStopAndNotAfter) {
    hub_.stopServing();
    EXPECT_TRUE(services_->commands().submit(request()).ok());
    EXPECT_EQ(hub_.drain(10s), Hub::Drained::Stored);
    EXPECT_EQ(services_->commands().submit(request()).error().kind, Error::Kind::Unavailable);
    attached_.reset();
    EXPECT_EQ(services_->commands().submit(request()).error().kind, Error::Kind::Unavailable);
}

TEST_F(HubCommandsTest, WhatWasAcknowledgedIsStoredOnceTheHubIsDrained) {
    const std::string id = services_->commands().submit(request())->record.command.id;
    lamp_->end(OfflineReason::Closed);
    lamp_.reset();
    CommandRequest held = request();
    held.name = "held";
    EXPECT_EQ(services_->commands().submit(held)->status, CommandStatus::Queued);
    fakes::SlowGuard guard;
    const Registration attached = services_->commands().attach(guard);
    guard.hold("held");
    EXPECT_TRUE(say(lamp_, registration()));
    ASSERT_TRUE(guard.awaitHeld());
    EXPECT_TRUE(say(lamp_, {.type = MessageType::CommandAck,
                            .name = "command_ack",
                            .document = "{}",
                            .command_id = id}));
    EXPECT_EQ(hub_.drain(10ms), Hub::Drained::NotStored) << "it is not in the log yet";
    guard.release();
    EXPECT_EQ(hub_.drain(60s), Hub::Drained::Stored);
    const auto events = store_.events();
    EXPECT_TRUE(std::ranges::any_of(events, [](const fakes::StoredEvent& event) {
        return event.record && event.target == TargetStatus::AckSuccess;
    }));
}

TEST_F(HubTest, AFullLogIsAReason) {
    settings_.log_bytes = 4096;
    fakes::FakeStore store;
    crashWithLampOnline(store);
    store.refuse({Error::Kind::Unavailable, "hub.db: the disk is full"});
    Hub hub(settings_, surroundings_);
    const auto services = hub.services(logger_);
    const Registration attached = services->attach(store, store);
    const auto sink = services->devices().openSink([] {});
    fakes::FakeTransport transport;
    DeviceMessageDecoder decoder;
    ASSERT_TRUE(decoder.decode(R"({"message_type":"registration","device_type":"lamp"})"));
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(services->devices()
                        .open("lamp-" + std::to_string(i), {transport, LinkId{}, "", {}},
                              decoder.message(), AckTag::None, *sink)
                        .ok());
    }
    sink->flush();
    EXPECT_EQ(services->readiness().reasons.back(),
              "the event log is full: devices have to wait until the store has caught up");
}

}  // namespace
}  // namespace hub
