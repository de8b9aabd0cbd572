#include "http_api_fixture.h"

namespace hub::http_api {
namespace {

using namespace std::chrono_literals;

class ListQuery : public HttpApi {};

TEST_F(ListQuery, BadParametersAreNamed) {
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

TEST_F(ListQuery, AShortNumberIsNotTakenForMilliseconds) {
    statesAreStored(1);
    for (const char* time : {"0", "2020", "20261123", "1795452003", "99999999999"}) {
        EXPECT_EQ(problem(422, "/api/devices/weather-1/state", {{"at", time}}),
                  R"(The query parameter "at" is a number, and so milliseconds since 1970, of a )"
                  "time before 1973: for a year write 2026-01-01, for seconds since 1970 add 000.");
    }
    (void)problem(422, "/api/state-history/weather-1", {{"since", "1795452003"}});
    (void)problem(404, "/api/devices/weather-1/state", {{"at", "100000000000"}});
    EXPECT_EQ(get("/api/state", {{"at", "1971-01-01"}}).status, 200);
}

TEST_F(ListQuery, EveryListRefusesABadLimit) {
    statesAreStored(1);
    for (const char* path :
         {"/api/devices", "/api/state-history/weather-1",
          "/api/device-connection-history/weather-1", "/api/state", "/api/system/logs"}) {
        for (const char* limit : {"", "0", "-1", "+1", " 1", "1x", "1.5", "ten", "0x10"}) {
            (void)problem(422, path, {{"limit", limit}});
        }
    }
}

TEST_F(ListQuery, EveryListRefusesAForeignCursor) {
    statesAreStored(3);
    const std::string of_history =
        json("/api/state-history/weather-1", {{"limit", "1"}})->getValue<std::string>("next");
    for (int i = 0; i < 2; ++i) deviceIsKnown("d" + std::to_string(i));
    const std::string of_devices =
        json("/api/devices", {{"limit", "1"}})->getValue<std::string>("next");

    (void)problem(422, "/api/devices", {{"cursor", of_history}});
    (void)problem(422, "/api/state", {{"cursor", of_devices}});
    (void)problem(422, "/api/state-history/weather-1", {{"cursor", of_devices}});
    for (const char* cursor : {"",
                               "1",
                               "1h",
                               "1h3",
                               "1hG",
                               "1h0.",
                               "1h0.-1",
                               "1h0. 3",
                               "1h0.03",
                               "1h0.A",
                               "2h0.3",
                               "3",
                               "1h.3",
                               "1h00.3",
                               "1h1.3",
                               "1h0.0.3",
                               "1h0.ffffffffffffffffff",
                               "1h0.3\n",
                               ".",
                               ".3"}) {
        (void)problem(422, "/api/state-history/weather-1", {{"cursor", cursor}});
    }
    EXPECT_EQ(get("/api/state-history/weather-1", {{"cursor", "1h0.3"}}).status, 200);
}

TEST_F(ListQuery, ACursorIsThatOfOneDeviceAndOneKindOfList) {
    statesAreStored(3);
    const std::string cursor =
        json("/api/state-history/weather-1", {{"limit", "1"}})->getValue<std::string>("next");
    deviceIsKnown("weather-2");
    EXPECT_EQ(get("/api/state-history/weather-1", {{"cursor", cursor}}).status, 200);
    (void)problem(422, "/api/state-history/weather-2", {{"cursor", cursor}});
    (void)problem(422, "/api/device-connection-history/weather-1", {{"cursor", cursor}});
    EXPECT_EQ(json("/api/state-history/gone", {{"cursor", cursor}})->getValue<int>("total"), 0)
        << "a device may be forgotten between two pages";
}

}  // namespace
}  // namespace hub::http_api
