#include "http_api_fixture.h"

namespace hub::http_api {
namespace {

class HealthRoutes : public HttpApi {};

TEST_F(HealthRoutes, HealthTellsTimeAndVersion) {
    EXPECT_EQ(get("/health").body,
              R"({"status":"ok","timestamp":"2026-11-23T16:40:00.000000Z","app":"hub",)"
              R"("version":"1.2.3"})");
}

TEST_F(HealthRoutes, TheHubLivesWhileItsThreadsAnswer) {
    EXPECT_EQ(get("/livez").body, R"({"status":"alive"})");
    hub_.setAlive(false);
    EXPECT_EQ(problem(503, "/livez"),
              "The hub's own threads do not do their work any more: it has to be restarted.");
}

TEST_F(HealthRoutes, ReadinessNamesEveryReason) {
    EXPECT_EQ(get("/readyz").body, R"({"status":"ready"})");
    hub_.setReadiness({{"the store cannot write: disk full"}});
    EXPECT_EQ(problem(503, "/readyz"), "The hub is not ready: the store cannot write: disk full.");
    hub_.setReadiness({{"plugin \"a\" has failed", "no store is attached"}});
    EXPECT_EQ(get("/readyz").body,
              R"({"type":"about:blank","title":"Service Unavailable","status":503,)"
              R"("detail":"The hub is not ready: plugin \"a\" has failed; no store is attached.",)"
              R"("reasons":["plugin \"a\" has failed","no store is attached"]})");
}

}  // namespace
}  // namespace hub::http_api
