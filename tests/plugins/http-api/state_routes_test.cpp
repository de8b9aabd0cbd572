#include "http_api_fixture.h"

namespace hub::http_api {
namespace {

using namespace std::chrono_literals;

class StateRoutes : public HttpApi {
protected:
    // A device that has sent `n` when so much time had passed.
    void deviceHasSent(const std::string& id, int n, std::chrono::seconds when) {
        const auto known = devices_.find(id);
        const DeviceIndex index = known ? known->index : deviceIsKnown(id).index;
        history_.state_rows.insert(history_.state_rows.begin(),
                                   {next_sequence_++, kStart + when, std::nullopt,
                                    R"({"n":)" + std::to_string(n) + "}", index});
    }

    std::string entityTag(const HttpResponse& response) {
        for (const auto& [name, value] : response.headers) {
            if (name == "ETag") return value;
        }
        return {};
    }

    Sequence next_sequence_ = 1;
};

TEST_F(StateRoutes, TheNewestStateIsShownWithItsNumberAndTime) {
    statesAreStored(3);
    history_.state_rows[0].device_time = kStart - 1h;
    const HttpResponse response = get("/api/devices/weather-1/state");
    EXPECT_EQ(response.body, R"({"device_id":"weather-1","sequence":3,"state_data":{"n":3},)"
                             R"("timestamp":"2026-11-23T16:40:03.000000Z",)"
                             R"("device_time":"2026-11-23T15:40:00.000000Z"})");
}

// Of two databases, both of which have a state of that number.
TEST_F(StateRoutes, TheTagOfAStateTellsWhatItIsNotItsNumber) {
    statesAreStored(1);
    const std::string tag = entityTag(get("/api/devices/weather-1/state"));
    EXPECT_NE(tag, "");
    EXPECT_EQ(entityTag(get("/api/devices/weather-1/state")), tag);
    history_.state_rows[0].state = R"({"n":2})";
    const std::string other = entityTag(get("/api/devices/weather-1/state"));
    EXPECT_NE(other, tag);
    history_.state_rows[0].time += 1s;
    EXPECT_NE(entityTag(get("/api/devices/weather-1/state")), other);
}

TEST_F(StateRoutes, ThePastIsShownAsItWasThen) {
    statesAreStored(3);
    for (const char* at : {"2026-11-23T16:40:02Z", "2026-11-23T16:40:02.999999Z"}) {
        EXPECT_EQ(json("/api/devices/weather-1/state", {{"at", at}})->getValue<int>("sequence"), 2);
    }
}

TEST_F(StateRoutes, ASearchThatIsCutShortGoesOn) {
    statesAreStored(9);
    history_.patience = 2;
    const auto state = json("/api/devices/weather-1/state", {{"at", "2026-11-23T16:40:02Z"}});
    EXPECT_EQ(state->getValue<int>("sequence"), 2);
}

TEST_F(StateRoutes, ADeviceWithoutAStateIsToldFromAnUnknownOne) {
    EXPECT_EQ(problem(404, "/api/devices/nobody/state"),
              R"(No device "nobody" is known; GET /api/devices lists those that are.)");
    EXPECT_EQ(parsed(get("/api/devices/nobody/state"))->getValue<std::string>("unknown"), "device");
    deviceIsKnown("lamp");
    EXPECT_EQ(problem(404, "/api/devices/lamp/state"),
              R"(Device "lamp" has not sent a state yet.)");
    EXPECT_FALSE(parsed(get("/api/devices/lamp/state"))->has("unknown"));
    deviceHasSent("lamp", 1, 60s);
    EXPECT_EQ(problem(404, "/api/devices/lamp/state", {{"at", "2026-11-23T16:40:59.9Z"}}),
              R"(Device "lamp" had sent no state by 2026-11-23T16:40:59.900000Z.)");
}

TEST_F(StateRoutes, TheFleetIsShownInTheOrderOfItsDevices) {
    deviceHasSent("lamp", 1, 1s);
    deviceHasSent("robot", 2, 2s);
    deviceHasSent("lamp", 3, 3s);
    EXPECT_EQ(get("/api/state").body,
              R"({"at":null,"states":[)"
              R"({"device_id":"lamp","device_type":"sensor","sequence":3,"state_data":{"n":3},)"
              R"("timestamp":"2026-11-23T16:40:03.000000Z","device_time":null},)"
              R"({"device_id":"robot","device_type":"sensor","sequence":2,"state_data":{"n":2},)"
              R"("timestamp":"2026-11-23T16:40:02.000000Z","device_time":null}],)"
              R"("total":2,"next":null})");
}

TEST_F(StateRoutes, TheFleetIsShownAsItWasThen) {
    deviceHasSent("lamp", 1, 1s);
    deviceHasSent("robot", 2, 3s);
    deviceHasSent("lamp", 3, 3s);
    EXPECT_EQ(get("/api/state", {{"at", "1795452002000"}}).body,
              R"({"at":"2026-11-23T16:40:02.000000Z","states":[)"
              R"({"device_id":"lamp","device_type":"sensor","sequence":1,"state_data":{"n":1},)"
              R"("timestamp":"2026-11-23T16:40:01.000000Z","device_time":null}],)"
              R"("total":1,"next":null})");
}

TEST_F(StateRoutes, TheTagOfTheFleetChangesWithAnyOfItsStates) {
    deviceHasSent("lamp", 1, 1s);
    deviceHasSent("robot", 2, 2s);
    const std::string tag = entityTag(get("/api/state"));
    EXPECT_NE(tag, "");
    EXPECT_EQ(entityTag(get("/api/state")), tag);
    deviceHasSent("lamp", 1, 3s);
    EXPECT_NE(entityTag(get("/api/state")), tag);
}

TEST_F(StateRoutes, PagesOfTheFleetStepOverDevicesWithoutAState) {
    for (int i = 0; i < 30; ++i) {
        const std::string id = "d" + std::to_string(i);
        if (i % 7 == 3) {
            deviceHasSent(id, i, 1s);
        } else {
            deviceIsKnown(id);
        }
    }
    for (const char* limit : {"1", "2", "3", "4"}) {
        EXPECT_EQ(idsOnAllPages("/api/state", "states", {{"limit", limit}}),
                  (std::vector<std::string>{"d3", "d10", "d17", "d24"}));
    }
}

TEST_F(StateRoutes, TheFleetComesInPagesOf100) {
    for (int i = 0; i < 150; ++i) deviceHasSent("d" + std::to_string(i), i, 1s);
    const auto first = json("/api/state");
    EXPECT_EQ(itemsOf(first, "states").size(), 100U);
    const auto second = json("/api/state", {{"cursor", first->getValue<std::string>("next")}});
    EXPECT_EQ(itemsOf(second, "states").size(), 50U);
    EXPECT_TRUE(second->isNull("next"));
}

TEST_F(StateRoutes, OneAnswerLooksAtABoundedNumberOfDevices) {
    for (int i = 0; i < 10'001; ++i) deviceIsKnown("d" + std::to_string(i));
    history_.state_rows.push_back({1, kStart, std::nullopt, "{}", devices_.known.back().index});
    const auto first = json("/api/state");
    EXPECT_EQ(itemsOf(first, "states").size(), 0U);
    const auto second = json("/api/state", {{"cursor", first->getValue<std::string>("next")}});
    EXPECT_EQ(itemsOf(second, "states").size(), 1U);
    EXPECT_TRUE(second->isNull("next"));
}

TEST_F(StateRoutes, AHugeFleetAnswerEndsEarlyWithACursor) {
    for (int i = 0; i < 6; ++i) {
        deviceHasSent("d" + std::to_string(i), i, 1s);
        history_.state_rows[0].state = R"({"x":")" + std::string(1'000'000, 'y') + "\"}";
    }
    const auto first = json("/api/state");
    EXPECT_EQ(itemsOf(first, "states").size(), 5U);
    const auto second = json("/api/state", {{"cursor", first->getValue<std::string>("next")}});
    EXPECT_EQ(itemsOf(second, "states").size(), 1U);
    EXPECT_TRUE(second->isNull("next"));
}

TEST_F(StateRoutes, StatesNeedAStoreThatCanBeReadAndATime) {
    statesAreStored(1);
    for (const char* path : {"/api/devices/weather-1/state", "/api/state"}) {
        EXPECT_TRUE(problem(422, path, {{"at", "then"}})
                        .starts_with(R"(The query parameter "at" is not a time)"));
        history_.broken = Error{Error::Kind::Unavailable, "hub.db is locked"};
        EXPECT_EQ(problem(503, path), "The history cannot be read: hub.db is locked.");
        history_.broken.reset();
        hub_.setHistory(nullptr);
        EXPECT_EQ(problem(503, path),
                  "No store is attached, so there is no history to read: load a store plugin.");
        hub_.setHistory(&history_);
    }
}

}  // namespace
}  // namespace hub::http_api
