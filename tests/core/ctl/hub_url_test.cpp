#include "ctl/hub_url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace hub::ctl {
namespace {

using testing::HasSubstr;

TEST(HubUrl, NamesHostAndPort) {
    const auto url = parseHubUrl("ws://127.0.0.1:8000");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->host, "127.0.0.1");
    EXPECT_EQ(url->port, 8000);
    EXPECT_EQ(url->authority(), "127.0.0.1:8000");
}

TEST(HubUrl, WithoutAPortItIsThatOfHttp) {
    const auto url = parseHubUrl("ws://hub.example/");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->port, 80);
}

TEST(HubUrl, IPv6AddressesStandInBrackets) {
    const auto url = parseHubUrl("ws://[::1]:8000");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->host, "::1");
    EXPECT_EQ(url->authority(), "[::1]:8000");
}

TEST(HubUrl, TlsIsRefusedByName) {
    const auto url = parseHubUrl("wss://hub.example");
    ASSERT_FALSE(url);
    EXPECT_THAT(url.error().message, HasSubstr("TLS, not supported yet"));
}

TEST(HubUrl, HttpAndWebSocketMeanTheSame) {
    for (const char* text : {"http://127.0.0.1:8000", "ws://127.0.0.1:8000"}) {
        const auto url = parseHubUrl(text);
        ASSERT_TRUE(url) << text;
        EXPECT_EQ(url->text(), "http://127.0.0.1:8000");
    }
    const auto url = parseHubUrl("mqtt://127.0.0.1:8000");
    ASSERT_FALSE(url);
    EXPECT_EQ(
        url.error().message,
        R"("mqtt://127.0.0.1:8000" does not begin with http://: write http://127.0.0.1:8000)");
}

TEST(HubUrl, EverythingElseIsRefusedWithTheTextAndARemedy) {
    for (const char* text :
         {"", "127.0.0.1:8000", "localhost", "ftp://127.0.0.1:8000", "ws://", "ws:///x",
          "ws://127.0.0.1:0", "ws://127.0.0.1:99999", "ws://127.0.0.1:x",
          "ws://127.0.0.1:8000/ws/lamp", "ws://host?x=1", "ws://host#x", "ws://me@host"}) {
        const auto url = parseHubUrl(text);
        ASSERT_FALSE(url) << text;
        EXPECT_EQ(url.error().kind, Error::Kind::Invalid);
        EXPECT_THAT(url.error().message, HasSubstr(text));
        EXPECT_THAT(url.error().message, HasSubstr("write http://127.0.0.1:8000"));
    }
}

}  // namespace
}  // namespace hub::ctl
