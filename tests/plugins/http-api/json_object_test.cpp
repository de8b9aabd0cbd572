#include "json_object.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace hub::http_api {
namespace {

using Type = JsonMember::Type;

std::string fault(std::string_view text) {
    const auto members = readJsonObject(text);
    return members ? "" : members.error().message;
}

std::string nested(std::size_t levels) {
    return R"({"a":)" + std::string(levels - 1, '[') + std::string(levels - 1, ']') + "}";
}

TEST(JsonObject, MembersKeepTheirTextAsItWasWritten) {
    const auto members = readJsonObject(
        " {\"one\" : 1.50 ,\n\"obj\":{ \"a\" : [1, 2] } , \"list\":[ true ] ,"
        "\"t\\u0065xt\":\"\\u00e4\\n\" , \"big\":123456789012345678901234567890,\"no\":null } \n");
    ASSERT_TRUE(members.ok()) << members.error().message;
    std::vector<std::string> seen;
    for (const JsonMember& member : *members) {
        seen.push_back(member.name + "=" + std::string(member.raw));
    }
    EXPECT_THAT(seen, testing::ElementsAre("one=1.50", "obj={ \"a\" : [1, 2] }", "list=[ true ]",
                                           R"(text="\u00e4\n")",
                                           "big=123456789012345678901234567890", "no=null"));
    EXPECT_EQ(numberIn((*members)[0]), 1.5);
    EXPECT_EQ(textIn((*members)[3]), "\xC3\xA4\n");
    EXPECT_EQ((*members)[5].type, Type::Null);
    EXPECT_EQ(numberIn((*members)[3]), std::nullopt);
    EXPECT_EQ(booleanIn((*members)[0]), std::nullopt);
}

TEST(JsonObject, ListsOfStringsAreRead) {
    const auto members = readJsonObject(R"({"good":["a","\u0062"],"empty":[],"mixed":["a",1]})");
    ASSERT_TRUE(members.ok());
    EXPECT_THAT(*textsIn((*members)[0]), testing::ElementsAre("a", "b"));
    EXPECT_THAT(*textsIn((*members)[1]), testing::IsEmpty());
    EXPECT_EQ(textsIn((*members)[2]), std::nullopt);
}

TEST(JsonObject, WhatIsWrongIsNamed) {
    EXPECT_EQ(fault(std::string_view()), "it is empty");
    EXPECT_EQ(fault(""), "it is empty");
    EXPECT_EQ(fault(" \n"), "it is empty");
    EXPECT_EQ(fault("[]"), "it is another kind of value");
    EXPECT_EQ(fault("7"), "it is another kind of value");
    EXPECT_EQ(fault(R"({"a":1)"), "an object or a list is not closed");
    EXPECT_EQ(fault(R"({"a":1} {})"), "something stands behind its end");
    EXPECT_EQ(fault("{\"a\":\"\xFF\"}"), "it is not valid UTF-8");
    EXPECT_EQ(fault(R"({"a":1e999})"), "a number is malformed or too large");
    EXPECT_EQ(fault(R"({"a":1e9999999999999999999})"), "a number is malformed or too large");
    EXPECT_EQ(fault(R"({"a":"\q"})"), "a string has a bad escape or a bare control character");
}

TEST(JsonObject, EveryValueIsCheckedAlsoThoseNobodyAsksFor) {
    for (const char* text :
         {R"({"a":NaN})", R"({"a":[NaN]})", R"({"a":{"b":-Infinity}})", R"({"a":nul})",
          R"({"a":[truth]})", R"({"a":01})", R"({"a":[1,]})", R"({"a":{"b":1,}})", R"({"a" 1})",
          R"({"a":{"b":"\ud800"}})", R"({a:1})", R"({"a":'x'})", R"({"a":[1 2]})", R"({,})",
          R"({"a":1}})", R"({"a":+1})", R"({"a":.5})", R"({"a":"b)", "\xEF\xBB\xBF{}"}) {
        EXPECT_NE(fault(text), "") << text;
    }
}

TEST(JsonObject, DepthHasALimit) {
    EXPECT_EQ(fault(nested(kMaxJsonDepth)), "");
    EXPECT_EQ(fault(nested(kMaxJsonDepth + 1)), "it is nested deeper than 32 levels");
    EXPECT_NE(fault(nested(100'000)), "");
    EXPECT_TRUE(readJsonObject(nested(40), 40).ok());
}

}  // namespace
}  // namespace hub::http_api
