#include "plugins/plugin_services.h"

#include "fakes/fake_devices.h"
#include "fakes/fake_hub.h"
#include "fakes/fake_store.h"
#include "fakes/fake_transport.h"
#include "fakes/recording_logger.h"
#include "hub/device_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>

namespace hub::plugins {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kRegistration =
    R"({"message_type":"registration","device_type":"lamp"})";
constexpr std::string_view kHeartbeat = R"({"message_type":"heartbeat"})";

class PluginServicesTest : public testing::Test {
protected:
    PluginServicesTest() { hub_.use(devices_); }

    const DeviceMessage& message(std::string_view text) {
        EXPECT_TRUE(decoder_.decode(text));
        return decoder_.message();
    }
    Result<std::unique_ptr<DeviceSession>> open(std::string_view id, EventSink& sink) {
        return services_.devices().open(id, {transport_, LinkId{1}, "192.0.2.7:1", {}},
                                        message(kRegistration), AckTag::None, sink);
    }

    fakes::FakeDevices devices_;
    fakes::FakeStore store_;
    fakes::FakeTransport transport_;
    DeviceMessageDecoder decoder_;
    std::shared_ptr<fakes::RecordingLogger> faults_ = std::make_shared<fakes::RecordingLogger>();
    std::shared_ptr<Lease> lease_ = std::make_shared<Lease>("lamps", faults_);
    std::unique_ptr<fakes::FakeHub> made_ = std::make_unique<fakes::FakeHub>();
    fakes::FakeHub& hub_ = *made_;
    PluginServices services_{lease_, std::move(made_)};
};

TEST_F(PluginServicesTest, OffersWhatTheHubOffers) {
    hub_.setReadiness({{"the disk is full"}});
    hub_.setPlugins({PluginStatus{.name = "one", .version = {}, .kind = {}}});
    const Registration route =
        services_.http().route("GET", "/lamps", [](const HttpRequest&) { return HttpResponse{}; });
    const Registration probe =
        services_.http().probe("/lit", [](const HttpRequest&) { return HttpResponse{}; });
    const Registration store = services_.attach(store_, store_);
    const auto sink = services_.devices().openSink([] {});
    const auto session = open("lamp-1", *sink).value();

    EXPECT_EQ(hub_.routes().count(), 2U);
    EXPECT_THAT(hub_.routes().probes(), ElementsAre("/lit"));
    EXPECT_EQ(hub_.store(), &store_);
    EXPECT_TRUE(services_.history()->states({}, [](const StateRow&) { return true; }).ok());
    EXPECT_TRUE(session->active());
    EXPECT_TRUE(services_.devices().find("lamp-1"));
    EXPECT_EQ(services_.devices().count(), 1U);
    EXPECT_THAT(services_.readiness().reasons, ElementsAre("the disk is full"));
    EXPECT_EQ(services_.plugins().size(), 1U);
    EXPECT_EQ(&services_.clock(), &hub_.clock());
    EXPECT_EQ(&services_.logger(), &hub_.logger());
}

TEST_F(PluginServicesTest, WithoutAStoreThereIsNoHistory) {
    EXPECT_EQ(services_.history(), nullptr);
}

TEST_F(PluginServicesTest, AttachesNothingAfterTheEnd) {
    lease_->end();

    EXPECT_THROW((void)services_.http().route("GET", "/lamps", {}), std::logic_error);
    EXPECT_THROW((void)services_.http().probe("/lit", {}), std::logic_error);
    EXPECT_THROW((void)services_.attach(store_, store_), std::logic_error);
    EXPECT_THROW((void)services_.metrics().beforeRead([] {}), std::logic_error);
    EXPECT_EQ(hub_.routes().count(), 0U);
    EXPECT_EQ(hub_.store(), nullptr);
    EXPECT_EQ(faults_->lines().size(), 1U);
}

TEST_F(PluginServicesTest, FindsNothingAfterTheEnd) {
    hub_.setHistory(&store_);
    devices_.remember("lamp-1", "lamp");
    const History* history = services_.history();
    lease_->end();

    EXPECT_FALSE(services_.devices().find("lamp-1"));
    services_.devices().visit({}, [](const Device&) {
        ADD_FAILURE() << "nobody is visited";
        return false;
    });
    EXPECT_EQ(services_.devices().count(), 0U);
    EXPECT_EQ(services_.history(), nullptr);
    const auto read = history->states({}, [](const StateRow&) { return true; });
    EXPECT_EQ(read.error().message, "plugin lamps has been stopped");
    EXPECT_THAT(services_.readiness().reasons, ElementsAre("plugin lamps has been stopped"));
    EXPECT_THAT(services_.plugins(), IsEmpty());
}

TEST_F(PluginServicesTest, CommandsAreTheHubsUntilTheEnd) {
    hub_.ledger().open("42", 2);
    EXPECT_TRUE(services_.commands().submit({.targets = {.ids = {"lamp-1"}}, .name = "on"}).ok());
    EXPECT_EQ(services_.commands().cancel("42").value(), 2U);
    EXPECT_EQ(hub_.ledger().requests().size(), 1U);

    lease_->end();
    EXPECT_EQ(services_.commands().submit({.name = "on"}).error().message,
              "plugin lamps has been stopped");
    EXPECT_EQ(services_.commands().cancel("42").error().kind, Error::Kind::Unavailable);
    EXPECT_EQ(hub_.ledger().requests().size(), 1U);
}

TEST_F(PluginServicesTest, AGuardIsAskedUntilTheEnd) {
    class Locked final : public CommandGuard {
    public:
        [[nodiscard]] std::optional<std::string> refuse(const Command&, const Device&) override {
            return "the lamp is locked";
        }
    };
    Locked guard;
    const Registration attached = services_.commands().attach(guard);
    EXPECT_EQ(hub_.ledger().objection({}, {}), "the lamp is locked");

    EXPECT_EQ(lease_->end(), "1 command guard");
    EXPECT_EQ(hub_.ledger().objection({}, {}), std::nullopt);
    EXPECT_THROW((void)services_.commands().attach(guard), std::logic_error);
}

TEST_F(PluginServicesTest, AReaderFindsEventsUntilTheEnd) {
    int woken = 0;
    const auto reader = services_.events().open(TopicFilter(), {}, [&woken] { ++woken; });
    const auto show = [](const Event&) { return true; };
    EXPECT_EQ(reader->read(show), EventReader::State::Waiting);
    hub_.feed().publish("lamp-1", "status");
    EXPECT_EQ(woken, 1);
    EXPECT_EQ(reader->read(show), EventReader::State::Waiting);
    EXPECT_EQ(reader->position(), 1U);
    EXPECT_EQ(services_.events().durable(), 1U);

    EXPECT_EQ(lease_->end(), "1 event reader");
    EXPECT_EQ(hub_.feed().readers(), 0U);
    EXPECT_FALSE(lease_->strays());
    hub_.feed().publish("lamp-1", "status");
    EXPECT_EQ(woken, 1);

    EXPECT_EQ(reader->read(show), EventReader::State::Unavailable);
    EXPECT_EQ(reader->position(), 1U);
    EXPECT_EQ(services_.events().durable(), 0U);
    const auto late = services_.events().open(TopicFilter(), 0, [] {});
    EXPECT_EQ(late->read(show), EventReader::State::Unavailable);
}

TEST_F(PluginServicesTest, AReaderIsNotWokenOnceThePluginIsGivenUp) {
    int woken = 0;
    const auto reader = services_.events().open(TopicFilter(), {}, [&woken] { ++woken; });
    EXPECT_EQ(reader->read([](const Event&) { return true; }), EventReader::State::Waiting);
    lease_->revoke();
    hub_.feed().publish("lamp-1", "status");
    EXPECT_EQ(woken, 0);
}

TEST_F(PluginServicesTest, AListenerHearsEventsUntilTheEnd) {
    class Counting final : public EventListener {
    public:
        void onEvents(std::span<const Event> events) override { heard += events.size(); }
        void onLag(Sequence) noexcept override {}

        std::size_t heard = 0;
    };
    Counting listener;
    const Registration listening = services_.events().listen(TopicFilter(), {}, listener);
    hub_.feed().publish("lamp-1", "status");
    EXPECT_EQ(listener.heard, 1U);

    EXPECT_EQ(lease_->end(), "1 event listener");
    hub_.feed().publish("lamp-1", "status");
    EXPECT_EQ(listener.heard, 1U);
    EXPECT_THROW((void)services_.events().listen(TopicFilter(), {}, listener), std::logic_error);
}

TEST_F(PluginServicesTest, AHistoryWhoseStoreIsGoneIsUnavailable) {
    hub_.setHistory(&store_);
    const History* history = services_.history();
    hub_.setHistory(nullptr);
    const auto read = history->connections({}, [](const ConnectionRow&) { return true; });
    EXPECT_EQ(read.error().kind, Error::Kind::Unavailable);
}

TEST_F(PluginServicesTest, OpensAndForgetsNothingAfterTheEnd) {
    devices_.remember("lamp-1", "lamp");
    lease_->end();

    const auto sink = services_.devices().openSink([] {});
    EXPECT_EQ(sink->flush(), 0U);
    EXPECT_EQ(sink->durable(), 0U);
    EXPECT_TRUE(sink->paused());
    sink->settle();
    EXPECT_EQ(open("lamp-1", *sink).error().kind, Error::Kind::Unavailable);
    EXPECT_EQ(services_.devices().kick("lamp-1").error().kind, Error::Kind::Unavailable);
    EXPECT_EQ(services_.devices().forget("lamp-1").error().kind, Error::Kind::Unavailable);
}

TEST_F(PluginServicesTest, AnOpenSessionTakesNothingAfterTheEndButCanBeGivenBack) {
    auto sink = services_.devices().openSink([] {});
    auto session = open("lamp-1", *sink).value();
    ASSERT_TRUE(session->publish(message(kHeartbeat), AckTag::None));
    EXPECT_EQ(lease_->end(), "1 event sink, 1 device session");
    (void)devices_.takeStory();

    EXPECT_FALSE(session->publish(message(kHeartbeat), AckTag::None));
    session->seen();
    EXPECT_THAT(devices_.takeStory(), IsEmpty());
    EXPECT_EQ(devices_.signsOfLife(), 0);

    session.reset();
    sink.reset();
    EXPECT_THAT(devices_.takeStory(), ElementsAre("lamp-1 offline lost"));
}

TEST_F(PluginServicesTest, TheTransportIsCalledUntilTheEnd) {
    const auto sink = services_.devices().openSink([] {});
    const auto session = open("lamp-1", *sink).value();
    EXPECT_TRUE(devices_.kick("lamp-1").ok());
    EXPECT_EQ(transport_.takeDisconnected().size(), 1U);

    lease_->end();
    EXPECT_TRUE(devices_.kick("lamp-1").ok());
    EXPECT_THAT(transport_.takeDisconnected(), IsEmpty());
}

TEST_F(PluginServicesTest, ASinkIsWokenUntilTheEnd) {
    int woken = 0;
    const auto sink = services_.devices().openSink([&woken] { ++woken; });
    devices_.wakeAll();
    EXPECT_EQ(woken, 1);

    lease_->end();
    devices_.wakeAll();
    EXPECT_EQ(woken, 1);
}

TEST_F(PluginServicesTest, ASinkOfAnIoThreadIsPassedOnAsItIs) {
    fakes::FakeEventSink sink;
    const auto session = open("lamp-1", sink).value();
    EXPECT_EQ(lease_->end(), "");
}

TEST_F(PluginServicesTest, CountersAndLogStayAfterTheEnd) {
    lease_->end();
    services_.metrics().counter("hub_lamps_total", "Lamps.").add();
    services_.logger().info("still there");
    EXPECT_THAT(services_.metrics().text(), testing::HasSubstr("hub_lamps_total 1"));
    EXPECT_TRUE(hub_.log().contains(LogLevel::Info, "still there"));
    EXPECT_THAT(faults_->lines(), IsEmpty());
}

}  // namespace
}  // namespace hub::plugins
