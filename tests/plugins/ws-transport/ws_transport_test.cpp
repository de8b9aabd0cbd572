#include "ws_transport.h"

#include "fakes/fake_devices.h"
#include "fakes/fake_http_request.h"
#include "fakes/fake_hub.h"
#include "fakes/fake_store.h"
#include "fakes/fake_websocket_endpoints.h"
#include "ws_transport_plugin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <iterator>
#include <optional>
#include <string>

namespace hub::ws_transport {
namespace {

using fakes::FakeHub;
using fakes::FakeWebSocketLink;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

constexpr const char* kHello = R"({"message_type":"registration","device_type":"lamp"})";

class WsTransportTest : public ::testing::Test {
protected:
    WsTransportTest() {
        hub_.use(devices_);
        hub_.use(links_);
        hub_.setHistory(&store_);
    }

    void start() { transport_.emplace(limits_, hub_); }

    FakeWebSocketLink* connect(const std::string& id) {
        return links_.connect(fakes::FakeHttpRequest("/ws/" + id).withParameter("device_id", id));
    }

    FakeWebSocketLink& online(const std::string& id) {
        FakeWebSocketLink& link = *connect(id);
        link.hears(kHello);
        static_cast<void>(story());
        return link;
    }

    [[nodiscard]] std::vector<std::string> story() { return devices_.takeStory(); }

    WebSocketLimits limits_;
    fakes::FakeStore store_;
    fakes::FakeDevices devices_;
    fakes::FakeWebSocketEndpoints links_;
    FakeHub hub_;
    std::optional<WsTransport> transport_;
};

TEST_F(WsTransportTest, MountsItsPathWithItsLimits) {
    limits_.message_bytes = 1234;
    start();
    EXPECT_EQ(links_.pattern(), "/ws/{device_id}");
    EXPECT_EQ(links_.limits().message_bytes, 1234U);
    EXPECT_EQ(transport_->name(), "websocket");
}

TEST_F(WsTransportTest, RefusesIdsThatAreNone) {
    start();
    for (const std::string& id :
         {std::string(), std::string("a b"), std::string("a/b"), std::string(129, 'x')}) {
        EXPECT_EQ(connect(id), nullptr);
        EXPECT_EQ(links_.refusal()->status, 400) << id;
    }
    EXPECT_NE(connect(std::string(128, 'x')), nullptr);
}

TEST_F(WsTransportTest, RefusesTheReservedIds) {
    start();
    for (const char* const id : {"servo", "dashboard", "browser"}) {
        EXPECT_EQ(connect(id), nullptr);
        EXPECT_EQ(links_.refusal()->status, 400) << id;
    }
    EXPECT_NE(connect("servo-1"), nullptr);
}

TEST_F(WsTransportTest, TakesTheIdFromTheLinkAndNotFromTheDocument) {
    start();
    connect("lamp-1")->hears(
        R"({"message_type":"registration","device_type":"lamp","device_id":"other"})");
    EXPECT_EQ(story()[0], "lamp-1 online");
}

TEST_F(WsTransportTest, AnswersWithAnErrorFrame) {
    start();
    FakeWebSocketLink& link = online("lamp-1");
    link.hears("nonsense");
    const auto sent = link.takeSent();
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_TRUE(sent[0].starts_with(R"({"message_type":"error","error":")")) << sent[0];
    EXPECT_EQ(sent[0].find("msg_id"), std::string::npos);
    EXPECT_EQ(link.closeCode(), std::nullopt);
    EXPECT_EQ(devices_.signsOfLife(), 1);
}

TEST_F(WsTransportTest, LeavesADebugLineOfWhatItRefuses) {
    start();
    connect("lamp-1")->hears(R"({"message_type":"status","payload":7})");
    EXPECT_TRUE(hub_.log().contains(LogLevel::Debug,
                                    "a message from lamp-1 at 192.0.2.7:50312 is refused: "));
    online("lamp-2").hears("nonsense");
    EXPECT_TRUE(hub_.log().contains(LogLevel::Debug,
                                    "a message from lamp-2 at 192.0.2.7:50312 is refused: "));
}

TEST_F(WsTransportTest, AnswersWithAnErrorFrameWhileTheHubTakesNobody) {
    start();
    devices_.refuse(Error{Error::Kind::Unavailable, "the hub is stopping"});
    FakeWebSocketLink& link = *connect("lamp-1");
    link.hears(R"({"message_type":"registration","device_type":"lamp","msg_id":3})");
    EXPECT_THAT(
        link.takeSent(),
        ElementsAre(R"({"message_type":"error","error":"the hub is stopping","msg_id":3})"));
    devices_.refuse(std::nullopt);
    link.hears(kHello);
    EXPECT_EQ(story()[0], "lamp-1 online");
}

TEST_F(WsTransportTest, RegistersALinkWithItsDeviceAndNotBefore) {
    start();
    FakeWebSocketLink& link = *connect("lamp-1");
    link.hears("nonsense");
    devices_.refuse(Error{Error::Kind::Unavailable, "the hub is stopping"});
    link.hears(kHello);
    EXPECT_FALSE(link.isRegistered());
    devices_.refuse(std::nullopt);
    link.hears(kHello);
    EXPECT_TRUE(link.isRegistered());
    FakeWebSocketLink& newer = *connect("lamp-1");
    newer.hears(kHello);
    EXPECT_TRUE(newer.isRegistered()) << "also while it waits for the older one";
}

TEST_F(WsTransportTest, WritesACommandAsTheFirmwaresExpectIt) {
    start();
    FakeWebSocketLink& link = online("lamp-1");
    EXPECT_EQ(transport_->deliver(link.id(), {"7-\"8\"", "forward", R"({"speed":1})"}),
              Delivery::Accepted);
    EXPECT_EQ(transport_->deliver(link.id(), {"9", "stop", ""}), Delivery::Accepted);
    EXPECT_THAT(
        link.takeSent(),
        ElementsAre(
            R"({"message_type":"command","command_id":"7-\"8\"","command_name":"forward","payload":{"speed":1}})",
            R"({"message_type":"command","command_id":"9","command_name":"stop","payload":{}})"));
}

TEST_F(WsTransportTest, ClosesADeviceThatDoesNotReadItsCommandsWith1013) {
    start();
    FakeWebSocketLink& link = online("lamp-1");
    (void)devices_.takeStory();
    links_.fillQueues();
    link.doesNotRead(WsSession::kUnreadLimit - 1ns);
    EXPECT_EQ(transport_->deliver(link.id(), {"1", "stop", "{}"}), Delivery::Busy);
    links_.runNotifications();
    EXPECT_EQ(link.closeCode(), std::nullopt) << "it may be slow, or much has come at once";
    EXPECT_THAT(devices_.takeStory(), IsEmpty());

    link.doesNotRead(WsSession::kUnreadLimit);
    EXPECT_EQ(transport_->deliver(link.id(), {"2", "stop", "{}"}), Delivery::Busy);
    links_.runNotifications();
    EXPECT_EQ(link.closeCode(), CloseCode::TryAgainLater);
    EXPECT_THAT(devices_.takeStory(), ElementsAre("lamp-1 offline lost"));
}

TEST_F(WsTransportTest, ClosesATakenOverLinkWith4000) {
    start();
    FakeWebSocketLink& older = online("lamp-1");
    connect("lamp-1")->hears(kHello);
    links_.runNotifications();
    EXPECT_EQ(older.closeCode(), CloseCode::TakenOver);
    EXPECT_EQ(older.closeReason(), "taken over");
}

TEST_F(WsTransportTest, ClosesAKickedLinkWith1008) {
    start();
    FakeWebSocketLink& link = online("lamp-1");
    transport_->disconnect(link.id(), OfflineReason::Kicked);
    links_.runNotifications();
    EXPECT_EQ(link.closeCode(), CloseCode::PolicyViolation);
    EXPECT_EQ(link.closeReason(), "kicked");
}

TEST_F(WsTransportTest, TellsEachWayThatALinkCanEnd) {
    start();
    const struct {
        LinkEnd end;
        const char* offline;
    } cases[]{
        {{LinkEnd::Cause::PeerClosed, CloseCode::Normal}, "lamp-1 offline closed"},
        {{LinkEnd::Cause::PeerClosed, CloseCode::NoStatus}, "lamp-1 offline closed"},
        {{LinkEnd::Cause::PeerClosed, CloseCode::InternalError}, "lamp-1 offline closed"},
        {{LinkEnd::Cause::Broken, CloseCode::AbnormalClosure}, "lamp-1 offline lost"},
        {{LinkEnd::Cause::ProtocolError, CloseCode::ProtocolError}, "lamp-1 offline lost 1002"},
        {{LinkEnd::Cause::QueueFull, CloseCode::TryAgainLater}, "lamp-1 offline lost 1013"},
        {{LinkEnd::Cause::ClosedByUs, CloseCode::InternalError}, "lamp-1 offline lost 1011"},
        {{LinkEnd::Cause::Silent, CloseCode::PolicyViolation}, "lamp-1 offline timeout"},
        {{LinkEnd::Cause::HubStopping, CloseCode::GoingAway}, "lamp-1 offline hub_stopped"},
    };
    for (const auto& one : cases) {
        online("lamp-1").ends(one.end);
        EXPECT_THAT(story(), ElementsAre(one.offline));
    }
}

TEST_F(WsTransportTest, EndsAllSessionsWhenItGoes) {
    start();
    online("lamp-1");
    transport_.reset();
    EXPECT_THAT(story(), ElementsAre("lamp-1 offline hub_stopped"));
}

TEST_F(WsTransportTest, DoesNotTakeBinaryMessages) {
    start();
    online("lamp-1").hearsBinary("\x01\x02");
    EXPECT_THAT(story(), ElementsAre("lamp-1 offline lost 1003"));
}

TEST_F(WsTransportTest, TellsOfLinksThatItClosesForAFault) {
    start();
    const struct {
        LinkEnd end;
        const char* told;
    } faults[]{
        {{LinkEnd::Cause::ProtocolError, CloseCode::ProtocolError},
         "1002: its framing breaks RFC 6455"},
        {{LinkEnd::Cause::ProtocolError, CloseCode::UnsupportedPayload}, "1003: a binary message"},
        {{LinkEnd::Cause::ProtocolError, CloseCode::InvalidPayload},
         "1007: text that is not UTF-8"},
        {{LinkEnd::Cause::ProtocolError, CloseCode::PolicyViolation},
         "1008: a message in too many fragments"},
        {{LinkEnd::Cause::ProtocolError, CloseCode::MessageTooBig},
         "1009: a message that is too long (ws.message_limit)"},
        {{LinkEnd::Cause::ClosedByUs, CloseCode::InternalError},
         "1011: a fault in the hub, told before this"},
        {{LinkEnd::Cause::QueueFull, CloseCode::TryAgainLater},
         "1013: the device does not read (ws.queue_limit)"},
        {{LinkEnd::Cause::ClosedByUs, CloseCode::TryAgainLater},
         "1013: the device does not read (ws.queue_limit)"},
    };
    for (const auto& fault : faults) {
        online("lamp-1").ends(fault.end);
        ASSERT_FALSE(hub_.log().lines().empty());
        EXPECT_EQ(hub_.log().lines().back().level, LogLevel::Warning);
        EXPECT_EQ(hub_.log().lines().back().message,
                  std::string("closed the link of lamp-1 at 192.0.2.7:50312 with ") + fault.told);
    }
    EXPECT_EQ(hub_.log().lines().size(), std::size(faults));
}

TEST_F(WsTransportTest, TellsOfADeviceThatDoesNotRegister) {
    start();
    connect("lamp-1")->ends({LinkEnd::Cause::Silent, CloseCode::PolicyViolation});
    EXPECT_TRUE(hub_.log().contains(LogLevel::Warning,
                                    "closed the link of lamp-1 at 192.0.2.7:50312 with 1008: no "
                                    "device registered in time (ws.first_message)"));
}

TEST_F(WsTransportTest, TellsNothingOfEndsThatAreNobodysFault) {
    start();
    for (const LinkEnd& end : {LinkEnd{LinkEnd::Cause::PeerClosed, CloseCode::ProtocolError},
                               LinkEnd{LinkEnd::Cause::Broken, CloseCode::AbnormalClosure},
                               LinkEnd{LinkEnd::Cause::Silent, CloseCode::PolicyViolation},
                               LinkEnd{LinkEnd::Cause::HubStopping, CloseCode::GoingAway},
                               LinkEnd{LinkEnd::Cause::ClosedByUs, CloseCode::PolicyViolation},
                               LinkEnd{LinkEnd::Cause::ClosedByUs, CloseCode::TakenOver}}) {
        online("lamp-1").ends(end);
    }
    EXPECT_THAT(hub_.log().lines(), IsEmpty());
}

TEST_F(WsTransportTest, AFloodOfFaultsDoesNotFloodTheLog) {
    start();
    for (int i = 0; i < 2 * ThrottledLogger::kLinesPerMinute; ++i) {
        online("lamp-1").hearsBinary("\x01");
    }
    EXPECT_EQ(hub_.log().lines().size(), ThrottledLogger::kLinesPerMinute);
}

TEST_F(WsTransportTest, CountsPingsAndPongsAsSignsOfLife) {
    start();
    FakeWebSocketLink& link = *connect("lamp-1");
    link.hearsControl();  // of a device that is not yet known: harmless
    link.hears(kHello);
    link.hearsControl();
    EXPECT_EQ(devices_.signsOfLife(), 1);
}

TEST_F(WsTransportTest, GivesEveryLinkTheTimeoutOfItsDevice) {
    devices_.setTimeout(60s);
    devices_.setTimeout("sensor", 30s);
    devices_.setTimeout("esp32", 40s);
    start();
    FakeWebSocketLink& link = *connect("thing-1");
    EXPECT_EQ(link.idleTimeout(), WsSession::kTimeoutBeforeFirst);
    link.hears(R"({"message_type":"registration","device_type":"sensor"})");
    EXPECT_EQ(link.idleTimeout(), 30s);
    link.hears(R"({"message_type":"registration","device_type":"esp32"})");
    EXPECT_EQ(link.idleTimeout(), 40s);
    link.hears(R"({"message_type":"registration","device_type":"lamp"})");
    EXPECT_EQ(link.idleTimeout(), 60s);
    link.hears(R"({"message_type":"status","device_type":"sensor","payload":{}})");
    EXPECT_EQ(link.idleTimeout(), 30s);
    link.hears(R"({"message_type":"status","payload":{}})");
    EXPECT_EQ(link.idleTimeout(), 30s);
}

TEST_F(WsTransportTest, ADeviceThatIsKnownNeedNotTellItsTypeToHaveItsTimeout) {
    devices_.setTimeout("sensor", 30s);
    devices_.remember("thing-1", "sensor");
    start();
    FakeWebSocketLink& link = *connect("thing-1");
    link.hears(R"({"message_type":"heartbeat"})");
    EXPECT_EQ(link.idleTimeout(), 30s);
}

TEST_F(WsTransportTest, ATimeoutThatStaysIsNotSetAgain) {
    start();
    FakeWebSocketLink& link = online("thing-1");
    link.setIdleTimeout(1s);
    link.hears(R"({"message_type":"heartbeat"})");
    EXPECT_EQ(link.idleTimeout(), 1s);
}

TEST_F(WsTransportTest, CountsTheDocumentsItRefuses) {
    start();
    FakeWebSocketLink& link = *connect("lamp-1");
    link.hears("nonsense");
    link.hears(kHello);
    link.hears("{}");
    EXPECT_THAT(hub_.metrics().text(), HasSubstr("\nhub_device_messages_refused_total 2"));
}

TEST_F(WsTransportTest, AcknowledgesTheFirstMessageToo) {
    start();
    FakeWebSocketLink& link = *connect("lamp-1");
    link.hears(R"({"message_type":"registration","device_type":"lamp","msg_id":"x\"y"})");
    devices_.makeDurable();
    EXPECT_THAT(link.takeSent(), ElementsAre(R"({"message_type":"ack","msg_id":"x\"y"})"));
}

TEST_F(WsTransportTest, StopsReadingWhenTooManyAcksWait) {
    start();
    FakeWebSocketLink& link = online("lamp-1");
    const std::string id = '"' + std::string(126, 'i') + '"';
    const std::string heartbeat = R"({"message_type":"heartbeat","msg_id":)" + id + "}";
    std::size_t published = 0;
    while (!link.paused()) {
        link.hears(heartbeat);
        ++published;
    }
    EXPECT_EQ(published, (WsSession::kPendingAcksLimit + 129) / 130);

    link.hears(R"({"message_type":"heartbeat"})");
    EXPECT_EQ(story().size(), published);
    devices_.makeDurable();
    EXPECT_FALSE(link.paused());
    EXPECT_EQ(link.takeSent().size(), published);
    EXPECT_THAT(story(), ElementsAre(HasSubstr("heartbeat")));
}

TEST_F(WsTransportTest, PromisesNoAcknowledgementWithoutAStore) {
    hub_.setHistory(nullptr);
    start();
    FakeWebSocketLink& link = online("lamp-1");
    const std::string id = '"' + std::string(126, 'i') + '"';
    for (int i = 0; i < 1000; ++i) {
        link.hears(R"({"message_type":"heartbeat","msg_id":)" + id + "}");
    }
    devices_.makeDurable();
    EXPECT_FALSE(link.paused());
    EXPECT_THAT(link.takeSent(), IsEmpty());
    EXPECT_EQ(story().size(), 1000U);
}

TEST_F(WsTransportTest, ThePluginLetsDevicesInFromStartToStop) {
    WsTransportPlugin plugin;
    plugin.configure(Options(plugin.options(), {{"ws.queue_limit", "8k"}}));
    plugin.start(hub_);
    EXPECT_EQ(links_.limits().queue_bytes, 8192U);
    EXPECT_EQ(plugin.health().state, Health::State::Ok);
    EXPECT_THAT(hub_.log().lines(), IsEmpty());

    EXPECT_NE(connect("a"), nullptr);
    plugin.stop();
    EXPECT_EQ(connect("a"), nullptr);
}

TEST_F(WsTransportTest, ThePluginWarnsThatNothingIsAcknowledgedWithoutAStore) {
    hub_.setHistory(nullptr);
    WsTransportPlugin plugin;
    plugin.configure(Options(plugin.options(), {}));
    plugin.start(hub_);
    EXPECT_TRUE(hub_.log().contains(LogLevel::Warning, "no store"));
    plugin.stop();
}

}  // namespace
}  // namespace hub::ws_transport
