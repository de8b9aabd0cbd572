#include "ctl/sim/hub_url.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <string>

namespace hub::ctl::sim {
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

TEST(HubUrl, EverythingElseIsRefusedWithTheTextAndARemedy) {
    for (const char* text :
         {"", "127.0.0.1:8000", "localhost", "http://127.0.0.1:8000", "ws://", "ws:///x",
          "ws://127.0.0.1:0", "ws://127.0.0.1:99999", "ws://127.0.0.1:x",
          "ws://127.0.0.1:8000/ws/lamp", "ws://host?x=1", "ws://host#x", "ws://me@host"}) {
        const auto url = parseHubUrl(text);
        ASSERT_FALSE(url) << text;
        EXPECT_EQ(url.error().kind, Error::Kind::Invalid);
        EXPECT_THAT(url.error().message, HasSubstr(text));
        EXPECT_THAT(url.error().message, HasSubstr("write ws://127.0.0.1:8000"));
    }
}

TEST(HubUrl, ResolvesAddresses) {
    const auto ipv4 = resolve({"127.0.0.1", 8000});
    ASSERT_TRUE(ipv4);
    EXPECT_EQ(ipv4->address.ss_family, AF_INET);
    EXPECT_EQ(ntohs(reinterpret_cast<const sockaddr_in*>(ipv4->get())->sin_port), 8000);
    const auto ipv6 = resolve({"::1", 8000});
    ASSERT_TRUE(ipv6);
    EXPECT_EQ(ipv6->address.ss_family, AF_INET6);
}

std::string sourceOf(const HubUrl& url, std::size_t device) {
    const auto source = sourceFor(*resolve(url), device);
    if (!source) return "any";
    const auto* address = reinterpret_cast<const sockaddr_in*>(source->get());
    EXPECT_EQ(address->sin_port, 0);
    char text[INET_ADDRSTRLEN] = {};
    ::inet_ntop(AF_INET, &address->sin_addr, text, sizeof text);
    return text;
}

TEST(HubUrl, ManyDevicesOnTheLoopbackShareItsAddresses) {
    EXPECT_EQ(sourceOf({"127.0.0.1", 8000}, 0), "127.0.0.1");
    EXPECT_EQ(sourceOf({"127.0.0.1", 8000}, 9'999), "127.0.0.1");
    EXPECT_EQ(sourceOf({"127.0.0.1", 8000}, 10'000), "127.0.0.2");
    EXPECT_EQ(sourceOf({"127.9.8.7", 8000}, 19'999), "127.0.0.2");
    EXPECT_EQ(sourceOf({"::1", 8000}, 10'000), "any");
    EXPECT_EQ(sourceOf({"192.0.2.7", 8000}, 10'000), "any");
}

}  // namespace
}  // namespace hub::ctl::sim
