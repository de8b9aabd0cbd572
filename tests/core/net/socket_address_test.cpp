#include "net/socket_address.h"

#include <gtest/gtest.h>

namespace hub::net {
namespace {

TEST(SocketAddress, IsWrittenAsPeopleWriteIt) {
    EXPECT_EQ(SocketAddress::parse("192.0.2.7", 8000)->text(), "192.0.2.7:8000");
    EXPECT_EQ(SocketAddress::parse("localhost", 1)->text(), "127.0.0.1:1");
    EXPECT_EQ(SocketAddress::parse("2001:db8::7", 65535)->text(), "[2001:db8::7]:65535");
    EXPECT_EQ(SocketAddress::parse("::ffff:192.0.2.7", 8000)->text(), "192.0.2.7:8000");
}

TEST(SocketAddress, KnowsItsPort) {
    EXPECT_EQ(SocketAddress::parse("::", 8000)->port(), 8000);
    EXPECT_EQ(SocketAddress::parse("0.0.0.0", 8000)->port(), 8000);
}

SocketAddress::Network networkOf(const char* host) {
    return SocketAddress::parse(host, 1)->network();
}

TEST(SocketAddress, AnIpv4AddressIsANetworkOfItsOwn) {
    EXPECT_EQ(networkOf("192.0.2.7"), SocketAddress::parse("192.0.2.7", 2)->network());
    EXPECT_EQ(networkOf("192.0.2.7"), networkOf("::ffff:192.0.2.7"));
    EXPECT_NE(networkOf("192.0.2.7"), networkOf("192.0.2.8"));
    EXPECT_NE(networkOf("192.0.2.7"), networkOf("7.2.0.192"));
}

TEST(SocketAddress, AnIpv6NetworkIsThatOfASubscriber) {
    EXPECT_EQ(networkOf("2001:db8:1:2::1"), networkOf("2001:db8:1:2:3:4:5:6"));
    EXPECT_NE(networkOf("2001:db8:1:2::1"), networkOf("2001:db8:1:3::1"));
    EXPECT_NE(networkOf("::1"), networkOf("127.0.0.1"));
}

TEST(SocketAddress, ResolvesNoNames) {
    for (const char* host :
         {"", "example.org", "127.1", "1.2.3.4.5", "[::1]", "127.0.0.1 ", "::g"}) {
        EXPECT_FALSE(SocketAddress::parse(host, 1)) << host;
    }
}

TEST(SocketAddress, AnIpv6AddressStandsInBracketsBesideItsPort) {
    EXPECT_EQ(authorityOf("127.0.0.1", 8000), "127.0.0.1:8000");
    EXPECT_EQ(authorityOf("::1", 80), "[::1]:80");
    EXPECT_EQ(authorityOf("hub.example", 80), "hub.example:80");
}

}  // namespace
}  // namespace hub::net
