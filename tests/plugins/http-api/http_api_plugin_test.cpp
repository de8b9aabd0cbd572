#include "http_api_fixture.h"

#include <gmock/gmock.h>

namespace hub::http_api {
namespace {

class HttpApiPluginLife : public HttpApi {};

TEST_F(HttpApiPluginLife, StoppingTakesTheRoutesAway) {
    EXPECT_EQ(hub_.routes().count(), 22U);
    plugin_.stop();
    EXPECT_EQ(hub_.routes().count(), 0U);
    plugin_.start(hub_);
    EXPECT_EQ(get("/health").status, 200);
}

TEST_F(HttpApiPluginLife, WhatMustAlwaysAnswerIsAProbe) {
    EXPECT_THAT(hub_.routes().probes(),
                testing::ElementsAre("/health", "/livez", "/metrics", "/readyz"));
}

TEST_F(HttpApiPluginLife, IsHealthyAndHasNothingToConfigure) {
    EXPECT_EQ(plugin_.health().state, Health::State::Ok);
    EXPECT_TRUE(plugin_.options().empty());
}

TEST_F(HttpApiPluginLife, NoAnswerIsKeptWithoutAskingAgain) {
    statesAreStored(1);
    for (const char* path :
         {"/", "/health", "/livez", "/readyz", "/metrics", "/api/devices", "/api/devices/weather-1",
          "/api/devices/nobody", "/api/devices/weather-1/state", "/api/state",
          "/api/state-history/weather-1", "/api/device-connection-history/weather-1",
          "/api/system/logs", "/api/plugins", "/api/commands", "/api/commands/c",
          "/api/command-logs", "/api/openapi.json"}) {
        EXPECT_EQ(get(path).headers.back(),
                  std::pair(std::string("Cache-Control"), std::string("no-cache")))
            << path;
    }
    EXPECT_EQ(get("/api/events").headers.back(),
              std::pair(std::string("Cache-Control"), std::string("no-store")));
}

}  // namespace
}  // namespace hub::http_api
