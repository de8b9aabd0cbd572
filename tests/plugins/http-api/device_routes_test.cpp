#include "http_api_fixture.h"

namespace hub::http_api {
namespace {

using namespace std::chrono_literals;

class DeviceRoutes : public HttpApi {
protected:
    // lamp-1 (light, online), Lamp-2 (light), robot (esp32, online).
    void aSmallFleetIsKnown() {
        deviceIsKnown("lamp-1").tags = {"Indoor", "hall"};
        devices_.known.back().type = "light";
        devices_.known.back().online = true;
        deviceIsKnown("Lamp-2").tags = {"indoor"};
        devices_.known.back().type = "light";
        deviceIsKnown("robot").type = "esp32";
        devices_.known.back().online = true;
    }

    std::vector<std::string> idsWith(const Query& query) {
        std::vector<std::string> ids;
        for (const auto& device : itemsOf(json("/api/devices", query), "devices")) {
            ids.push_back(device->getValue<std::string>("device_id"));
        }
        return ids;
    }

    using Ids = std::vector<std::string>;
};

TEST_F(DeviceRoutes, ADeviceIsShownWithEveryField) {
    Device& device = deviceIsKnown("weather-1");
    device.online = true;
    device.metadata = R"({"tags":["outdoor"]})";
    device.connected_at = kStart;
    device.last_heartbeat = kStart + 1s;
    device.last_seen = kStart + 2s;
    device.last_changed = kStart + 3us;
    EXPECT_EQ(get("/api/devices/weather-1").body,
              R"({"device_id":"weather-1","device_type":"sensor","is_online":true,)"
              R"("last_heartbeat":"2026-11-23T16:40:01.000000Z",)"
              R"("connected_at":"2026-11-23T16:40:00.000000Z",)"
              R"("metadata":{"tags":["outdoor"]},"transport":"websocket","offline_reason":null,)"
              R"("last_seen":"2026-11-23T16:40:02.000000Z",)"
              R"("last_changed":"2026-11-23T16:40:00.000003Z","disconnected_at":null})");
}

TEST_F(DeviceRoutes, AnOfflineDeviceSaysWhy) {
    Device& device = deviceIsKnown("weather-1");
    device.offline_reason = OfflineReason::HubRestarted;
    device.disconnected_at = kStart;
    const auto shown = json("/api/devices/weather-1");
    EXPECT_FALSE(shown->getValue<bool>("is_online"));
    EXPECT_EQ(shown->getValue<std::string>("offline_reason"), "hub_restarted");
    EXPECT_EQ(shown->getValue<std::string>("disconnected_at"), "2026-11-23T16:40:00.000000Z");
    EXPECT_TRUE(shown->isNull("connected_at"));
}

TEST_F(DeviceRoutes, AnUnknownDeviceIsNotFound) {
    EXPECT_EQ(problem(404, "/api/devices/nobody"),
              R"(No device "nobody" is known; GET /api/devices lists those that are.)");
    EXPECT_EQ(get("/api/devices/\xFF\"").status, 404);
}

TEST_F(DeviceRoutes, AllDevicesAreListedUnlessALimitIsGiven) {
    EXPECT_EQ(get("/api/devices").body, R"({"devices":[],"total":0,"next":null})");
    for (int i = 0; i < 1500; ++i) deviceIsKnown("d" + std::to_string(i));
    const auto list = json("/api/devices", {{"unknown", "ignored"}});
    EXPECT_EQ(list->getArray("devices")->size(), 1500U);
    EXPECT_EQ(list->getValue<int>("total"), 1500);
    EXPECT_TRUE(list->isNull("next"));
}

TEST_F(DeviceRoutes, DevicesArePagedInTheirOrder) {
    for (int i = 0; i < 5; ++i) deviceIsKnown("d" + std::to_string(i));
    EXPECT_EQ(idsOnAllPages("/api/devices", "devices", {{"limit", "2"}}),
              (std::vector<std::string>{"d0", "d1", "d2", "d3", "d4"}));
}

TEST_F(DeviceRoutes, AFullLastPageOfDevicesHasNoNext) {
    for (int i = 0; i < 4; ++i) deviceIsKnown("d" + std::to_string(i));
    const auto page = json("/api/devices", {{"limit", "4"}});
    EXPECT_EQ(page->getValue<int>("total"), 4);
    EXPECT_TRUE(page->isNull("next"));
}

TEST_F(DeviceRoutes, AHugeListOfDevicesEndsEarlyWithACursor) {
    for (int i = 0; i < 10; ++i) {
        deviceIsKnown("d" + std::to_string(i)).metadata =
            R"({"x":")" + std::string(1'000'000, 'y') + "\"}";
    }
    const auto first = json("/api/devices");
    EXPECT_EQ(first->getValue<int>("total"), 9);
    const auto second = json("/api/devices", {{"cursor", first->getValue<std::string>("next")}});
    EXPECT_EQ(second->getValue<int>("total"), 1);
    EXPECT_TRUE(second->isNull("next"));
}

TEST_F(DeviceRoutes, TenThousandDevicesAreOneList) {
    for (int i = 0; i < 10'000; ++i) {
        Device& device = deviceIsKnown("weather-station-" + std::to_string(i));
        device.metadata = R"({"firmware":"1.4.2","tags":["outdoor","roof"],"room":"attic"})";
        device.connected_at = device.last_seen = device.last_changed = kStart;
        device.last_heartbeat = device.disconnected_at = kStart;
    }
    EXPECT_EQ(json("/api/devices")->getValue<int>("total"), 10'000);
}

TEST_F(DeviceRoutes, BehindTheLastDeviceThereIsNothing) {
    deviceIsKnown("d0");
    const auto page = json("/api/devices", {{"cursor", "1dffffffffffffffff"}});
    EXPECT_EQ(page->getValue<int>("total"), 0);
    EXPECT_TRUE(page->isNull("next"));
}

TEST_F(DeviceRoutes, TypeAndTagFilterExactly) {
    aSmallFleetIsKnown();
    EXPECT_EQ(idsWith({{"type", "light"}}), (Ids{"lamp-1", "Lamp-2"}));
    EXPECT_EQ(idsWith({{"type", "Light"}}), Ids{});
    EXPECT_EQ(idsWith({{"tag", "indoor"}}), Ids{"Lamp-2"});
    EXPECT_EQ(idsWith({{"tag", "hal"}}), Ids{});
    EXPECT_EQ(idsWith({{"type", ""}}), Ids{});
}

TEST_F(DeviceRoutes, OnlineFilters) {
    aSmallFleetIsKnown();
    for (const char* yes : {"true", "1"}) {
        EXPECT_EQ(idsWith({{"online", yes}}), (Ids{"lamp-1", "robot"}));
    }
    for (const char* no : {"false", "0"}) EXPECT_EQ(idsWith({{"online", no}}), Ids{"Lamp-2"});
    for (const char* other : {"", "yes", "TRUE", "2"}) {
        EXPECT_EQ(problem(422, "/api/devices", {{"online", other}}),
                  R"(The query parameter "online" must be true or false.)");
    }
}

TEST_F(DeviceRoutes, ASearchFindsPartsOfIdTypeAndTags) {
    aSmallFleetIsKnown();
    EXPECT_EQ(idsWith({{"q", "LAMP-"}}), (Ids{"lamp-1", "Lamp-2"}));
    EXPECT_EQ(idsWith({{"q", "sp3"}}), Ids{"robot"});
    EXPECT_EQ(idsWith({{"q", "Door"}}), (Ids{"lamp-1", "Lamp-2"}));
    EXPECT_EQ(idsWith({{"q", ""}}), (Ids{"lamp-1", "Lamp-2", "robot"}));
    EXPECT_EQ(idsWith({{"q", "websocket"}}), Ids{});
}

TEST_F(DeviceRoutes, AllFiltersMustFit) {
    aSmallFleetIsKnown();
    EXPECT_EQ(idsWith({{"type", "light"}, {"online", "1"}, {"q", "hall"}}), Ids{"lamp-1"});
    EXPECT_EQ(idsWith({{"type", "esp32"}, {"online", "0"}}), Ids{});
}

TEST_F(DeviceRoutes, PagesGoOnThroughFilters) {
    for (int i = 0; i < 40; ++i) {
        deviceIsKnown("d" + std::to_string(i)).online = i % 10 == 4;
    }
    for (const char* limit : {"1", "2", "3", "4"}) {
        EXPECT_EQ(idsOnAllPages("/api/devices", "devices", {{"limit", limit}, {"online", "1"}}),
                  (Ids{"d4", "d14", "d24", "d34"}));
    }
}

TEST_F(DeviceRoutes, AnEntityTagChangesWithTheDevice) {
    deviceIsKnown("lamp");
    for (const char* path : {"/api/devices", "/api/devices/lamp"}) {
        const auto tag = [&] { return get(path).headers.at(0); };
        const auto first = tag();
        EXPECT_EQ(first.first, "ETag");
        EXPECT_EQ(tag(), first);
        devices_.known[0].online = !devices_.known[0].online;
        EXPECT_NE(tag(), first);
    }
}

TEST_F(DeviceRoutes, AForgottenDeviceIsGone) {
    deviceIsKnown("lamp");
    const HttpResponse response = send("DELETE", "/api/devices/lamp");
    EXPECT_EQ(response.status, 204);
    EXPECT_EQ(response.body, "");
    EXPECT_TRUE(
        hub_.log().contains(LogLevel::Info, "device lamp forgotten (DELETE from 192.0.2.7:50312)"));
    EXPECT_EQ(get("/api/devices/lamp").status, 404);
    EXPECT_EQ(parsed(send("DELETE", "/api/devices/lamp"))->getValue<std::string>("detail"),
              R"(No device "lamp" is known; GET /api/devices lists those that are.)");
}

TEST_F(DeviceRoutes, ForgettingThatIsNotOnDiskIsSaidSo) {
    deviceIsKnown("lamp");
    devices_.refuse_to_forget =
        Error{Error::Kind::Unavailable, R"("lamp" is not forgotten yet: disk full)"};
    const HttpResponse response = send("DELETE", "/api/devices/lamp");
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(parsed(response)->getValue<std::string>("detail"),
              R"("lamp" is not forgotten yet: disk full.)");
}

TEST_F(DeviceRoutes, KickingClosesTheLinkOfAnOnlineDevice) {
    aSmallFleetIsKnown();
    const HttpResponse response = send("POST", "/api/devices/lamp-1/kick");
    EXPECT_EQ(response.status, 202);
    EXPECT_EQ(response.body, R"({"device_id":"lamp-1"})");
    EXPECT_EQ(devices_.kicked, Ids{"lamp-1"});
    EXPECT_TRUE(hub_.log().contains(LogLevel::Info, "device lamp-1 kicked (from 192.0.2.7:50312)"));

    const HttpResponse offline = send("POST", "/api/devices/Lamp-2/kick");
    EXPECT_EQ(offline.status, 409);
    EXPECT_EQ(parsed(offline)->getValue<std::string>("detail"), R"("Lamp-2" is offline.)");
    EXPECT_EQ(send("POST", "/api/devices/nobody/kick").status, 404);
    EXPECT_EQ(devices_.kicked, Ids{"lamp-1"});
}

}  // namespace
}  // namespace hub::http_api
