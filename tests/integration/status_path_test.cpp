// The way of a status message, as an operator and a device see it: real hubd, real plugins, a
// WebSocket client that is not ours, the database read with SQLite.
#include "fakes/temporary_folder.h"
#include "integration/clients.h"
#include "integration/hub_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace hub::integration {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kRegistration =
    R"({"message_type":"registration","device_type":"sensor","metadata":{"room":"hall"}})";

class StatusPath : public testing::Test {
protected:
    std::filesystem::path database() const { return folder_.path() / "hub.db"; }

    static std::string status(int number) {
        return R"({"message_type":"status","msg_id":)" + std::to_string(number) +
               R"(,"payload":{"n":)" + std::to_string(number) + "}}";
    }
    static std::string ack(int number) {
        return R"({"message_type":"ack","msg_id":)" + std::to_string(number) + "}";
    }

    fakes::TemporaryFolder folder_;
};

TEST_F(StatusPath, AcknowledgedMeansInTheDatabase) {
    HubProcess hub(folder_.path());
    DeviceClient device(hub.port(), "weather-1");
    device.send(kRegistration);
    device.send(status(1));
    EXPECT_EQ(device.receive(), ack(1));

    EXPECT_EQ(queryOne(database(),
                       "SELECT state_data FROM device_state_snapshots "
                       "WHERE device_id = 'weather-1'"),
              R"({"n":1})");
}

TEST_F(StatusPath, RestShowsWhatDevicesSaid) {
    HubProcess hub(folder_.path());
    DeviceClient device(hub.port(), "weather-1");
    device.send(kRegistration);
    for (int n = 1; n <= 5; ++n) device.send(status(n));
    for (int n = 1; n <= 5; ++n) EXPECT_EQ(device.receive(), ack(n));

    const Reply one = get(hub.port(), "/api/devices/weather-1");
    EXPECT_EQ(one.status, 200);
    EXPECT_THAT(one.body,
                AllOf(HasSubstr(R"("device_type":"sensor")"), HasSubstr(R"("is_online":true)"),
                      HasSubstr(R"("metadata":{"room":"hall"})")));

    const Reply newest = get(hub.port(), "/state-history/weather-1?limit=3");
    EXPECT_EQ(newest.status, 200);
    EXPECT_THAT(newest.body, AllOf(HasSubstr(R"({"n":5})"), HasSubstr(R"({"n":3})"),
                                   Not(HasSubstr(R"({"n":2})"))));
    EXPECT_LT(newest.body.find(R"({"n":5})"), newest.body.find(R"({"n":4})"));

    EXPECT_THAT(get(hub.port(), "/api/device-connection-history/weather-1").body,
                HasSubstr(R"("event":"connected")"));
    EXPECT_EQ(get(hub.port(), "/api/devices/nobody").status, 404);
    EXPECT_THAT(get(hub.port(), "/health").body, HasSubstr(R"("status":"ok")"));
    EXPECT_EQ(get(hub.port(), "/readyz").status, 200);
}

TEST_F(StatusPath, NonsenseIsAnsweredAndTheLinkLivesOn) {
    HubProcess hub(folder_.path());
    DeviceClient device(hub.port(), "lamp");
    device.send("{\"message_type\":");
    EXPECT_THAT(device.receive(), HasSubstr(R"("message_type":"error")"));
    device.send(R"({"message_type":"status","msg_id":"a","payload":{"x":NaN}})");
    EXPECT_THAT(device.receive(), HasSubstr(R"("message_type":"error")"));
    device.send(R"({"message_type":"status","msg_id":7,"payload":{"on":true}})");
    EXPECT_THAT(device.receive(), AllOf(HasSubstr(R"("msg_id":7)"), HasSubstr("device_type")));

    device.send(kRegistration);
    device.send(status(1));
    EXPECT_EQ(device.receive(), ack(1));
}

TEST_F(StatusPath, EveryKindOfMessageIsKept) {
    HubProcess hub(folder_.path());
    DeviceClient device(hub.port(), "robot");
    device.send(kRegistration);
    device.send(R"({"message_type":"alert","alert_type":"collision","message":"wall"})");
    device.send(R"({"message_type":"selftest","result":"good"})");
    device.send(R"({"message_type":"heartbeat","msg_id":"beat"})");
    EXPECT_EQ(device.receive(), R"({"message_type":"ack","msg_id":"beat"})");

    EXPECT_THAT(query(database(), "SELECT event FROM device_events ORDER BY seq"),
                ElementsAre(ElementsAre("registration"), ElementsAre("alert"),
                            ElementsAre("selftest"), ElementsAre("heartbeat")));
}

TEST_F(StatusPath, IdsOutsideTheRulesAreRefusedBeforeTheUpgrade) {
    HubProcess hub(folder_.path());
    for (const char* id :
         {"servo", "dashboard", "browser", "a%20b", "a%2Fb", ".", "..", "%2E%2E"}) {
        EXPECT_ANY_THROW(DeviceClient(hub.port(), id)) << id;
    }
    EXPECT_NO_THROW(DeviceClient(hub.port(), "a.b_c:d-1"));
}

TEST_F(StatusPath, ANewerLinkTakesOver) {
    HubProcess hub(folder_.path());
    DeviceClient first(hub.port(), "lamp");
    first.send(kRegistration);
    first.send(status(1));
    EXPECT_EQ(first.receive(), ack(1));

    DeviceClient second(hub.port(), "lamp");
    second.send(kRegistration);
    second.send(status(2));
    EXPECT_EQ(second.receive(), ack(2));
    EXPECT_EQ(first.receive(), "");
    EXPECT_EQ(first.closeCode(), 4000);

    EXPECT_THAT(query(database(),
                      "SELECT event, json_extract(details, '$.reason') "
                      "FROM device_connection_logs ORDER BY seq"),
                ElementsAre(ElementsAre("connected", ""), ElementsAre("disconnected", "taken_over"),
                            ElementsAre("connected", "")));
}

TEST_F(StatusPath, AnOlderLinkThatSpeaksLateIsTheOneToGo) {
    HubProcess hub(folder_.path());
    DeviceClient first(hub.port(), "lamp");
    DeviceClient second(hub.port(), "lamp");
    second.send(kRegistration);
    second.send(status(1));
    EXPECT_EQ(second.receive(), ack(1));
    first.send(kRegistration);
    EXPECT_EQ(first.receive(), "");
    EXPECT_EQ(first.closeCode(), 4000);
    second.send(status(2));
    EXPECT_EQ(second.receive(), ack(2));
}

TEST_F(StatusPath, SilenceIsATimeout) {
    HubProcess hub(folder_.path(), {"--set", "presence.timeout=1"});
    DeviceClient device(hub.port(), "lamp");
    device.send(kRegistration);
    device.send(status(1));
    EXPECT_EQ(device.receive(), ack(1));
    // Not reading means not answering pings.
    while (
        get(hub.port(), "/api/device-connection-history/lamp").body.find(R"("event":"timeout")") ==
        std::string::npos) {
    }
    EXPECT_THAT(get(hub.port(), "/api/devices/lamp").body,
                HasSubstr(R"("offline_reason":"timeout")"));
}

TEST_F(StatusPath, ARestartKnowsTheDevicesAgain) {
    {
        HubProcess hub(folder_.path());
        DeviceClient device(hub.port(), "lamp");
        device.send(kRegistration);
        device.send(status(1));
        EXPECT_EQ(device.receive(), ack(1));
        EXPECT_EQ(hub.stop(), 0);
    }
    HubProcess hub(folder_.path());
    EXPECT_THAT(
        get(hub.port(), "/api/devices/lamp").body,
        AllOf(HasSubstr(R"("is_online":false)"), HasSubstr(R"("offline_reason":"hub_stopped")"),
              HasSubstr(R"("device_type":"sensor")")));
    EXPECT_THAT(get(hub.port(), "/api/state-history/lamp").body, HasSubstr(R"({"n":1})"));
}

TEST_F(StatusPath, ACrashLeavesNobodyOnline) {
    {
        HubProcess hub(folder_.path());
        DeviceClient device(hub.port(), "lamp");
        device.send(kRegistration);
        device.send(status(1));
        EXPECT_EQ(device.receive(), ack(1));
        hub.crash();
    }
    HubProcess hub(folder_.path());
    EXPECT_THAT(
        get(hub.port(), "/api/devices/lamp").body,
        AllOf(HasSubstr(R"("is_online":false)"), HasSubstr(R"("offline_reason":"hub_restarted")")));
}

TEST_F(StatusPath, ASecondHubOnTheSameDataIsRefused) {
    HubProcess hub(folder_.path());
    Process second({HUBD_PATH, "--port", "0", "--data-dir", folder_.path().string(), "--plugin-dir",
                    HUB_PLUGIN_PATH});
    EXPECT_NE(second.wait(), 0);
    EXPECT_THAT(second.output(), HasSubstr(folder_.path().string()));
}

TEST_F(StatusPath, StopUnderLoadLosesNothingAcknowledged) {
    int acknowledged = 0;
    {
        HubProcess hub(folder_.path());
        DeviceClient device(hub.port(), "lamp");
        device.send(kRegistration);
        for (int n = 1; n <= 2000; ++n) device.send(status(n));
        EXPECT_EQ(device.receive(), ack(1));
        EXPECT_EQ(hub.stop(), 0);
        for (acknowledged = 1; device.receive() == ack(acknowledged + 1); ++acknowledged) {
        }
    }
    EXPECT_GE(std::stoi(queryOne(database(), "SELECT count(*) FROM device_state_snapshots")),
              acknowledged);
    EXPECT_EQ(queryOne(database(), "PRAGMA integrity_check"), "ok");
}

}  // namespace
}  // namespace hub::integration
