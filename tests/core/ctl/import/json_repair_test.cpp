#include "ctl/import/json_repair.h"

#include <gtest/gtest.h>

#include <string>

namespace hub::ctl::importer {
namespace {

using Verdict = JsonRepair::Verdict;

class JsonRepairTest : public testing::Test {
protected:
    Verdict judge(const std::string& text) {
        text_ = text;
        return json_.judge(text_, object_);
    }

    JsonRepair json_;
    std::string text_;
    std::string_view object_;
};

TEST_F(JsonRepairTest, ASoundObjectStaysAsItIs) {
    EXPECT_EQ(Verdict::Sound, judge(R"( {"a": [1, {"b": null}]} )"));
    EXPECT_EQ(text_, object_);
}

TEST_F(JsonRepairTest, WhatIsNoNumberBecomesNull) {
    EXPECT_EQ(Verdict::Repaired, judge(R"({"a":NaN,"b":[Infinity,-Infinity],"c":-1})"));
    EXPECT_EQ(R"({"a":null,"b":[null,null],"c":-1})", object_);
}

TEST_F(JsonRepairTest, StringsThatTellOfItAreLeftAlone) {
    EXPECT_EQ(Verdict::Repaired, judge(R"({"NaN":"\"NaN","b":NaN,"c":"Infinity\\"})"));
    EXPECT_EQ(R"({"NaN":"\"NaN","b":null,"c":"Infinity\\"})", object_);
}

TEST_F(JsonRepairTest, WhatIsNoObjectIsHopeless) {
    for (const char* const text :
         {"", "null", "[1]", "NaN", "3", "{", "{\"a\":", "{\"a\":NaN", "{\"a\":\"NaN",
          "{\"a\":NaN\\", "{'a':NaN}", "{} {}", "{\"a\":\"\xff\"}", "{\"a\":NaNN}"}) {
        EXPECT_EQ(Verdict::Hopeless, judge(text)) << text;
    }
}

TEST_F(JsonRepairTest, WhatIsDeeperThanDevicesMayNestIsHopeless) {
    const auto nested = [](std::size_t depth) {
        return R"({"a":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
    };
    EXPECT_EQ(Verdict::Sound, judge(nested(20)));
    EXPECT_EQ(Verdict::Hopeless, judge(nested(40)));
    EXPECT_EQ(Verdict::Hopeless, judge(nested(100'000)));
}

TEST_F(JsonRepairTest, ALargeObjectAfterASmallOneIsRead) {
    EXPECT_EQ(Verdict::Sound, judge("{}"));
    EXPECT_EQ(Verdict::Sound, judge(R"({"a":")" + std::string(100'000, 'x') + R"("})"));
    EXPECT_EQ(Verdict::Sound, judge("{}"));
}

TEST_F(JsonRepairTest, MembersAreThoseOfTheObjectJudgedLast) {
    judge(R"({"reason":"kicked","count":3})");
    EXPECT_EQ("kicked", json_.member("reason"));
    EXPECT_EQ("", json_.member("count"));
    EXPECT_EQ("", json_.member("other"));
}

}  // namespace
}  // namespace hub::ctl::importer
