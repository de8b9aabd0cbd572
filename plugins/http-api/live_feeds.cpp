#include "live_feeds.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace hub::http_api {

namespace {

using Stage = LiveEndpoint::Stage;

Gauge& readersOf(Metrics& metrics, std::string_view kind) {
    return metrics.gauge("hub_http_feed_readers", "Clients that read the live events.",
                         {{"kind", std::string(kind)}});
}

}  // namespace

LiveFeeds::LiveFeeds(HubServices& hub)
    : streams_(hub.events(), readersOf(hub.metrics(), "sse"), [this] { wake(Stage::Live); }),
      links_(hub.webSockets(), hub.events(), readersOf(hub.metrics(), "websocket"),
             [this](Stage stage) { wake(stage); }),
      live_(hub.clock(),
            [this](SteadyTime now) {
                return std::min(streams_.serve(now), links_.serve(Stage::Live, now));
            }),
      catching_up_(hub.clock(),
                   [this](SteadyTime now) { return links_.serve(Stage::CatchingUp, now); }),
      mounted_(hub.webSockets().mount("/api/live", links_, LiveEndpoint::limits())) {}

HttpResponse LiveFeeds::streamEvents(const HttpRequest& request) {
    auto query = readFeedQuery(request);
    if (!query) return HttpResponse::problem(query.error());
    HttpResponse response;
    response.content_type = "text/event-stream";
    response.stream = streams_.open(std::move(*query));
    return response;
}

void LiveFeeds::wake(Stage stage) {
    switch (stage) {
        case Stage::CatchingUp:
            return catching_up_.wake();
        case Stage::Live:
            return live_.wake();
    }
}

}  // namespace hub::http_api
