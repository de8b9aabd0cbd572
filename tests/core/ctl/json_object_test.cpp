#include "ctl/json_object.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hub::ctl {
namespace {

using testing::ElementsAre;

TEST(JsonObject, ShowsStringsDecodedAndTheRestAsWritten) {
    const auto object = JsonObject::read(
        R"({"id":"a\"\u00e9","n": 1.50 ,"big":123456789012345678901234567890,"on":true,)"
        R"("none":null,"deep":{"a": [1,{"b":"}"}]},"list":[ 1 , 2 ]})");
    ASSERT_TRUE(object) << object.error().message;
    EXPECT_EQ(object->text("id"), "a\"\xc3\xa9");
    EXPECT_EQ(object->json("id"), R"("a\"\u00e9")");
    EXPECT_EQ(object->text("n"), "1.50");
    EXPECT_EQ(object->text("big"), "123456789012345678901234567890");
    EXPECT_EQ(object->text("on"), "true");
    EXPECT_EQ(object->text("deep"), R"({"a": [1,{"b":"}"}]})");
    EXPECT_EQ(object->text("list"), "[ 1 , 2 ]");
}

TEST(JsonObject, NullAndAbsentHaveNoText) {
    const auto object = JsonObject::read(R"({"none":null,"word":"null"})");
    ASSERT_TRUE(object);
    EXPECT_EQ(object->text("none"), "");
    EXPECT_EQ(object->json("none"), "null");
    EXPECT_EQ(object->text("other"), "");
    EXPECT_EQ(object->json("other"), std::nullopt);
    EXPECT_EQ(object->text("word"), "null");
}

TEST(JsonObject, WhatIsNoObjectIsRefused) {
    for (const char* text :
         {"", " ", "null", "7", "[]", "\"x\"", "{", "{}{}", "{} x", "{\"a\":}", "{\"a\" 1}",
          "{\"a\":\"\xff\"}", "{\"a\":\"\\x\"}", "<html></html>", "{\"a\":[1}"}) {
        EXPECT_FALSE(JsonObject::read(text)) << text;
    }
    EXPECT_TRUE(JsonObject::read("{}"));
}

TEST(JsonObject, WhatIsNestedDeeplyIsNotEntered) {
    const std::string deep = std::string(1'000'000, '[') + std::string(1'000'000, ']');
    const std::string json = "{\"a\":" + deep + "}";
    const auto object = JsonObject::read(json);
    ASSERT_TRUE(object);
    EXPECT_EQ(object->text("a"), deep);
}

TEST(JsonObject, KeepsTheOrderOfItsFields) {
    const auto object = JsonObject::read(R"({"b":"x","a":1,"b":null})");
    ASSERT_TRUE(object);
    std::vector<std::string> fields;
    for (const auto& field : object->fields()) {
        fields.push_back(field.name + '=' + std::string(field.text()));
    }
    EXPECT_THAT(fields, ElementsAre("b=x", "a=1", "b="));
}

TEST(JsonObject, IsCheckedThroughout) {
    EXPECT_TRUE(checkJsonObject(R"({"a":[1,{"b":null}]})"));
    for (const char* text : {"", "[]", "7", "{", "{\"a\":[1,]}", "{\"a\":{\"b\":NaN}}", "{} {}"}) {
        EXPECT_FALSE(checkJsonObject(text)) << text;
    }
    EXPECT_FALSE(checkJsonObject("{\"a\":" + std::string(100'000, '[')));
}

TEST(JsonArray, ElementsAreShownAsWritten) {
    const auto elements = readJsonArray(R"([ 1, "a,b", {"x": [2]} , null,[3] ])");
    ASSERT_TRUE(elements) << elements.error().message;
    EXPECT_THAT(*elements, ElementsAre("1", "\"a,b\"", "{\"x\": [2]}", "null", "[3]"));
    EXPECT_THAT(*readJsonArray("[]"), ElementsAre());
}

TEST(JsonArray, WhatIsNoArrayIsRefused) {
    for (const char* text : {"", "{}", "[", "[1", "[1,]", "[] []", "null"}) {
        EXPECT_FALSE(readJsonArray(text)) << text;
    }
}

TEST(JsonStrings, AreDecoded) {
    const auto strings = readJsonStrings(R"(["a", "\u0041\"" , ""])");
    ASSERT_TRUE(strings) << strings.error().message;
    EXPECT_THAT(*strings, ElementsAre("a", "A\"", ""));
    EXPECT_FALSE(readJsonStrings("[1]"));
    EXPECT_FALSE(readJsonStrings("{}"));
}

}  // namespace
}  // namespace hub::ctl
