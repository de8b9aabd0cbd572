#include "ws_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <stdexcept>
#include <string>

namespace hub::ws_transport {
namespace {

using namespace std::chrono_literals;

WsOptions read(const std::map<std::string, std::string>& given) {
    return readOptions(Options(declaredOptions(), given));
}

std::string refusalOf(const std::map<std::string, std::string>& given) {
    try {
        read(given);
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return "accepted";
}

TEST(WsOptions, HasTheDefaultsOfTheProtocol) {
    const WsOptions options = read({});
    EXPECT_EQ(options.limits.message_bytes, 64U * 1024);
    EXPECT_EQ(options.limits.queue_bytes, 256U * 1024);
    EXPECT_EQ(options.limits.first_message, 10s);
    EXPECT_TRUE(options.limits.yields_to_log);
    EXPECT_EQ(options.timeoutOf("anything"), 90s);
}

TEST(WsOptions, ReadsTimeoutsByDeviceType) {
    const WsOptions options =
        read({{"ws.timeout", "60"}, {"ws.timeouts", "esp32=90, sensor = 30 ,"}});
    EXPECT_EQ(options.timeoutOf("esp32"), 90s);
    EXPECT_EQ(options.timeoutOf("sensor"), 30s);
    EXPECT_EQ(options.timeoutOf("lamp"), 60s);
}

TEST(WsOptions, NamesTheKeyAndTheEntryThatIsWrong) {
    for (const char* const entry : {"sensor", "sensor=", "=30", "sensor=abc", "sensor=0",
                                    "sensor=-5", "sensor=30s", "sensor=86401", "a=b=3"}) {
        const std::string refusal = refusalOf({{"ws.timeouts", std::string("esp32=90,") + entry}});
        EXPECT_THAT(refusal, ::testing::HasSubstr("ws.timeouts"));
        EXPECT_THAT(refusal, ::testing::HasSubstr("'" + std::string(entry) + "'"));
    }
    EXPECT_THAT(refusalOf({{"ws.timeouts", "a=1,,b=2"}}), ::testing::HasSubstr("ws.timeouts"));
    EXPECT_THAT(refusalOf({{"ws.timeouts", "a=1,a=2"}}), ::testing::HasSubstr("'a=2'"));
}

TEST(WsOptions, RefusesLimitsThatCannotBe) {
    EXPECT_THAT(refusalOf({{"ws.message_limit", "10"}}), ::testing::HasSubstr("ws.message_limit"));
    EXPECT_THAT(refusalOf({{"ws.queue_limit", "1G"}}), ::testing::HasSubstr("ws.queue_limit"));
    EXPECT_THAT(refusalOf({{"ws.timeout", "0"}}), ::testing::HasSubstr("ws.timeout"));
}

}  // namespace
}  // namespace hub::ws_transport
