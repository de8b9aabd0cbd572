#include "ctl/ledger_commands.h"

#include "core/ctl/ctl_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace hub::ctl {
namespace {

using testing::HasSubstr;

constexpr const char* kLogs =
    R"({"logs":[{"command_id":"c-2","device_type":"esp32s3","command_name":"handsup",)"
    R"("payload":{},"status":"partial","created_at":"2026-11-23T16:39:48.000000Z",)"
    R"("executed_at":null,"completed_at":null,"target_device_count":4,"success_count":3},)"
    R"({"command_id":"c-1","device_type":"","command_name":"stop","payload":{"n":1},)"
    R"("status":"sent","created_at":"2026-11-23T16:38:00.000000Z","executed_at":null,)"
    R"("completed_at":null,"target_device_count":1,"success_count":0}],"total":2,"next":null})";

constexpr const char* kCommand =
    R"({"command_id":"c-2","device_type":"esp32s3","command_name":"handsup","payload":{"n": 1},)"
    R"("status":"partial","created_at":"2026-11-23T16:39:48.000000Z",)"
    R"("executed_at":"2026-11-23T16:39:48.001000Z","completed_at":"2026-11-23T16:39:50.000000Z",)"
    R"("target_device_count":2,"success_count":1,"ack_timeout_s":1,"ttl_s":86400,"idempotency_key":"k-1","targets":[)"
    R"({"device_id":"a","status":"ack_success","reason":null,"response":{"ok":1},)"
    R"("pending_at":"2026-11-23T16:39:48.000000Z","queued_at":null,)"
    R"("sent_at":"2026-11-23T16:39:48.001000Z","completed_at":"2026-11-23T16:39:48.250000Z",)"
    R"("late_acks":[]},)"
    R"({"device_id":"b","status":"timeout","reason":"no acknowledgement","response":null,)"
    R"("pending_at":"2026-11-23T16:39:48.000000Z","queued_at":null,)"
    R"("sent_at":"2026-11-23T16:39:48.001000Z","completed_at":"2026-11-23T16:39:50.000000Z",)"
    R"("late_acks":[{"status":"ack_success","timestamp":"2026-11-23T16:39:55.000000Z",)"
    R"("response":null}]}]})";

class LedgerCommands : public CtlFixture {};

TEST_F(LedgerCommands, ListsCommandsNewestFirst) {
    hub_.answer("GET /api/command-logs?limit=100", kLogs);
    EXPECT_EQ(run(commandsSubcommand(), {}), kDone);
    EXPECT_EQ(out(),
              "TIME                 COMMAND  TYPE     NAME     STATUS   SUCCEEDED\n"
              "2026-11-23 17:39:48  c-2      esp32s3  handsup  partial  3 of 4\n"
              "2026-11-23 17:38:00  c-1      -        stop     sent     0 of 1\n");
    EXPECT_EQ(run(commandsSubcommand(), {"--json"}), kDone);
    EXPECT_EQ(out(), std::string(kLogs) + "\n");
}

TEST_F(LedgerCommands, FiltersAreTheHubs) {
    hub_.answer(
        "GET /api/command-logs?since=2026-11-22T16%3A40%3A00.000000Z&"
        "until=2026-11-23T16%3A00%3A00.000000Z&status=ack_error&device_type=esp32&device_id=a%3Ab&"
        "limit=5",
        kLogs);
    EXPECT_EQ(run(commandsSubcommand(),
                  {"--status", "ack_error", "--type", "esp32", "--device", "a:b", "--since", "1d",
                   "--until", "2026-11-23T16:00:00Z", "--limit", "5"}),
              kDone)
        << err();
    EXPECT_EQ(run(commandsSubcommand(), {"--status", "done"}), kUsageWrong);
    EXPECT_THAT(err(), HasSubstr("--status: no command stands as \"done\""));
}

TEST_F(LedgerCommands, ShowsHowACommandStandsWithEachDevice) {
    hub_.answer("GET /api/commands/c-2?limit=1000", kCommand);
    EXPECT_EQ(run(commandSubcommand(), {"c-2"}), kDone);
    EXPECT_EQ(
        out(),
        "command         c-2\n"
        "name            handsup\n"
        "payload         {\"n\": 1}\n"
        "type            esp32s3\n"
        "status          partial\n"
        "succeeded       1 of 2\n"
        "ack timeout     1 s\n"
        "ttl, if queued  86400 s\n"
        "key             k-1\n"
        "created         2026-11-23 17:39:48 (12 s ago)\n"
        "executed        2026-11-23 17:39:48 (11 s ago)\n"
        "completed       2026-11-23 17:39:50 (10 s ago)\n"
        "\n"
        "DEVICE  STATUS       RECORDED                 QUEUED  SENT                     "
        "COMPLETED                DETAILS\n"
        "a       ack_success  2026-11-23 17:39:48.000  -       2026-11-23 17:39:48.001  "
        "2026-11-23 17:39:48.250  {\"ok\":1}\n"
        "b       timeout      2026-11-23 17:39:48.000  -       2026-11-23 17:39:48.001  "
        "2026-11-23 17:39:50.000  no acknowledgement  late: ack_success 2026-11-23 17:39:55\n");
    EXPECT_EQ(run(commandSubcommand(), {"c-2", "--json"}), kDone);
    EXPECT_EQ(out(), std::string(kCommand) + "\n");
}

TEST_F(LedgerCommands, ACommandToNobodyHasNoDevices) {
    hub_.answer("GET /api/commands/c-1?limit=1000",
                R"({"command_id":"c-1","status":"no_devices","target_device_count":0,)"
                R"("success_count":0,"targets":[]})");
    EXPECT_EQ(run(commandSubcommand(), {"c-1"}), kDone);
    EXPECT_THAT(out(), HasSubstr("succeeded       0 of 0\n"));
    EXPECT_THAT(out(), testing::Not(HasSubstr("DEVICE")));
}

TEST_F(LedgerCommands, TheDevicesOfACommandComeInPages) {
    const std::string first = R"({"command_id":"c-3","status":"sent","targets":[)"
                              R"({"device_id":"a","status":"sent"},{"device_id":"b"})";
    hub_.answer("GET /api/commands/c-3?limit=1000", first + R"(],"total":2,"next":"3c2"})");
    hub_.answer("GET /api/commands/c-3?limit=1000&cursor=3c2",
                R"({"command_id":"c-3","status":"ack_success","targets":[)"
                R"({"device_id":"c","status":"queued"}],"total":1,"next":null})");
    EXPECT_EQ(run(commandSubcommand(), {"c-3"}), kDone);
    EXPECT_THAT(out(), HasSubstr("status          sent\n"));
    EXPECT_THAT(out(), HasSubstr("\na       sent "));
    EXPECT_THAT(out(), HasSubstr("\nc       queued  "));
    EXPECT_EQ(run(commandSubcommand(), {"c-3", "--json"}), kDone);
    EXPECT_EQ(out(), first + R"(,{"device_id":"c","status":"queued"}],"total":3,"next":null})"
                             "\n");
}

TEST_F(LedgerCommands, CancelsWhatIsOpen) {
    hub_.answer("DELETE /api/commands/c-1", R"({"cancelled":3})");
    EXPECT_EQ(run(cancelSubcommand(), {"c-1"}), kDone);
    EXPECT_EQ(out(), "Cancelled for 3 devices.\n");
    hub_.answer("DELETE /api/commands/c-1", R"({"cancelled":1})");
    EXPECT_EQ(run(cancelSubcommand(), {"c-1"}), kDone);
    EXPECT_EQ(out(), "Cancelled for 1 device.\n");
    EXPECT_EQ(run(cancelSubcommand(), {"c-1", "--json"}), kDone);
    EXPECT_EQ(out(), "{\"cancelled\":1}\n");
}

TEST_F(LedgerCommands, WhatCannotBeShownOrCancelledFails) {
    hub_.answer("DELETE /api/commands/c-1", R"({"detail":"Nothing of this command is open."})",
                409);
    EXPECT_EQ(run(cancelSubcommand(), {"c-1"}), kFailed);
    EXPECT_EQ(err(),
              "hubctl cancel: " + hub_.url() + " answers 409: Nothing of this command is open.\n");
    EXPECT_EQ(run(commandSubcommand(), {"a/b"}), kFailed);
    EXPECT_EQ(err(), "hubctl command: " + hub_.url() + " answers 404: Nothing is known of it.\n");
}

}  // namespace
}  // namespace hub::ctl
