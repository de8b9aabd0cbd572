#include "ctl/sim/endpoint.h"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <string>

namespace hub::ctl::sim {
namespace {

TEST(Endpoint, ResolvesAddresses) {
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

TEST(Endpoint, ManyDevicesOnTheLoopbackShareItsAddresses) {
    EXPECT_EQ(sourceOf({"127.0.0.1", 8000}, 0), "127.0.0.1");
    EXPECT_EQ(sourceOf({"127.0.0.1", 8000}, 9'999), "127.0.0.1");
    EXPECT_EQ(sourceOf({"127.0.0.1", 8000}, 10'000), "127.0.0.2");
    EXPECT_EQ(sourceOf({"127.9.8.7", 8000}, 19'999), "127.0.0.2");
    EXPECT_EQ(sourceOf({"::1", 8000}, 10'000), "any");
    EXPECT_EQ(sourceOf({"192.0.2.7", 8000}, 10'000), "any");
}

}  // namespace
}  // namespace hub::ctl::sim
