#include "http_api_fixture.h"

namespace hub::http_api {
namespace {

using namespace std::chrono_literals;

class SystemRoutes : public HttpApi {
protected:
    void linesAreLogged(std::vector<LogLine> newest_first) {
        log_tail_ = fakes::FixedLogTail(std::move(newest_first));
    }
};

TEST_F(SystemRoutes, MetricsAreInThePrometheusFormat) {
    hub_.metrics().counter("hub_events_total", "Events taken in.", {{"kind", "status"}}).add(3);
    const HttpResponse response = get("/metrics");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.content_type, "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_TRUE(
        response.body.starts_with("# HELP hub_events_total Events taken in.\n"
                                  "# TYPE hub_events_total counter\n"
                                  "hub_events_total{kind=\"status\"} 3\n"))
        << response.body;
}

TEST_F(SystemRoutes, LogLinesAreShownNewestFirst) {
    linesAreLogged({{kStart + 1s, LogLevel::Error, "hub", "the store cannot write"},
                    {kStart, LogLevel::Debug, "ws-transport", "a \"link\" is open"}});
    EXPECT_EQ(get("/api/system/logs").body,
              R"({"logs":[{"timestamp":"2026-11-23T16:40:01.000000Z","level":"error",)"
              R"("logger":"hub","message":"the store cannot write"},)"
              R"({"timestamp":"2026-11-23T16:40:00.000000Z","level":"debug",)"
              R"("logger":"ws-transport","message":"a \"link\" is open"}],)"
              R"("total":2,"next":null})");
}

TEST_F(SystemRoutes, LogLinesOfLessImportanceAreLeftOut) {
    linesAreLogged({{kStart, LogLevel::Info, "hub", "info"},
                    {kStart, LogLevel::Warning, "hub", "warning"},
                    {kStart, LogLevel::Error, "hub", "error"}});
    const auto lines = itemsOf(json("/api/system/logs", {{"level", "warning"}}), "logs");
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines[0]->getValue<std::string>("message"), "warning");
    EXPECT_EQ(lines[1]->getValue<std::string>("message"), "error");
}

TEST_F(SystemRoutes, ALogGives100LinesUnlessToldOtherwise) {
    linesAreLogged(std::vector<LogLine>(1100, {kStart, LogLevel::Info, "hub", "line"}));
    EXPECT_EQ(itemsOf(json("/api/system/logs"), "logs").size(), 100U);
    EXPECT_EQ(itemsOf(json("/api/system/logs", {{"limit", "7"}}), "logs").size(), 7U);
    EXPECT_EQ(itemsOf(json("/api/system/logs", {{"limit", "5000"}}), "logs").size(), 1000U);
}

TEST_F(SystemRoutes, ALogIsReadPageByPage) {
    std::vector<LogLine> lines;
    for (const char* message : {"5", "4", "3", "2", "1"}) {
        lines.push_back({kStart, LogLevel::Info, "hub", message});
    }
    lines[3].level = LogLevel::Debug;
    linesAreLogged(lines);
    Query query{{"level", "info"}, {"limit", "2"}};
    const auto page = json("/api/system/logs", query);
    EXPECT_EQ(itemsOf(page, "logs").size(), 2U);
    query["cursor"] = page->getValue<std::string>("next");
    const auto last_page = json("/api/system/logs", query);
    const auto last_lines = itemsOf(last_page, "logs");
    ASSERT_EQ(last_lines.size(), 2U);
    EXPECT_EQ(last_lines[0]->getValue<std::string>("message"), "3");
    EXPECT_EQ(last_lines[1]->getValue<std::string>("message"), "1");
    EXPECT_TRUE(last_page->isNull("next"));
}

TEST_F(SystemRoutes, ACursorOfAnotherListIsRefused) {
    EXPECT_EQ(problem(422, "/api/system/logs", {{"cursor", "1h2"}}),
              R"(The query parameter "cursor" must be the "next" of an earlier answer of the )"
              R"(same list.)");
}

TEST_F(SystemRoutes, AnUnknownLevelIsAnsweredWithTheKnownOnes) {
    for (const char* level : {"loud", "", "INFO"}) {
        EXPECT_EQ(problem(422, "/api/system/logs", {{"level", level}}),
                  R"(The query parameter "level" must be debug, info, warning or error.)");
    }
}

TEST_F(SystemRoutes, PluginsAreShownWithTheirWordOnHowTheyAre) {
    PluginStatus store{.name = "sqlite-store",
                       .version = "0.1.0",
                       .kind = PluginKind::Store,
                       .required = true,
                       .state = PluginState::Started,
                       .health = {Health::State::Degraded, "the disk is full"}};
    PluginStatus broken{.name = "old", .health = {Health::State::Failed, "built for API 1"}};
    PluginStatus well{.name = "http-api",
                      .version = "0.1.0",
                      .kind = PluginKind::Extension,
                      .state = PluginState::Started};
    hub_.setPlugins({store, broken, well});
    EXPECT_EQ(get("/api/plugins").body,
              R"({"plugins":[)"
              R"({"name":"sqlite-store","kind":"store","version":"0.1.0","required":true,)"
              R"("state":"started","health":"degraded","sentence":"the disk is full"},)"
              R"({"name":"old","kind":null,"version":null,"required":false,)"
              R"("state":"failed","health":"failed","sentence":"built for API 1"},)"
              R"({"name":"http-api","kind":"extension","version":"0.1.0","required":false,)"
              R"("state":"started","health":"ok","sentence":null}],"total":3,"next":null})");
}

TEST_F(SystemRoutes, TheRootTellsWhereToGoOn) {
    const auto root = json("/");
    EXPECT_EQ(root->getValue<std::string>("app"), "hub");
    EXPECT_EQ(root->getValue<std::string>("version"), hub_.version());
    for (const char* name :
         {"api", "devices", "state", "commands", "log", "plugins", "health", "metrics"}) {
        EXPECT_EQ(get(root->getValue<std::string>(name)).status, 200) << name;
    }
}

}  // namespace
}  // namespace hub::http_api
