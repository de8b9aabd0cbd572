#include "hub.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "fakes/fake_store.h"
#include "fakes/recording_logger.h"

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
    HubSettings settings_;
};

TEST_F(HubTest, ListensOnAFreePortWhenAskedForAny) {
    const Hub hub(settings_, clock_, logger_);
    EXPECT_NE(hub.port(), 0);
}

TEST_F(HubTest, APortInUseIsRefusedBeforeAnythingElse) {
    const Hub first(settings_, clock_, logger_);
    settings_.port = first.port();
    EXPECT_THROW(Hub(settings_, clock_, logger_), std::runtime_error);
}

TEST_F(HubTest, WithoutAStoreItIsNotReady) {
    Hub hub(settings_, clock_, logger_);
    const auto services = hub.services(logger_);
    EXPECT_FALSE(services->readiness().ready);
    EXPECT_EQ(services->history(), nullptr);
    EXPECT_FALSE(hub.drain(1s));
}

TEST_F(HubTest, AnAttachedStoreMakesItReady) {
    Hub hub(settings_, clock_, logger_);
    const auto services = hub.services(logger_);
    fakes::FakeStore store;
    {
        const Registration attached = services->attach(store, store);
        EXPECT_TRUE(services->readiness().ready);
        EXPECT_EQ(services->history(), &store);
    }
    EXPECT_FALSE(services->readiness().ready);
    EXPECT_EQ(services->history(), nullptr);
}

TEST_F(HubTest, ASecondStoreIsRefused) {
    Hub hub(settings_, clock_, logger_);
    const auto services = hub.services(logger_);
    fakes::FakeStore first;
    fakes::FakeStore second;
    const Registration attached = services->attach(first, first);
    EXPECT_THROW((void)services->attach(second, second), std::logic_error);
}

TEST_F(HubTest, DevicesThatWereOnlineInACrashGoOfflineWhenTheStoreIsAttached) {
    fakes::FakeStore store;
    crashWithLampOnline(store);

    Hub hub(settings_, clock_, logger_);
    const auto services = hub.services(logger_);
    const Registration attached = services->attach(store, store);
    ASSERT_TRUE(hub.drain(60s));

    ASSERT_EQ(store.events().size(), 2U);
    EXPECT_EQ(store.events().back().sequence, 6U);
    EXPECT_EQ(store.events().back().reason, OfflineReason::HubRestarted);
    EXPECT_FALSE(services->devices().find("lamp")->online);
}

TEST_F(HubTest, AClockBehindTheStoredEventsIsReported) {
    fakes::FakeStore store;
    crashWithLampOnline(store, clock_.wall() + std::chrono::hours(1));
    Hub hub(settings_, clock_, logger_);
    const auto services = hub.services(logger_);
    const Registration attached = services->attach(store, store);
    EXPECT_TRUE(logger_.contains(LogLevel::Error, "ahead of this machine's clock"));
}

TEST_F(HubTest, AFailingStoreIsTheReasonForNotBeingReady) {
    fakes::FakeStore store;
    crashWithLampOnline(store);
    store.refuse({Error::Kind::Unavailable, "hub.db: the disk is full"});

    Hub hub(settings_, clock_, logger_);
    const auto services = hub.services(logger_);
    const Registration attached = services->attach(store, store);
    // The second attempt comes after the first was answered.
    ASSERT_TRUE(store.awaitAppends(3));
    EXPECT_FALSE(services->readiness().ready);
    EXPECT_EQ(services->readiness().reason, "hub.db: the disk is full");
}

}  // namespace
}  // namespace hub
