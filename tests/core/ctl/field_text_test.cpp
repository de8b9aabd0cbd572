#include "ctl/field_text.h"

#include <gtest/gtest.h>

namespace hub::ctl {
namespace {

TEST(FieldsText, ShowsMembersByName) {
    EXPECT_EQ(fieldsText(R"({"n": 1.50,"on":true,"none":null,"word":"warm"})"),
              "n=1.50 on=true none=null word=warm");
    EXPECT_EQ(fieldsText("{}"), "");
}

TEST(FieldsText, QuotesWhatIsMoreThanAWord) {
    EXPECT_EQ(fieldsText(R"({"a":"two words","b":"","c":"x=y","d":"a\"b","e":{"f":[1]}})"),
              R"(a="two words" b="" c="x=y" d="a\"b" e={"f":[1]})");
}

TEST(FieldsText, WhatIsNoObjectIsShownAsItIs) { EXPECT_EQ(fieldsText("[1,2]"), "[1,2]"); }

}  // namespace
}  // namespace hub::ctl
