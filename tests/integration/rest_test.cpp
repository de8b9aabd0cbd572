// The REST routes of the real hub, asked by curl and by Prometheus' own parser.
#include "fakes/temporary_folder.h"
#include "integration/clients.h"
#include "integration/hub_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace hub::integration {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

struct Answer {
    std::string status;
    std::string entity_tag;
    std::string body;
};

class Rest : public testing::Test {
protected:
    // What `curl -X METHOD` gets, with further arguments of curl.
    Answer ask(const std::string& method, const std::string& path,
               const std::vector<std::string>& arguments = {}) {
        std::vector<std::string> command{
            "/usr/bin/curl", "--silent", "--max-time",  "60",
            "--request",     method,     "--write-out", "\n%header{etag}\n%{http_code}"};
        command.insert(command.end(), arguments.begin(), arguments.end());
        command.push_back("http://127.0.0.1:" + std::to_string(hub_.port()) + path);
        Process curl(command);
        EXPECT_EQ(curl.wait(), 0) << curl.output();
        std::string output = curl.output();
        Answer answer;
        for (std::string* line : {&answer.status, &answer.entity_tag}) {
            const std::size_t end = output.rfind('\n');
            *line = output.substr(end + 1);
            output.erase(end);
        }
        answer.body = std::move(output);
        return answer;
    }

    std::string body(const std::string& path) {
        const Answer answer = ask("GET", path);
        EXPECT_EQ(answer.status, "200") << answer.body;
        return answer.body;
    }

    // A device that has registered, with this metadata, and sent one state, which is on disk.
    std::unique_ptr<DeviceClient> deviceIsOnline(const std::string& id, const std::string& type,
                                                 const std::string& metadata = "{}") {
        auto device = std::make_unique<DeviceClient>(hub_.port(), id);
        device->send(R"({"message_type":"registration","device_type":")" + type +
                     R"(","metadata":)" + metadata + "}");
        sendState(*device, 1);
        return device;
    }
    static void sendState(DeviceClient& device, int n) {
        const std::string number = std::to_string(n);
        device.send(R"({"message_type":"status","msg_id":)" + number + R"(,"payload":{"n":)" +
                    number + "}}");
        EXPECT_EQ(device.receive(), R"({"message_type":"ack","msg_id":)" + number + "}");
    }

    // The text of the string field `name` that comes first in `json`.
    static std::string firstText(const std::string& json, const std::string& name) {
        const std::string key = '"' + name + "\":\"";
        const std::size_t begin = json.find(key) + key.size();
        return json.substr(begin, json.find('"', begin) - begin);
    }

    fakes::TemporaryFolder folder_;
    HubProcess hub_{folder_.path()};
};

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
    EXPECT_THAT(getUntil(hub_.port(), "/api/devices/lamp", R"("is_online":false)").body,
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

TEST_F(Rest, MetricsAreReadByPrometheus) {
    const auto lamp = deviceIsOnline("lamp", "light");
    Process reader({"/usr/bin/python3", std::string(CLIENTS_PATH) + "/metrics.py",
                    std::to_string(hub_.port())});
    EXPECT_EQ(reader.wait(), 0) << reader.output();
    EXPECT_THAT(
        reader.output(),
        AllOf(HasSubstr("hub_build_info gauge\n"), HasSubstr("hub_uptime_seconds gauge\n"),
              HasSubstr("hub_events counter\n"), HasSubstr("hub_devices gauge\n"),
              HasSubstr("process_cpu_seconds counter\n"), HasSubstr("process_open_fds gauge\n")));
}

}  // namespace
}  // namespace hub::integration
