#include "ctl/history_commands.h"

#include "core/ctl/ctl_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace hub::ctl {
namespace {

using testing::HasSubstr;

class HistoryCommands : public CtlFixture {};

constexpr const char* kStates =
    R"({"device_id":"lamp","states":[)"
    R"({"state_data":{"n": 1.50},"timestamp":"2026-11-23T16:39:00.250000Z","device_time":null},)"
    R"({"state_data":{"n":1},"timestamp":"2026-11-23T16:38:00.000000Z",)"
    R"("device_time":"2026-11-22T23:00:00.000000Z"}],"total":2,"next":null})";

TEST_F(HistoryCommands, ListsStatesNewestFirst) {
    hub_.answer("GET /api/state-history/lamp?limit=100", kStates);
    EXPECT_EQ(run(historySubcommand(), {"lamp"}), kDone);
    EXPECT_EQ(out(),
              "TIME                     DEVICE TIME              STATE\n"
              "2026-11-23 17:39:00.250  -                        {\"n\": 1.50}\n"
              "2026-11-23 17:38:00.000  2026-11-23 00:00:00.000  {\"n\":1}\n");
}

TEST_F(HistoryCommands, PagesBecomeOneDocument) {
    hub_.answer("GET /api/state-history/lamp?limit=1000",
                R"({"device_id":"lamp","states":[{"n":1.50},{"n":2}],"total":2,"next":"1h9"})");
    hub_.answer("GET /api/state-history/lamp?limit=1000&cursor=1h9",
                R"({"device_id":"lamp","states":[{"n":3}],"total":1,"next":null})");
    EXPECT_EQ(run(historySubcommand(), {"lamp", "--limit", "0", "--json"}), kDone);
    EXPECT_EQ(out(),
              "{\"device_id\":\"lamp\",\"states\":[{\"n\":1.50},{\"n\":2},{\"n\":3}],"
              "\"total\":3,\"next\":null}\n");
}

TEST_F(HistoryCommands, TimesWithoutAnOffsetAreLocal) {
    hub_.answer(
        "GET /api/state-history/lamp?since=2026-11-22T23%3A00%3A00.000000Z&"
        "until=2026-11-23T16%3A00%3A00.000000Z&limit=5",
        kStates);
    EXPECT_EQ(run(historySubcommand(), {"lamp", "--since", "2026-11-23", "--until",
                                        "2026-11-23T16:00:00Z", "--limit", "5"}),
              kDone);
    EXPECT_EQ(run(historySubcommand(), {"lamp", "--since", "yesterday"}), kUsageWrong);
    EXPECT_THAT(err(), HasSubstr("--since: \"yesterday\" is no time: write 15m for "));
}

TEST_F(HistoryCommands, TakesTheTimesItPrintsAndTimesAgo) {
    hub_.answer(
        "GET /api/state-history/lamp?since=2026-11-23T16%3A25%3A00.000000Z&"
        "until=2026-11-23T16%3A39%3A00.250000Z&limit=100",
        kStates);
    EXPECT_EQ(
        run(historySubcommand(), {"lamp", "--since", "15m", "--until", "2026-11-23 17:39:00.250"}),
        kDone)
        << err();
}

TEST_F(HistoryCommands, AnEmptyListOfAKnownDeviceIsFine) {
    hub_.answer("GET /api/state-history/lamp?limit=100",
                R"({"device_id":"lamp","states":[],"total":0,"next":null})");
    hub_.answer("GET /api/devices/lamp", "{}");
    EXPECT_EQ(run(historySubcommand(), {"lamp"}), kDone);
    EXPECT_EQ(out(), "TIME  DEVICE TIME  STATE\n");
}

TEST_F(HistoryCommands, AnUnknownDeviceFails) {
    hub_.answer("GET /api/state-history/nobody?limit=100",
                R"({"device_id":"nobody","states":[],"total":0,"next":null})");
    EXPECT_EQ(run(historySubcommand(), {"nobody"}), kFailed);
    EXPECT_EQ(out(), "");
    EXPECT_THAT(err(), HasSubstr("answers 404: Nothing is known of it."));
    EXPECT_EQ(run(historySubcommand(), {"nobody", "--json"}), kFailed);
}

TEST_F(HistoryCommands, ListsConnectionsWithTheirReasons) {
    hub_.answer(
        "GET /api/device-connection-history/lamp?limit=100",
        R"({"device_id":"lamp","events":[)"
        R"({"event":"timeout","timestamp":"2026-11-23T16:39:00.250000Z",)"
        R"("details":{"reason":"timeout","transport":"ws","address":"192.0.2.7:50312",)"
        R"("duration_s":3725.250}},)"
        R"({"event":"disconnected","timestamp":"2026-11-23T16:00:00.000000Z",)"
        R"("details":{"reason":"hub_restarted"}},)"
        R"({"event":"connected","timestamp":"2026-11-23T15:00:00.000000Z",)"
        R"("details":{"transport":"ws","address":"192.0.2.7:50312"}}],"total":3,"next":null})");
    EXPECT_EQ(run(connectionsSubcommand(), {"lamp"}), kDone);
    EXPECT_EQ(
        out(),
        "TIME                 EVENT                         TRANSPORT  ADDRESS          LASTED\n"
        "2026-11-23 17:39:00  timeout                       ws         192.0.2.7:50312  1 h\n"
        "2026-11-23 17:00:00  disconnected (hub_restarted)  -          -                -\n"
        "2026-11-23 16:00:00  connected                     ws         192.0.2.7:50312  -\n");
}

TEST_F(HistoryCommands, ShowsTheLatestState) {
    hub_.answer("GET /api/devices/lamp/state",
                R"({"device_id":"lamp","sequence":42,"state_data":{"n":1},)"
                R"("timestamp":"2026-11-23T16:39:00.250000Z","device_time":null})");
    EXPECT_EQ(run(stateSubcommand(), {"lamp"}), kDone);
    EXPECT_EQ(out(),
              "device       lamp\n"
              "number       42\n"
              "time         2026-11-23 17:39:00 (59 s ago)\n"
              "device time  -\n"
              "state        {\"n\":1}\n");
}

TEST_F(HistoryCommands, ShowsTheStateOfATimePast) {
    hub_.answer("GET /api/devices/lamp/state?at=2026-11-23T15%3A00%3A00.000000Z",
                R"({"device_id":"lamp"})");
    EXPECT_EQ(run(stateSubcommand(), {"lamp", "--at", "2026-11-23 16:00:00", "--json"}), kDone);
    EXPECT_EQ(out(), "{\"device_id\":\"lamp\"}\n");
    EXPECT_EQ(run(stateSubcommand(), {"lamp", "--at", "noon"}), kUsageWrong);
    EXPECT_EQ(hub_.requests().size(), 1U);
}

}  // namespace
}  // namespace hub::ctl
