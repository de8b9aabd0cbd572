#include "feed_query.h"

#include "hub/device.h"
#include "list_query.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
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

// Whether there is a topic devices/{id}/{name} that matches: then the one does that has the words
// of the filter, and any where it leaves them open.
bool canMatch(const TopicFilter& filter) {
    std::string_view rest = filter.text();
    const auto next_word = [&rest]() -> std::string_view {
        const std::size_t end = std::min(rest.find('/'), rest.size());
        const std::string_view word = rest.substr(0, end);
        const bool is_last = end == rest.size();
        rest = is_last ? "#" : rest.substr(end + 1);
        return word == "+" || word == "#" ? "any" : word;
    };
    (void)next_word();
    const std::string_view id = next_word();
    const std::string_view name = next_word();
    return isValidDeviceId(id) && !name.empty() && filter.matchesDevice(id, name);
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
        if (!canMatch(*filter)) {
            return invalidParameter("topic",
                                    "matches nothing: topics are devices/{id}/{event}, where an id "
                                    "has no spaces; a + is written %2B in a URL");
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
