#include "hub.h"

#include "fakes/fake_store.h"
#include "fakes/fake_transport.h"
#include "fakes/fixed_log_tail.h"
#include "fakes/manual_clock.h"
#include "fakes/recording_logger.h"
#include "hub/device_message.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
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
