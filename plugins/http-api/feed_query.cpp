#include "feed_query.h"

#include "list_query.h"

#include <charconv>
#include <string_view>
#include <system_error>

namespace hub::http_api {

namespace {

std::optional<Sequence> sequenceFrom(std::string_view text) {
    Sequence sequence = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, code] = std::from_chars(text.data(), end, sequence);
    if (code != std::errc{} || stop != end) return std::nullopt;
    return sequence;
}

}  // namespace

Result<FeedQuery> readFeedQuery(const HttpRequest& request) {
    FeedQuery query;
    if (const auto topic = request.query("topic")) {
        auto filter = TopicFilter::parse(*topic);
        if (!filter) {
            return invalidParameter("topic", "is no topic filter: " + filter.error().message +
                                                 "; a + is written %2B in a URL, a # %23");
        }
        query.filter = std::move(*filter);
    }
    if (const auto since = request.query("since")) {
        query.after = sequenceFrom(*since);
        if (!query.after) {
            return invalidParameter("since", "must be the sequence number of an event");
        }
    }
    if (const auto last = request.header("Last-Event-ID"); last && !last->empty()) {
        query.after = sequenceFrom(*last);
        if (!query.after) {
            return Error{Error::Kind::Invalid,
                         "The header Last-Event-ID must be the sequence number of an event."};
        }
    }
    return query;
}

}  // namespace hub::http_api
