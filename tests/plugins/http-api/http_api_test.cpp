#include "fake_history.h"
#include "fakes/fake_hub.h"
#include "http_api_plugin.h"
#include "known_devices.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

namespace hub::http_api {
namespace {

using namespace std::chrono_literals;
using Query = fakes::FakeHttpRoutes::Query;
using Poco::JSON::Object;

Object::Ptr parsed(const HttpResponse& response) {
    Poco::JSON::Parser parser;
    return parser.parse(response.body).extract<Object::Ptr>();
}

class HttpApi : public testing::Test {
protected:
    HttpApi() {
        hub_.use(devices_);
        hub_.setHistory(&history_);
        plugin_.configure(Options{plugin_.options(), {}});
        plugin_.start(hub_);
    }
    ~HttpApi() override { plugin_.stop(); }

    HttpResponse get(const std::string& path, const Query& query = {}) {
        return hub_.routes().get(path, query);
    }

    // The body of a good answer.
    Object::Ptr json(const std::string& path, const Query& query = {}) {
        const HttpResponse response = get(path, query);
        EXPECT_EQ(response.status, 200) << response.body;
        EXPECT_EQ(response.content_type, "application/json");
        return parsed(response);
    }

    // The `detail` of a problem document.
    std::string problem(int status, const std::string& path, const Query& query = {}) {
        const HttpResponse response = get(path, query);
        EXPECT_EQ(response.status, status) << response.body;
        EXPECT_EQ(response.content_type, "application/problem+json");
        return parsed(response)->getValue<std::string>("detail");
    }

    Device& deviceIsKnown(const std::string& id) {
        Device device;
        device.index = DeviceIndex{static_cast<std::uint32_t>(devices_.known.size())};
        device.id = id;
        device.type = "sensor";
        device.metadata = "{}";
        device.transport = "websocket";
        return devices_.known.emplace_back(std::move(device));
    }

    // Snapshots 1 to `count`, a second apart, of weather-1.
    void statesAreStored(std::size_t count) {
        history_.device = deviceIsKnown("weather-1").index;
        for (std::size_t i = count; i > 0; --i) {
            history_.state_rows.push_back({i, kStart + std::chrono::seconds{i}, std::nullopt,
                                           R"({"n":)" + std::to_string(i) + "}"});
        }
    }

    static constexpr Timestamp kStart = fakes::ManualClock::kStart;
    KnownDevices devices_;
    FakeHistory history_;
    fakes::FakeHub hub_;
    HttpApiPlugin plugin_;
};

// The numbers of a page of snapshots, newest first.
std::vector<int> numbersIn(const Object::Ptr& page) {
    std::vector<int> numbers;
    const auto states = page->getArray("states");
    for (unsigned i = 0; i < states->size(); ++i) {
        numbers.push_back(states->getObject(i)->getObject("state_data")->getValue<int>("n"));
    }
    EXPECT_EQ(page->getValue<std::size_t>("total"), numbers.size());
    return numbers;
}

TEST_F(HttpApi, HealthTellsTimeAndVersion) {
    EXPECT_EQ(get("/health").body,
              R"({"status":"ok","timestamp":"2026-11-23T16:40:00.000000Z","app":"hub",)"
              R"("version":"1.2.3"})");
}

TEST_F(HttpApi, ReadinessNamesTheReason) {
    EXPECT_EQ(get("/readyz").body, R"({"status":"ready"})");
    hub_.setReadiness({false, "the store cannot write: disk full"});
    EXPECT_EQ(problem(503, "/readyz"), "The hub is not ready: the store cannot write: disk full.");
}

TEST_F(HttpApi, ADeviceIsShownWithEveryField) {
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

TEST_F(HttpApi, AnOfflineDeviceSaysWhy) {
    Device& device = deviceIsKnown("weather-1");
    device.offline_reason = OfflineReason::HubRestarted;
    device.disconnected_at = kStart;
    const auto shown = json("/api/devices/weather-1");
    EXPECT_FALSE(shown->getValue<bool>("is_online"));
    EXPECT_EQ(shown->getValue<std::string>("offline_reason"), "hub_restarted");
    EXPECT_EQ(shown->getValue<std::string>("disconnected_at"), "2026-11-23T16:40:00.000000Z");
    EXPECT_TRUE(shown->isNull("connected_at"));
}

TEST_F(HttpApi, AnUnknownDeviceIsNotFound) {
    EXPECT_EQ(problem(404, "/api/devices/nobody"),
              R"(No device "nobody" is known; GET /api/devices lists those that are.)");
    EXPECT_EQ(get("/api/devices/\xFF\"").status, 404);
}

TEST_F(HttpApi, AllDevicesAreListedUnlessALimitIsGiven) {
    EXPECT_EQ(get("/api/devices").body, R"({"devices":[],"total":0,"next":null})");
    for (int i = 0; i < 1500; ++i) deviceIsKnown("d" + std::to_string(i));
    const auto list = json("/api/devices", {{"unknown", "ignored"}});
    EXPECT_EQ(list->getArray("devices")->size(), 1500U);
    EXPECT_EQ(list->getValue<int>("total"), 1500);
    EXPECT_TRUE(list->isNull("next"));
}

TEST_F(HttpApi, DevicesArePagedInTheirOrder) {
    for (int i = 0; i < 5; ++i) deviceIsKnown("d" + std::to_string(i));
    std::vector<std::string> ids;
    Query query{{"limit", "2"}};
    int pages = 0;
    for (bool more = true; more; ++pages) {
        const auto page = json("/api/devices", query);
        const auto devices = page->getArray("devices");
        for (unsigned i = 0; i < devices->size(); ++i) {
            ids.push_back(devices->getObject(i)->getValue<std::string>("device_id"));
        }
        more = !page->isNull("next");
        if (more) query["cursor"] = page->getValue<std::string>("next");
    }
    EXPECT_EQ(ids, (std::vector<std::string>{"d0", "d1", "d2", "d3", "d4"}));
    EXPECT_EQ(pages, 3);
}

TEST_F(HttpApi, AFullLastPageOfDevicesHasNoNext) {
    for (int i = 0; i < 4; ++i) deviceIsKnown("d" + std::to_string(i));
    const auto page = json("/api/devices", {{"limit", "4"}});
    EXPECT_EQ(page->getValue<int>("total"), 4);
    EXPECT_TRUE(page->isNull("next"));
}

TEST_F(HttpApi, AHugeListOfDevicesEndsEarlyWithACursor) {
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

TEST_F(HttpApi, TenThousandDevicesAreOneList) {
    for (int i = 0; i < 10'000; ++i) {
        Device& device = deviceIsKnown("weather-station-" + std::to_string(i));
        device.metadata = R"({"firmware":"1.4.2","tags":["outdoor","roof"],"room":"attic"})";
        device.connected_at = device.last_seen = device.last_changed = kStart;
        device.last_heartbeat = device.disconnected_at = kStart;
    }
    EXPECT_EQ(json("/api/devices")->getValue<int>("total"), 10'000);
}

TEST_F(HttpApi, BehindTheLastDeviceThereIsNothing) {
    deviceIsKnown("d0");
    const auto page = json("/api/devices", {{"cursor", "1dffffffffffffffff"}});
    EXPECT_EQ(page->getValue<int>("total"), 0);
    EXPECT_TRUE(page->isNull("next"));
}

TEST_F(HttpApi, StateHistoryIsNewestFirst) {
    statesAreStored(2);
    history_.state_rows[1].device_time = kStart - 1h;
    EXPECT_EQ(get("/api/state-history/weather-1").body,
              R"({"device_id":"weather-1","states":[)"
              R"({"state_data":{"n":2},"timestamp":"2026-11-23T16:40:02.000000Z",)"
              R"("device_time":null},)"
              R"({"state_data":{"n":1},"timestamp":"2026-11-23T16:40:01.000000Z",)"
              R"("device_time":"2026-11-23T15:40:00.000000Z"}],"total":2,"next":null})");
}

TEST_F(HttpApi, StateHistoryIsPaged) {
    statesAreStored(5);
    const auto first = json("/api/state-history/weather-1", {{"limit", "2"}});
    EXPECT_EQ(numbersIn(first), (std::vector<int>{5, 4}));
    history_.state_rows.insert(history_.state_rows.begin(),
                               {6, kStart + 6s, std::nullopt, R"({"n":6})"});
    const auto second = json("/api/state-history/weather-1",
                             {{"limit", "2"}, {"cursor", first->getValue<std::string>("next")}});
    EXPECT_EQ(numbersIn(second), (std::vector<int>{3, 2}));
    const auto third = json("/api/state-history/weather-1",
                            {{"limit", "1"}, {"cursor", second->getValue<std::string>("next")}});
    EXPECT_EQ(numbersIn(third), std::vector<int>{1});
    EXPECT_TRUE(third->isNull("next"));
}

TEST_F(HttpApi, HistoryGives100RowsUnlessToldOtherwise) {
    statesAreStored(1100);
    EXPECT_EQ(numbersIn(json("/api/state-history/weather-1")).size(), 100U);
    for (const char* limit : {"1000", "1001", "99999999999999999999"}) {
        const auto page = json("/api/state-history/weather-1", {{"limit", limit}});
        EXPECT_EQ(numbersIn(page).size(), 1000U);
        EXPECT_FALSE(page->isNull("next"));
    }
    EXPECT_EQ(numbersIn(json("/api/state-history/weather-1", {{"limit", "999"}})).size(), 999U);
}

TEST_F(HttpApi, HistoryTakesATimeRangeWithBothEnds) {
    statesAreStored(5);
    EXPECT_EQ(numbersIn(json("/api/state-history/weather-1",
                             {{"since", "2026-11-23T16:40:02Z"}, {"until", "1795452004000"}})),
              (std::vector<int>{4, 3, 2}));
}

TEST_F(HttpApi, AHugeAnswerEndsEarlyWithACursor) {
    statesAreStored(6);
    const std::string large = R"({"n":0,"x":")" + std::string(1'000'000, 'y') + "\"}";
    for (auto& row : history_.state_rows) row.state = large;
    const auto first = json("/api/state-history/weather-1");
    EXPECT_EQ(numbersIn(first).size(), 5U);
    const auto second =
        json("/api/state-history/weather-1", {{"cursor", first->getValue<std::string>("next")}});
    EXPECT_EQ(numbersIn(second).size(), 1U);
    EXPECT_TRUE(second->isNull("next"));
}

TEST_F(HttpApi, ConnectionHistoryShowsEventsWithTheirDetails) {
    history_.device = deviceIsKnown("weather-1").index;
    history_.connection_rows = {
        {7, kStart + 90s, "timeout", R"({"reason":"timeout"})"},
        {3, kStart, "connected", R"({"transport":"websocket"})"},
    };
    EXPECT_EQ(get("/api/device-connection-history/weather-1").body,
              R"({"device_id":"weather-1","events":[)"
              R"({"event":"timeout","timestamp":"2026-11-23T16:41:30.000000Z",)"
              R"("details":{"reason":"timeout"}},)"
              R"({"event":"connected","timestamp":"2026-11-23T16:40:00.000000Z",)"
              R"("details":{"transport":"websocket"}}],"total":2,"next":null})");
}

TEST_F(HttpApi, TheHistoryOfAnUnknownDeviceIsEmpty) {
    EXPECT_EQ(get("/api/state-history/no\"body").body,
              R"({"device_id":"no\"body","states":[],"total":0,"next":null})");
    EXPECT_EQ(get("/api/device-connection-history/nobody").body,
              R"({"device_id":"nobody","events":[],"total":0,"next":null})");
}

TEST_F(HttpApi, HistoryNeedsAStoreThatCanBeRead) {
    statesAreStored(1);
    history_.broken = Error{Error::Kind::Unavailable, "hub.db is locked"};
    EXPECT_EQ(problem(503, "/api/state-history/weather-1"),
              "The history cannot be read: hub.db is locked.");
    hub_.setHistory(nullptr);
    EXPECT_EQ(problem(503, "/api/state-history/weather-1"),
              "No store is attached, so there is no history to read: load a store plugin.");
    (void)problem(503, "/api/device-connection-history/weather-1");
}

TEST_F(HttpApi, BadParametersAreNamed) {
    statesAreStored(1);
    EXPECT_EQ(problem(422, "/api/devices", {{"limit", "0"}}),
              R"(The query parameter "limit" must be a whole number from 1 to 1000.)");
    EXPECT_EQ(
        problem(422, "/api/devices", {{"cursor", "5"}}),
        R"(The query parameter "cursor" must be the "next" of an earlier answer of the same list.)");
    const std::string detail =
        problem(422, "/api/state-history/weather-1", {{"since", "yesterday"}});
    EXPECT_TRUE(detail.starts_with(R"(The query parameter "since" is not a time: write ISO 8601)"))
        << detail;
    (void)problem(422, "/api/device-connection-history/weather-1", {{"until", ""}});
}

TEST_F(HttpApi, EveryListRefusesABadLimit) {
    statesAreStored(1);
    for (const char* path : {"/api/devices", "/api/state-history/weather-1",
                             "/api/device-connection-history/weather-1"}) {
        for (const char* limit : {"", "0", "-1", "+1", " 1", "1x", "1.5", "ten", "0x10"}) {
            (void)problem(422, path, {{"limit", limit}});
        }
    }
}

TEST_F(HttpApi, EveryListRefusesAForeignCursor) {
    statesAreStored(3);
    const std::string of_history =
        json("/api/state-history/weather-1", {{"limit", "1"}})->getValue<std::string>("next");
    for (int i = 0; i < 2; ++i) deviceIsKnown("d" + std::to_string(i));
    const std::string of_devices =
        json("/api/devices", {{"limit", "1"}})->getValue<std::string>("next");

    (void)problem(422, "/api/devices", {{"cursor", of_history}});
    (void)problem(422, "/api/state-history/weather-1", {{"cursor", of_devices}});
    for (const char* cursor : {"", "1", "1h", "1hG", "1h-1", "1h 3", "1h03", "1hA", "2h3", "3",
                               "1hffffffffffffffffff", "1h3\n"}) {
        (void)problem(422, "/api/state-history/weather-1", {{"cursor", cursor}});
    }
}

TEST_F(HttpApi, StoppingTakesTheRoutesAway) {
    EXPECT_EQ(hub_.routes().count(), 6U);
    plugin_.stop();
    EXPECT_EQ(hub_.routes().count(), 0U);
    plugin_.start(hub_);
    EXPECT_EQ(get("/health").status, 200);
}

TEST_F(HttpApi, IsHealthyAndHasNothingToConfigure) {
    EXPECT_EQ(plugin_.health().state, Health::State::Ok);
    EXPECT_TRUE(plugin_.options().empty());
}

}  // namespace
}  // namespace hub::http_api
