#include "http_api_fixture.h"

namespace hub::http_api {
namespace {

using namespace std::chrono_literals;

class HistoryRoutes : public HttpApi {};

TEST_F(HistoryRoutes, StateHistoryIsNewestFirst) {
    statesAreStored(2);
    history_.state_rows[1].device_time = kStart - 1h;
    EXPECT_EQ(get("/api/state-history/weather-1").body,
              R"({"device_id":"weather-1","states":[)"
              R"({"state_data":{"n":2},"timestamp":"2026-11-23T16:40:02.000000Z",)"
              R"("device_time":null},)"
              R"({"state_data":{"n":1},"timestamp":"2026-11-23T16:40:01.000000Z",)"
              R"("device_time":"2026-11-23T15:40:00.000000Z"}],"total":2,"next":null})");
}

TEST_F(HistoryRoutes, StateHistoryIsPaged) {
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

TEST_F(HistoryRoutes, HistoryGives100RowsUnlessToldOtherwise) {
    statesAreStored(1100);
    EXPECT_EQ(numbersIn(json("/api/state-history/weather-1")).size(), 100U);
    for (const char* limit : {"1000", "1001", "99999999999999999999"}) {
        const auto page = json("/api/state-history/weather-1", {{"limit", limit}});
        EXPECT_EQ(numbersIn(page).size(), 1000U);
        EXPECT_FALSE(page->isNull("next"));
    }
    EXPECT_EQ(numbersIn(json("/api/state-history/weather-1", {{"limit", "999"}})).size(), 999U);
}

TEST_F(HistoryRoutes, ALongestPageThatIsTheLastHasNoNext) {
    statesAreStored(1000);
    for (const char* limit : {"999", "1000"}) {
        const auto page = json("/api/state-history/weather-1", {{"limit", limit}});
        EXPECT_EQ(page->isNull("next"), std::string{limit} == "1000");
    }
    // What is older than the range is no reason to go on either.
    history_.state_rows.push_back({0, kStart, std::nullopt, "{}"});
    const std::string since = formatTimestamp(kStart + 1s);
    EXPECT_TRUE(json("/api/state-history/weather-1", {{"limit", "1000"}, {"since", since}})
                    ->isNull("next"));
    EXPECT_FALSE(json("/api/state-history/weather-1", {{"limit", "1000"}})->isNull("next"));
}

TEST_F(HistoryRoutes, HistoryTakesATimeRangeWithBothEnds) {
    statesAreStored(5);
    EXPECT_EQ(numbersIn(json("/api/state-history/weather-1",
                             {{"since", "2026-11-23T16:40:02Z"}, {"until", "1795452004000"}})),
              (std::vector<int>{4, 3, 2}));
}

TEST_F(HistoryRoutes, AHugeAnswerEndsEarlyWithACursor) {
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

TEST_F(HistoryRoutes, ConnectionHistoryShowsEventsWithTheirDetails) {
    deviceIsKnown("weather-1");
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

TEST_F(HistoryRoutes, TheHistoryOfAnUnknownDeviceIsEmpty) {
    EXPECT_EQ(get("/api/state-history/no\"body").body,
              R"({"device_id":"no\"body","states":[],"total":0,"next":null})");
    EXPECT_EQ(get("/api/device-connection-history/nobody").body,
              R"({"device_id":"nobody","events":[],"total":0,"next":null})");
}

TEST_F(HistoryRoutes, HistoryNeedsAStoreThatCanBeRead) {
    statesAreStored(1);
    history_.broken = Error{Error::Kind::Unavailable, "hub.db is locked"};
    EXPECT_EQ(problem(503, "/api/state-history/weather-1"),
              "The history cannot be read: hub.db is locked.");
    hub_.setHistory(nullptr);
    EXPECT_EQ(problem(503, "/api/state-history/weather-1"),
              "No store is attached, so there is no history to read: load a store plugin.");
    (void)problem(503, "/api/device-connection-history/weather-1");
}

}  // namespace
}  // namespace hub::http_api
