#include "ctl/printable.h"

#include <gtest/gtest.h>

namespace hub::ctl {
namespace {

TEST(Printable, ControlCharactersAreWrittenOut) {
    EXPECT_EQ(printable("a\x1b[2Jb\n\t\x7f"), "a\\u001b[2Jb\\u000a\\u0009\\u007f");
    EXPECT_EQ(printable("\xc2\x9b"
                        "31m"),
              "\\u009b31m");
    EXPECT_EQ(printable(std::string_view("\0", 1)), "\\u0000");
}

TEST(Printable, NothingTurnsTheDirectionOfWriting) {
    EXPECT_EQ(printable("a\xe2\x80\xae"
                        "b\xd8\x9c"
                        "c\xe2\x81\xa9"),
              "a\\u202eb\\u061cc\\u2069");
    EXPECT_EQ(printableJson("\"\xe2\x80\x8f\""), R"("\u200f")");
}

TEST(Printable, EverythingElseStaysAsItIs) {
    EXPECT_EQ(printable("caf\xc3\xa9 \xc2\xa0 \xe2\x82\xac \xf0\x9f\x98\x80"),
              "caf\xc3\xa9 \xc2\xa0 \xe2\x82\xac \xf0\x9f\x98\x80");
    EXPECT_EQ(printable("\xc2"), "\xc2");
}

TEST(Printable, JsonStaysTheSameJson) {
    EXPECT_EQ(printableJson("{\n\t\"a\": \"\x7f\xc2\x85\"\r\n}"),
              "{  \"a\": \"\\u007f\\u0085\"  }");
}

TEST(Printable, WidthCountsCharacters) {
    EXPECT_EQ(printedWidth(""), 0U);
    EXPECT_EQ(printedWidth("caf\xc3\xa9"), 4U);
    EXPECT_EQ(printedWidth("\xe2\x82\xac"), 1U);
}

}  // namespace
}  // namespace hub::ctl
