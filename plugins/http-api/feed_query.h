#pragma once

#include "hub/event.h"
#include "hub/event_feed.h"
#include "hub/http.h"
#include "hub/result.h"
#include "hub/topic_filter.h"

#include <optional>

namespace hub::http_api {

// Which live events a client wants to hear.
struct FeedQuery {
    TopicFilter filter;
    std::optional<Sequence> after;  // those behind this number; without it, from now on

    // Whether the client has a number that no event has yet: it comes from another database, so
    // what the client has missed cannot be told.
    [[nodiscard]] bool isAhead(const EventFeed& events) const noexcept {
        return after && *after > events.durable();
    }
};

// Reads `topic` and `since` from the query, and the header `Last-Event-ID`, which a client sends
// that comes back and which wins over `since`. Error Invalid names what is wrong.
[[nodiscard]] Result<FeedQuery> readFeedQuery(const HttpRequest& request);

}  // namespace hub::http_api
