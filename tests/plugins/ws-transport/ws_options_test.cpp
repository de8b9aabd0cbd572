#include "ws_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <stdexcept>
#include <string>

namespace hub::ws_transport {
namespace {

using namespace std::chrono_literals;

WebSocketLimits read(const std::map<std::string, std::string>& given) {
    return readLimits(Options(declaredOptions(), given));
}

std::string refusalOf(const std::map<std::string, std::string>& given) {
    try {
        (void)read(given);
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return "accepted";
}

TEST(WsOptions, HasTheDefaultsOfTheProtocol) {
    const WebSocketLimits limits = read({});
    EXPECT_EQ(limits.message_bytes, 64U * 1024);
    EXPECT_EQ(limits.queue_bytes, 256U * 1024);
    EXPECT_EQ(limits.first_message, 10s);
    EXPECT_TRUE(limits.yields_to_log);
}

TEST(WsOptions, TakesEveryKey) {
    const WebSocketLimits limits =
        read({{"ws.message_limit", "2k"}, {"ws.queue_limit", "8k"}, {"ws.first_message", "1.5"}});
    EXPECT_EQ(limits.message_bytes, 2048U);
    EXPECT_EQ(limits.queue_bytes, 8192U);
    EXPECT_EQ(limits.first_message, 1500ms);
}

TEST(WsOptions, RefusesLimitsThatCannotBe) {
    EXPECT_THAT(refusalOf({{"ws.message_limit", "10"}}), ::testing::HasSubstr("ws.message_limit"));
    EXPECT_THAT(refusalOf({{"ws.queue_limit", "1G"}}), ::testing::HasSubstr("ws.queue_limit"));
    EXPECT_THAT(refusalOf({{"ws.first_message", "0"}}), ::testing::HasSubstr("ws.first_message"));
}

}  // namespace
}  // namespace hub::ws_transport
