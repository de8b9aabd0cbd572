#include "ctl/hub_commands.h"

#include "core/ctl/ctl_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hub::ctl {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class HubCommands : public CtlFixture {};

TEST_F(HubCommands, AReadyHubIsHealthy) {
    hub_.answer("GET /readyz", R"({"status":"ready"})");
    EXPECT_EQ(run(healthSubcommand(), {}), kDone);
    EXPECT_EQ(out(), "ready\n");
    EXPECT_EQ(run(healthSubcommand(), {"--json"}), kDone);
    EXPECT_EQ(out(), "{\"status\":\"ready\"}\n");
}

TEST_F(HubCommands, AHubThatIsNotReadyTellsItsReasons) {
    const std::string body =
        R"({"status":503,"detail":"The hub is not ready: a; b.","reasons":["disk \u001b","locked"]})";
    hub_.answer("GET /readyz", body, 503);
    EXPECT_EQ(run(healthSubcommand(), {}), kFailed);
    EXPECT_EQ(out(), "not ready\n  disk \\u001b\n  locked\n");
    EXPECT_EQ(run(healthSubcommand(), {"--json"}), kFailed);
    EXPECT_EQ(out(), body + "\n");
    EXPECT_EQ(err(), "");
}

TEST_F(HubCommands, WithoutAListOfReasonsItsSentenceIsTold) {
    hub_.answer("GET /readyz", R"({"detail":"The hub is stopping."})", 503);
    EXPECT_EQ(run(healthSubcommand(), {}), kFailed);
    EXPECT_EQ(out(), "not ready\n  The hub is stopping.\n");
}

TEST_F(HubCommands, WhatIsNoAnswerAboutReadinessIsAFailure) {
    hub_.answer("GET /readyz", "<html>", 503);
    EXPECT_EQ(run(healthSubcommand(), {}), kFailed);
    EXPECT_EQ(out(), "");
    EXPECT_THAT(err(), HasSubstr("answers 503 Service Unavailable"));
}

TEST_F(HubCommands, ListsPlugins) {
    hub_.answer("GET /api/plugins?limit=1000",
                R"({"plugins":[{"name":"sqlite-store","kind":"store","version":"0.1.0",)"
                R"("required":true,"state":"started","health":"degraded","sentence":"locked"},)"
                R"({"name":"lost","kind":null,"version":"","required":false,"state":"failed",)"
                R"("health":"failed","sentence":"no such file"}],"total":2,"next":null})");
    EXPECT_EQ(run(pluginsSubcommand(), {}), kDone);
    EXPECT_EQ(out(),
              "PLUGIN        KIND   VERSION  REQUIRED  STATE    HEALTH\n"
              "sqlite-store  store  0.1.0    yes       started  degraded: locked\n"
              "lost          -      -        no        failed   failed: no such file\n");
}

TEST_F(HubCommands, ShowsLogLinesOldestFirst) {
    hub_.answer("GET /api/system/logs?level=warning&limit=2",
                R"({"logs":[{"timestamp":"2026-11-23T16:39:00.250000Z","level":"error",)"
                R"("logger":"store","message":"second"},)"
                R"({"timestamp":"2026-11-23T16:38:00.000000Z","level":"warning",)"
                R"("logger":"hub","message":"first"}],"total":2,"next":null})");
    EXPECT_EQ(run(logsSubcommand(), {"--level", "warning", "--limit", "2"}), kDone);
    EXPECT_EQ(out(),
              "TIME                     LEVEL    LOGGER  MESSAGE\n"
              "2026-11-23 17:38:00.000  warning  hub     first\n"
              "2026-11-23 17:39:00.250  error    store   second\n");
}

TEST_F(HubCommands, AnUnknownLevelIsRefused) {
    EXPECT_EQ(run(logsSubcommand(), {"--level", "loud"}), kUsageWrong);
    EXPECT_THAT(err(), HasSubstr("give debug, info, warning or error"));
    EXPECT_THAT(hub_.requests(), IsEmpty());
}

}  // namespace
}  // namespace hub::ctl
