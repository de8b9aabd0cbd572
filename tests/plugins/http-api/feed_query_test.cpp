#include "feed_query.h"

#include "fakes/fake_http_request.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace hub::http_api {
namespace {

using fakes::FakeHttpRequest;

std::string fault(const FakeHttpRequest& request) {
    const auto query = readFeedQuery(request);
    return query ? "" : query.error().message;
}

TEST(FeedQuery, WithoutParametersItIsEverythingFromNowOn) {
    const auto query = readFeedQuery(FakeHttpRequest("/api/events"));
    ASSERT_TRUE(query.ok());
    EXPECT_EQ(query->filter.text(), "#");
    EXPECT_EQ(query->after, std::nullopt);
}

TEST(FeedQuery, TheLastEventThatTheClientSawWinsOverSince) {
    FakeHttpRequest request("/api/events");
    request.withQuery("topic", "devices/+/status").withQuery("since", "7");
    EXPECT_EQ(readFeedQuery(request)->filter.text(), "devices/+/status");
    EXPECT_EQ(readFeedQuery(request)->after, 7U);
    request.withHeader("Last-Event-ID", "");
    EXPECT_EQ(readFeedQuery(request)->after, 7U);
    request.withHeader("Last-Event-ID", "18446744073709551615");
    EXPECT_EQ(readFeedQuery(request)->after, 18446744073709551615U);
}

TEST(FeedQuery, AFilterThatCanMatchNothingIsRefused) {
    const auto faultOf = [](std::string topic) {
        return fault(FakeHttpRequest("/api/events").withQuery("topic", std::move(topic)));
    };
    for (const char* topic :
         {"#", "+/#", "+/+/+", "devices/#", "devices/lamp/#", "devices/+/status",
          "devices/lamp/status", "devices/+/+/#", "devices/lamp/low battery"}) {
        EXPECT_EQ(faultOf(topic), "") << topic;
    }
    for (const char* topic :
         {"weather-1", "devices", "devices/lamp", "+/+", "/devices/lamp/status", "device/#",
          "devices/ /status", "devices/lamp 1/#", "devices//status", "devices/lamp/",
          "devices/lamp/status/", "devices/+/+/+", "+/+/+/+/#"}) {
        EXPECT_EQ(faultOf(topic),
                  R"(The query parameter "topic" matches nothing: topics are )"
                  "devices/{id}/{event}, where an id has no spaces; a + is written %2B in a URL.")
            << topic;
    }
}

TEST(FeedQuery, WhatIsWrongIsNamed) {
    const std::string filter = fault(FakeHttpRequest("/api/events").withQuery("topic", "a/#/b"));
    EXPECT_TRUE(filter.starts_with(R"(The query parameter "topic" is no topic filter: )"))
        << filter;
    for (const char* number : {"", "-1", "x", "1x", " 1", "18446744073709551616"}) {
        EXPECT_EQ(fault(FakeHttpRequest("/api/events").withQuery("since", number)),
                  R"(The query parameter "since" must be the sequence number of an event.)")
            << number;
    }
    EXPECT_EQ(fault(FakeHttpRequest("/api/events").withHeader("Last-Event-ID", "abc")),
              "The header Last-Event-ID must be the sequence number of an event.");
}

}  // namespace
}  // namespace hub::http_api
