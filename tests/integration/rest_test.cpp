// The REST routes of the real hub, asked by curl and by Prometheus' own parser.
#include "integration/rest_fixture.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace hub::integration {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST_F(Rest, DevicesAreFiltered) {
    const auto lamp = deviceIsOnline("lamp", "light", R"({"tags":["indoor","hall"]})");
    const auto robot = deviceIsOnline("robot", "esp32");
    EXPECT_THAT(body("/api/devices"),
                AllOf(HasSubstr(R"("device_id":"lamp")"), HasSubstr(R"("device_id":"robot")")));
    for (const char* only_lamp : {"type=light", "tag=hall", "q=DOOR", "q=lam&online=true"}) {
        EXPECT_THAT(body(std::string("/devices?") + only_lamp),
                    AllOf(HasSubstr(R"("device_id":"lamp")"), HasSubstr(R"("total":1)")))
            << only_lamp;
    }
    EXPECT_THAT(body("/api/devices?online=false"), HasSubstr(R"("total":0)"));
    EXPECT_EQ(ask("GET", "/api/devices?online=maybe").status, "422");
}

TEST_F(Rest, AKickedDeviceIsOfflineAndMayComeBack) {
    const auto lamp = deviceIsOnline("lamp", "light");
    EXPECT_EQ(ask("POST", "/api/devices/lamp/kick").status, "202");
    EXPECT_EQ(lamp->receive(), "");
    EXPECT_EQ(lamp->closeCode(), 1008);
    EXPECT_THAT(getUntil(port(), "/api/devices/lamp", R"("is_online":false)").body,
                HasSubstr(R"("offline_reason":"kicked")"));
    EXPECT_EQ(ask("POST", "/api/devices/lamp/kick").status, "409");
    EXPECT_EQ(ask("POST", "/api/devices/nobody/kick").status, "404");
    EXPECT_EQ(ask("GET", "/api/devices/lamp/kick").status, "405");

    const auto again = deviceIsOnline("lamp", "light");
    EXPECT_THAT(body("/api/devices/lamp"), HasSubstr(R"("is_online":true)"));
}

TEST_F(Rest, AForgottenDeviceIsGoneWithItsHistory) {
    const auto lamp = deviceIsOnline("lamp", "light");
    const auto robot = deviceIsOnline("robot", "esp32");
    EXPECT_EQ(ask("DELETE", "/api/devices/lamp").status, "204");
    EXPECT_EQ(ask("DELETE", "/api/devices/lamp").status, "404");
    EXPECT_EQ(ask("GET", "/api/devices/lamp").status, "404");
    EXPECT_THAT(body("/api/state-history/lamp"), HasSubstr(R"("total":0)"));
    EXPECT_THAT(body("/api/device-connection-history/lamp"), HasSubstr(R"("total":0)"));
    EXPECT_THAT(body("/api/devices"), HasSubstr(R"("total":1)"));

    // Should it come back it is a new device, to whom the old one's past does not belong.
    const auto again = deviceIsOnline("lamp", "light");
    EXPECT_THAT(body("/api/state-history/lamp"), HasSubstr(R"("total":1)"));
}

TEST_F(Rest, StatesOfTheDeviceAndTheFleetAreShownAsTheyAreAndWere) {
    const auto lamp = deviceIsOnline("lamp", "light");
    const std::string first = body("/api/devices/lamp/state");
    EXPECT_THAT(first, HasSubstr(R"("state_data":{"n":1})"));
    sendState(*lamp, 2);
    const auto robot = deviceIsOnline("robot", "esp32");
    EXPECT_THAT(body("/devices/lamp/state"), HasSubstr(R"("state_data":{"n":2})"));

    const std::string at = "at=" + firstText(first, "timestamp");
    EXPECT_EQ(body("/api/devices/lamp/state?" + at), first);
    EXPECT_THAT(body("/api/state?" + at),
                AllOf(HasSubstr(R"("state_data":{"n":1})"), HasSubstr(R"("total":1)")));
    const std::string page = body("/state?limit=1");
    EXPECT_THAT(page, AllOf(HasSubstr(R"("device_id":"lamp")"), HasSubstr(R"({"n":2})")));
    EXPECT_THAT(body("/state?limit=1&cursor=" + firstText(page, "next")),
                AllOf(HasSubstr(R"("device_id":"robot")"), HasSubstr(R"("next":null)")));
    EXPECT_EQ(ask("GET", "/api/devices/lamp/state?at=2001-01-01").status, "404");
}

TEST_F(Rest, WhatTheClientHasIsNotSentAgain) {
    const auto lamp = deviceIsOnline("lamp", "light");
    for (const char* path :
         {"/api/devices", "/api/devices/lamp", "/api/devices/lamp/state", "/api/state"}) {
        const Answer first = ask("GET", path);
        ASSERT_NE(first.entity_tag, "") << path;
        const std::vector<std::string> having{"--header", "If-None-Match: " + first.entity_tag};
        const Answer same = ask("GET", path, having);
        EXPECT_EQ(same.status, "304") << path;
        EXPECT_EQ(same.body, "") << path;
        EXPECT_EQ(same.entity_tag, first.entity_tag) << path;
    }
    const Answer before = ask("GET", "/api/devices/lamp/state");
    sendState(*lamp, 2);
    EXPECT_EQ(
        ask("GET", "/api/devices/lamp/state", {"--header", "If-None-Match: " + before.entity_tag})
            .status,
        "200");
}

TEST_F(Rest, TheHubTellsHowItIs) {
    EXPECT_EQ(body("/livez"), R"({"status":"alive"})");
    EXPECT_EQ(body("/readyz"), R"({"status":"ready"})");
    EXPECT_THAT(body("/api/plugins"),
                AllOf(HasSubstr(R"("name":"sqlite-store","kind":"store")"),
                      HasSubstr(R"("state":"started","health":"ok")"), Not(HasSubstr("failed"))));
    EXPECT_THAT(body("/api/system/logs?limit=5"), HasSubstr(R"("logs":[)"));
    EXPECT_THAT(ask("GET", "/api/system/logs?level=loud").body,
                HasSubstr("must be debug, info, warning or error"));
}

TEST_F(Rest, AnswersAreAsTheOpenApiDocumentSays) {
    const auto lamp = deviceIsOnline("lamp", "light", R"({"tags":["hall"]})");
    Process client({"/usr/bin/python3", std::string(CLIENTS_PATH) + "/openapi.py",
                    std::to_string(port()), "lamp"});
    EXPECT_EQ(client.wait(), 0) << client.output();
}

TEST_F(Rest, MetricsAreReadByPrometheus) {
    const auto lamp = deviceIsOnline("lamp", "light");
    Process reader(
        {"/usr/bin/python3", std::string(CLIENTS_PATH) + "/metrics.py", std::to_string(port())});
    EXPECT_EQ(reader.wait(), 0) << reader.output();
    EXPECT_THAT(
        reader.output(),
        AllOf(HasSubstr("hub_build_info gauge\n"), HasSubstr("hub_uptime_seconds gauge\n"),
              HasSubstr("hub_events counter\n"), HasSubstr("hub_devices gauge\n"),
              HasSubstr("process_cpu_seconds counter\n"), HasSubstr("process_open_fds gauge\n")));
}

}  // namespace
}  // namespace hub::integration
