#include "http/conditional.h"

#include <gtest/gtest.h>

namespace hub::http {
namespace {

TEST(EntityTags, AnAsteriskListsEveryTag) {
    EXPECT_TRUE(listsEntityTag("*", "\"a\""));
    EXPECT_TRUE(listsEntityTag(" * ", "W/\"a\""));
    EXPECT_FALSE(listsEntityTag("\"*\"", "\"a\""));
    EXPECT_FALSE(listsEntityTag("*, \"b\"", "\"a\""));
}

TEST(EntityTags, AreFoundInAList) {
    EXPECT_TRUE(listsEntityTag("\"a\"", "\"a\""));
    EXPECT_TRUE(listsEntityTag("\"b\", \"a\"", "\"a\""));
    EXPECT_TRUE(listsEntityTag(",\t\"b\" ,, \"a\",", "\"a\"")) << "RFC 9110, 5.6.1.2";
    EXPECT_TRUE(listsEntityTag("\"\"", "\"\""));
    EXPECT_FALSE(listsEntityTag("\"b\", \"ab\", \"A\"", "\"a\""));
    EXPECT_FALSE(listsEntityTag("", "\"a\""));
    EXPECT_FALSE(listsEntityTag(" , ", "\"a\""));
}

// RFC 9110, 8.8.3.2.
TEST(EntityTags, AreComparedWeakly) {
    EXPECT_TRUE(listsEntityTag("W/\"a\"", "\"a\""));
    EXPECT_TRUE(listsEntityTag("\"a\"", "W/\"a\""));
    EXPECT_TRUE(listsEntityTag("\"b\", W/\"a\"", "W/\"a\""));
    EXPECT_FALSE(listsEntityTag("w/\"a\"", "\"a\"")) << "the prefix is case-sensitive";
}

TEST(EntityTags, MayHaveCommasWithin) {
    EXPECT_TRUE(listsEntityTag("\"a,b\", \"c\"", "\"c\""));
    EXPECT_TRUE(listsEntityTag("\"a, \\\", \"c\"", "\"c\"")) << "a backslash escapes nothing";
    EXPECT_FALSE(listsEntityTag("\"x,\"", "\"\""));
    EXPECT_FALSE(listsEntityTag("\"a\", \"b", "\"b\""));
}

TEST(EntityTags, BehindAFaultNoneIsFound) {
    for (const char* bad : {"a", "a\"", "\"a", "W/", "W/a", "x, \"a\"", "\"b\"; \"a\"", "'a'"}) {
        EXPECT_FALSE(listsEntityTag(bad, "\"a\"")) << bad;
    }
}

}  // namespace
}  // namespace hub::http
