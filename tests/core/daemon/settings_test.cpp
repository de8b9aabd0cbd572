#include "daemon/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <string>
#include <vector>

namespace hub::daemon {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

constexpr std::array kOptions = {
    Option{"hub.port", Option::Type::Number, "8000", "A port.", 0, 65535},
    Option{"ws.timeout", Option::Type::Duration, "90", "A time.", 1, 86400},
    Option{"ws.message_limit", Option::Type::Bytes, "64k", "A size."},
};

// What an operator gives, in the three places there are.
class SettingsTest : public testing::Test {
protected:
    void file(const std::string& key, const std::string& value) {
        file_.push_back({key, value, "hubd.properties:" + std::to_string(file_.size() + 1)});
    }
    void environment(const std::string& name, const std::string& value) {
        environment_[name] = value;
    }
    void flag(const std::string& key, const std::string& value) {
        flags_.push_back({key, value, "--set"});
    }

    Settings settings() const { return {file_, environment_, flags_}; }
    std::map<std::string, std::string> values() const { return settings().values(kOptions); }

    std::string refusal() const {
        try {
            (void)values();
            return "";
        } catch (const SettingsError& error) {
            return error.what();
        }
    }
    std::vector<std::string> unknown() const {
        std::vector<std::string> sentences;
        for (const auto& setting : settings().unknown(kOptions)) {
            sentences.push_back(setting.sentence);
        }
        return sentences;
    }

private:
    std::vector<Setting> file_;
    std::map<std::string, std::string> environment_;
    std::vector<Setting> flags_;
};

TEST_F(SettingsTest, WithoutAnyThereAreNoValues) { EXPECT_THAT(values(), IsEmpty()); }

TEST_F(SettingsTest, TheFileGivesValues) {
    file("hub.port", "80");
    EXPECT_THAT(values(), ElementsAre(Pair("hub.port", "80")));
}

TEST_F(SettingsTest, TheEnvironmentWinsOverTheFile) {
    file("hub.port", "80");
    environment("HUB_PORT", "81");
    EXPECT_THAT(values(), ElementsAre(Pair("hub.port", "81")));
}

TEST_F(SettingsTest, AFlagWinsOverAll) {
    file("hub.port", "80");
    environment("HUB_PORT", "81");
    flag("hub.port", "82");
    EXPECT_THAT(values(), ElementsAre(Pair("hub.port", "82")));
}

TEST_F(SettingsTest, OfTwoFlagsTheLastWins) {
    flag("hub.port", "82");
    flag("hub.port", "83");
    EXPECT_THAT(values(), ElementsAre(Pair("hub.port", "83")));
}

TEST_F(SettingsTest, ABadValueThatIsOverruledDoesNotMatter) {
    file("hub.port", "eighty");
    flag("hub.port", "82");
    EXPECT_THAT(values(), ElementsAre(Pair("hub.port", "82")));
}

TEST_F(SettingsTest, EmptyIsAValue) {
    environment("HUB_WS_TIMEOUT", "");
    EXPECT_EQ(refusal(),
              "environment variable HUB_WS_TIMEOUT: ws.timeout: \"\" is not a number of "
              "seconds (or such as 15m, 12h or 30d) between 1 and 86400");
}

TEST_F(SettingsTest, ABadValueIsRefusedWithItsPlaceInTheFile) {
    file("hub.port", "80");
    file("ws.timeout", "9x");
    EXPECT_EQ(refusal(),
              "hubd.properties:2: ws.timeout: \"9x\" is not a number of seconds (or such "
              "as 15m, 12h or 30d) between 1 and 86400");
}

TEST_F(SettingsTest, ABadFlagIsRefusedByItsName) {
    flag("hub.port", "65536");
    EXPECT_EQ(refusal(), "--set: hub.port: \"65536\" is not a whole number between 0 and 65535");
}

TEST_F(SettingsTest, KnownKeysAreNotUnknown) {
    file("hub.port", "80");
    environment("HUB_WS_TIMEOUT", "9");
    environment("HUB_WS_MESSAGE_LIMIT", "9");
    environment("PATH", "/bin");
    environment("HUBBLE", "1");
    flag("ws.message_limit", "1k");
    EXPECT_THAT(unknown(), IsEmpty());
}

TEST_F(SettingsTest, WhatKubernetesSetsForAServiceDoesNotCount) {
    environment("HUB_SERVICE_HOST", "10.0.0.7");
    environment("HUB_SERVICE_PORT", "8000");
    environment("HUB_SERVICE_PORT_HTTP", "8000");
    environment("HUB_PORT", "tcp://10.0.0.7:8000");
    environment("HUB_PORT_8000_TCP", "tcp://10.0.0.7:8000");
    environment("HUB_PORT_8000_TCP_PROTO", "tcp");
    environment("HUB_PORT_8000_TCP_PORT", "8000");
    environment("HUB_PORT_8000_TCP_ADDR", "10.0.0.7");
    environment("HUB_WS_SERVICE_HOST", "10.0.0.8");
    environment("HUB_WS_PORT", "udp://10.0.0.8:53");
    environment("HUB_WS_PORT_53_UDP_PORT", "53");
    EXPECT_THAT(values(), IsEmpty());
    EXPECT_THAT(unknown(), IsEmpty());
}

TEST_F(SettingsTest, AMisspeltPortIsStillRefused) {
    environment("HUB_PORT", "80x");
    environment("HUB_PORT_80", "80");
    EXPECT_EQ(refusal(),
              "environment variable HUB_PORT: hub.port: \"80x\" is not a whole number between 0 "
              "and 65535");
    EXPECT_THAT(unknown(), ElementsAre("unknown environment variable HUB_PORT_80; did you mean "
                                       "\"HUB_PORT\"?"));
}

TEST_F(SettingsTest, AnUnknownKeyIsNamedWithItsPlaceAndTheNearest) {
    file("ws.timeot", "9");
    EXPECT_THAT(unknown(), ElementsAre("hubd.properties:1: unknown key \"ws.timeot\"; did you mean "
                                       "\"ws.timeout\"?"));
}

TEST_F(SettingsTest, AnUnknownKeyWithNothingNearPointsToTheHelp) {
    flag("colour", "red");
    EXPECT_THAT(unknown(),
                ElementsAre("--set: unknown key \"colour\"; `hubd --help` lists all keys, "
                            "those of a plugin when plugins.also names it"));
}

TEST_F(SettingsTest, AnUnknownVariableIsNamedWithTheNearest) {
    environment("HUB_WS_TIMEUOT", "9");
    EXPECT_THAT(unknown(), ElementsAre("unknown environment variable HUB_WS_TIMEUOT; did you mean "
                                       "\"HUB_WS_TIMEOUT\"?"));
}

TEST_F(SettingsTest, TellsWhetherTheSectionIsKnown) {
    const auto sectionDeclared = [](const std::string& key) {
        return Settings({{key, "1", "f:1"}}, {}, {}).unknown(kOptions).front().section_declared;
    };
    EXPECT_TRUE(sectionDeclared("ws.colour"));
    EXPECT_TRUE(sectionDeclared("hub.colour"));
    EXPECT_FALSE(sectionDeclared("mqtt.colour"));
    EXPECT_FALSE(sectionDeclared("colour"));

    const auto variableDeclared = [](const std::string& name) {
        return Settings({}, {{name, "1"}}, {}).unknown(kOptions).front().section_declared;
    };
    EXPECT_TRUE(variableDeclared("HUB_WS_COLOUR"));
    EXPECT_FALSE(variableDeclared("HUB_MQTT_COLOUR"));
}

TEST_F(SettingsTest, ARefusalNamesTheOriginOfTheValue) {
    environment("HUB_PORT", "81");
    EXPECT_STREQ(settings().refusal("hub.port", "is taken").what(),
                 "environment variable HUB_PORT: hub.port: is taken");
    EXPECT_STREQ(settings().refusal("ws.timeout", "is short").what(),
                 "default value: ws.timeout: is short");
}

TEST(ListFrom, SplitsAtCommasAndSpace) {
    EXPECT_THAT(listFrom(" one,two ,\tthree,,"), ElementsAre("one", "two", "three"));
    EXPECT_THAT(listFrom(" , "), IsEmpty());
}

TEST(EnvironmentName, IsTheKeyInCapitals) {
    EXPECT_EQ(environmentName("ws.timeout"), "HUB_WS_TIMEOUT");
    EXPECT_EQ(environmentName("ws.message_limit"), "HUB_WS_MESSAGE_LIMIT");
    EXPECT_EQ(environmentName("my-plugin.Key2"), "HUB_MY_PLUGIN_KEY2");
}

TEST(EnvironmentName, DoesNotSayHubTwice) {
    EXPECT_EQ(environmentName("hub.port"), "HUB_PORT");
    EXPECT_EQ(environmentName("hubris.port"), "HUB_HUBRIS_PORT");
}

}  // namespace
}  // namespace hub::daemon
