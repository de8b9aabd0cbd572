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
    for (const char* cursor : {"", "1", "1h", "1hG", "1h-1", "1h 3", "1h03", "1hA", "2h3", "3",
                               "1hffffffffffffffffff", "1h3\n"}) {
        (void)problem(422, "/api/state-history/weather-1", {{"cursor", cursor}});
    }
}

}  // namespace
}  // namespace hub::http_api
