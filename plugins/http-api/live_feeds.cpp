#include "live_feeds.h"

#include <algorithm>
#include <string_view>

namespace hub::http_api {

namespace {

Gauge& readersOf(Metrics& metrics, std::string_view kind) {
    return metrics.gauge("hub_http_feed_readers", "Clients that read the live events.",
                         {{"kind", std::string(kind)}});
}

}  // namespace

LiveFeeds::LiveFeeds(HubServices& hub)
    : clock_(hub.clock()),
      streams_(hub.events(), readersOf(hub.metrics(), "sse")),
      links_(hub.webSockets(), hub.events(), readersOf(hub.metrics(), "websocket"),
             [this] { wake(); }),
      mounted_(hub.webSockets().mount("/api/live", links_, LiveEndpoint::limits())) {
    thread_ = std::thread([this] { run(); });
}

LiveFeeds::~LiveFeeds() {
    mounted_ = Registration();
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

HttpResponse LiveFeeds::streamEvents(const HttpRequest& request) {
    auto query = readFeedQuery(request);
    if (!query) return HttpResponse::problem(query.error());
    HttpResponse response;
    response.content_type = "text/event-stream";
    response.stream = streams_.open(std::move(*query));
    return response;
}

void LiveFeeds::run() {
    while (true) {
        const SteadyTime now = clock_.steady();
        const SteadyTime next = std::min(streams_.serve(now), links_.serve(now));
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, next - now, [this] { return stopping_ || woken_; });
        if (stopping_) return;
        woken_ = false;
    }
}

void LiveFeeds::wake() {
    {
        const std::lock_guard lock(mutex_);
        woken_ = true;
    }
    changed_.notify_one();
}

}  // namespace hub::http_api
