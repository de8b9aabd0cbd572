#include "daemon/listen_address.h"

#include <gtest/gtest.h>

namespace hub::daemon {
namespace {

TEST(ListenAddress, LoopbackIsWhatOnlyThisMachineReaches) {
    EXPECT_TRUE(isLoopback("127.0.0.1"));
    EXPECT_TRUE(isLoopback("127.9.8.7"));
    EXPECT_TRUE(isLoopback("::1"));
    EXPECT_TRUE(isLoopback("localhost"));

    EXPECT_FALSE(isLoopback("0.0.0.0"));
    EXPECT_FALSE(isLoopback("192.0.2.7"));
    EXPECT_FALSE(isLoopback("::"));
    EXPECT_FALSE(isLoopback("2001:db8::1"));
    EXPECT_FALSE(isLoopback("localhost.example"));
    EXPECT_FALSE(isLoopback(""));
}

}  // namespace
}  // namespace hub::daemon
