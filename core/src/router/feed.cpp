#include "router/feed.h"

#include "router/listening.h"

#include <utility>

namespace hub::router {

Feed::Feed(EventLog& log, const History& history, std::size_t ring_bytes, Logger& logger,
           Metrics& metrics)
    : log_(log),
      logger_(logger),
      tail_(log, ring_bytes, metrics),
      sources_{log, tail_, history,
               metrics.counter("hub_feed_lagged_total",
                               "Readers that were too slow for the live events.")} {}

std::unique_ptr<EventReader> Feed::open(TopicFilter filter, std::optional<Sequence> after,
                                        std::function<void()> wake) {
    return std::make_unique<FeedReader>(sources_, std::move(filter), after, std::move(wake));
}

Registration Feed::listen(TopicFilter filter, std::optional<Sequence> after,
                          EventListener& listener) {
    auto listening =
        std::make_shared<Listening>(sources_, std::move(filter), after, listener, logger_);
    return Registration([listening = std::move(listening)]() mutable { listening.reset(); });
}

}  // namespace hub::router
