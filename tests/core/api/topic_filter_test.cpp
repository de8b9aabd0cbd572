#include "hub/topic_filter.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace hub {
namespace {

bool matches(std::string_view filter, std::string_view topic) {
    const auto parsed = TopicFilter::parse(filter);
    EXPECT_TRUE(parsed.ok()) << filter;
    return parsed.ok() && parsed->matches(topic);
}

TEST(TopicFilter, MatchesEverythingByDefault) {
    EXPECT_TRUE(TopicFilter().matches("devices/lamp/status"));
    EXPECT_TRUE(TopicFilter().matchesDevice("lamp", "status"));
}

// The examples of MQTT 5, 4.7.1.
TEST(TopicFilter, FollowsTheExamplesOfTheStandard) {
    EXPECT_TRUE(matches("sport/tennis/player1/#", "sport/tennis/player1"));
    EXPECT_TRUE(matches("sport/tennis/player1/#", "sport/tennis/player1/ranking"));
    EXPECT_TRUE(matches("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon"));
    EXPECT_TRUE(matches("sport/#", "sport"));
    EXPECT_TRUE(matches("sport/tennis/+", "sport/tennis/player1"));
    EXPECT_FALSE(matches("sport/tennis/+", "sport/tennis/player1/ranking"));
    EXPECT_FALSE(matches("sport/+", "sport"));
    EXPECT_TRUE(matches("sport/+", "sport/"));
    EXPECT_TRUE(matches("+/+", "/finance"));
    EXPECT_TRUE(matches("/+", "/finance"));
    EXPECT_FALSE(matches("+", "/finance"));
    EXPECT_TRUE(matches("+/tennis/#", "sport/tennis"));
    EXPECT_FALSE(matches("#", "$SYS/monitor"));
    EXPECT_FALSE(matches("+/monitor/Clients", "$SYS/monitor/Clients"));
    EXPECT_TRUE(matches("$SYS/#", "$SYS/monitor"));
}

TEST(TopicFilter, MatchesADevicesTopicWithoutMakingIt) {
    for (const std::string_view filter :
         {"#", "devices/#", "devices/+/status", "devices/lamp/#", "devices/lamp/+",
          "devices/lamp/status", "+/+/+", "devices/lamp/status/#"}) {
        EXPECT_TRUE(TopicFilter::parse(filter)->matchesDevice("lamp", "status")) << filter;
        EXPECT_TRUE(matches(filter, "devices/lamp/status")) << filter;
    }
    for (const std::string_view filter : {"devices", "devices/+", "devices/lamp", "+/+", "lamp/#",
                                          "devices/+/alert", "devices/la/status", "+/+/+/+"}) {
        EXPECT_FALSE(TopicFilter::parse(filter)->matchesDevice("lamp", "status")) << filter;
        EXPECT_FALSE(matches(filter, "devices/lamp/status")) << filter;
    }
}

TEST(TopicFilter, RefusesWhatIsNoFilterAndSaysWhy) {
    const std::string_view wrong[] = {
        "",
        "sport/tennis#",
        "sport/tennis/#/ranking",
        "sport+",
        "a/b+/c",
        "#/",
        "##",
        "+#",
        std::string_view("a\0b", 3),
        "caf\xE9",
        "\xC0\xAF",
        "\xED\xA0\x80",
        "\xF5\x80\x80\x80",
        "\xE2\x82",
    };
    for (const std::string_view filter : wrong) {
        const auto parsed = TopicFilter::parse(filter);
        ASSERT_FALSE(parsed.ok()) << filter;
        EXPECT_EQ(parsed.error().kind, Error::Kind::Invalid);
        EXPECT_NE(parsed.error().message.find("devices/+/status"), std::string::npos);
    }
    EXPECT_FALSE(TopicFilter::parse(std::string(TopicFilter::kMaxBytes + 1, 'a')).ok());
    EXPECT_TRUE(TopicFilter::parse(std::string(TopicFilter::kMaxBytes, 'a')).ok());
    EXPECT_TRUE(TopicFilter::parse("caf\xC3\xA9/\xF0\x9F\x98\x80/\xE2\x82\xAC").ok());
}

}  // namespace
}  // namespace hub
