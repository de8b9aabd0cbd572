#include "http/target.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hub::http {
namespace {

std::vector<std::string> segments(const std::string& raw) {
    std::vector<std::string> found;
    const auto path = Path::decode(raw);
    for (std::size_t i = 0; path && i < path->segmentCount(); ++i) {
        found.emplace_back(path->segment(i));
    }
    return found;
}

using Segments = std::vector<std::string>;

TEST(Path, IsCutIntoSegments) {
    EXPECT_EQ(segments("/api/devices"), (Segments{"api", "devices"}));
    EXPECT_EQ(segments("/"), (Segments{""}));
    EXPECT_EQ(segments("/a/"), (Segments{"a", ""}));
    EXPECT_EQ(segments("//a"), (Segments{"", "a"}));
    EXPECT_EQ(segments("/a/../b"), (Segments{"a", "..", "b"}));
    EXPECT_EQ(segments("*"), Segments{});
}

TEST(Path, EscapesAreDecodedWithinTheirSegment) {
    EXPECT_EQ(segments("/a%2Fb/c%25d%2f"), (Segments{"a/b", "c%d/"}));
    EXPECT_EQ(Path::decode("/a%2Fb")->text(), "/a/b");
    EXPECT_EQ(segments("/%c3%A4"), (Segments{"\xc3\xa4"}));
    EXPECT_EQ(segments("/a+b"), (Segments{"a+b"}));
    EXPECT_EQ(segments("/%2525"), (Segments{"%25"})) << "decoded once";
}

TEST(Path, BrokenEscapesAndControlCharactersAreRefused) {
    for (const char* bad : {"/%", "/%a", "/%g0", "/%0g", "/a%", "/%%41", "/% 1", "/%00", "/a%0a",
                            "/%0D", "/%7f", "/%1F"}) {
        EXPECT_FALSE(Path::decode(bad)) << bad;
    }
}

TEST(Path, TextThatIsNotUtf8IsRefused) {
    for (const char* bad : {"/%ff", "/a%c3/b", "/%c3%28", "/%ed%a0%80"}) {
        EXPECT_FALSE(Path::decode(bad)) << bad;
    }
}

TEST(Query, FindsTheFirstValueOfAName) {
    const auto query = Query::decode("a=1&b=&c&a=2&=x&&d=e=f");
    ASSERT_TRUE(query);
    EXPECT_EQ(query->find("a"), "1");
    EXPECT_EQ(query->find("b"), "");
    EXPECT_EQ(query->find("c"), "");
    EXPECT_EQ(query->find("d"), "e=f");
    EXPECT_EQ(query->find(""), "x");
    EXPECT_FALSE(query->find("e"));
    EXPECT_FALSE(Query::decode("")->find(""));
}

TEST(Query, NamesAndValuesAreDecoded) {
    const auto query = Query::decode("topic=devices/%2B/status&a%26b=x+y%2Bz");
    ASSERT_TRUE(query);
    EXPECT_EQ(query->find("topic"), "devices/+/status");
    EXPECT_EQ(query->find("a&b"), "x y+z");
}

TEST(Query, BrokenEscapesAreRefused) {
    for (const char* bad : {"a=%", "a=%1", "%zz=1", "a=1&b=%4"}) {
        EXPECT_FALSE(Query::decode(bad)) << bad;
    }
}

TEST(Query, TextThatIsNotUtf8IsRefused) {
    for (const char* bad : {"a=%ff%fe", "%ff=a", "a=1&b=%c3", "a=%c0%80"}) {
        EXPECT_FALSE(Query::decode(bad)) << bad;
    }
    EXPECT_EQ(Query::decode("a=%c3%a4")->find("a"), "\xc3\xa4");
}

}  // namespace
}  // namespace hub::http
