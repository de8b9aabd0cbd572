#include "http/origins.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace hub::http {
namespace {

TEST(Origin, IsWrittenAsABrowserWritesIt) {
    EXPECT_EQ(originFrom("https://panel.example"), "https://panel.example");
    EXPECT_EQ(originFrom("HTTPS://Panel.Example:8443"), "https://panel.example:8443");
    EXPECT_EQ(originFrom("http://hub:80"), "http://hub");
    EXPECT_EQ(originFrom("https://hub:443"), "https://hub");
    EXPECT_EQ(originFrom("http://hub:443"), "http://hub:443");
    EXPECT_EQ(originFrom("http://192.0.2.1:8000"), "http://192.0.2.1:8000");
    EXPECT_EQ(originFrom("http://[2001:DB8::1]"), "http://[2001:db8::1]");
    EXPECT_EQ(originFrom("http://[::1]:80"), "http://[::1]");
    EXPECT_EQ(originFrom("capacitor://localhost"), "capacitor://localhost");
}

TEST(Origin, HasASchemeAHostAndNothingElse) {
    for (const char* bad : {"",
                            "*",
                            "null",
                            "panel.example",
                            "panel.example:443",
                            "https:",
                            "https://",
                            "file://",
                            "://hub",
                            "1http://hub",
                            "ht tp://hub",
                            "https://hub/",
                            "https://hub/path",
                            "https://hub?x",
                            "https://hub#x",
                            "https://ada@hub",
                            "https://*.example",
                            "https://hub:",
                            "https://hub:0",
                            "https://hub:65536",
                            "https://hub:80a",
                            "https://hub:-1",
                            "https://hub:1:2",
                            "https://:80",
                            "https://[]",
                            "https://[::1",
                            "https://::1]",
                            "https://[::1]x",
                            "https://a b",
                            "https://a,https://b",
                            "https://h\xc3\xbc"
                            "b"}) {
        EXPECT_EQ(originFrom(bad), std::nullopt) << bad;
    }
}

TEST(Origin, IsOfTheSameHostWhateverTheScheme) {
    EXPECT_TRUE(isSameHost("http://hub:8000", "hub:8000"));
    EXPECT_TRUE(isSameHost("https://hub", "hub")) << "TLS ends before the hub";
    EXPECT_TRUE(isSameHost("http://hub", "HUB:80"));
    EXPECT_TRUE(isSameHost("https://hub", "hub:443"));
    EXPECT_TRUE(isSameHost("http://[::1]:8000", "[::1]:8000"));
    EXPECT_FALSE(isSameHost("http://hub:8000", "hub"));
    EXPECT_FALSE(isSameHost("http://hub", "hub:8000"));
    EXPECT_FALSE(isSameHost("http://hub.evil.example", "hub"));
    EXPECT_FALSE(isSameHost("http://hub", ""));
    EXPECT_FALSE(isSameHost("null", "null"));
    EXPECT_FALSE(isSameHost("file://", ""));
}

TEST(Origin, IsTheHubsOwnUnderAnAddressOrLocalhost) {
    EXPECT_TRUE(isOwnPage("http://192.0.2.1:8000", "192.0.2.1:8000"));
    EXPECT_TRUE(isOwnPage("http://192.0.2.1", "192.0.2.1"));
    EXPECT_TRUE(isOwnPage("http://[::1]:8000", "[::1]:8000"));
    EXPECT_TRUE(isOwnPage("https://[2001:DB8::1]", "[2001:db8::1]"));
    EXPECT_TRUE(isOwnPage("http://localhost:8000", "LocalHost:8000"));
    EXPECT_FALSE(isOwnPage("http://192.0.2.1:8000", "192.0.2.2:8000"));
    EXPECT_FALSE(isOwnPage("http://192.0.2.1:8000", "192.0.2.1:8001"));
    for (const std::string name : {"hub", "hub:8000", "192.0.2.1.evil.example", "192.0.2", "::1",
                                   "localhost.evil.example", "[abc]", "[::1", "", "[]"}) {
        EXPECT_FALSE(isOwnPage("http://" + name, name)) << name;
    }
}

TEST(Origins, AllowThoseThatAreNamed) {
    const Origins none({});
    EXPECT_FALSE(none.any());
    EXPECT_FALSE(none.allows("https://panel.example"));
    EXPECT_FALSE(none.allows(""));

    const Origins two({"https://Panel.example:443", "http://localhost:3000"});
    EXPECT_TRUE(two.any());
    EXPECT_TRUE(two.allows("https://panel.example"));
    EXPECT_TRUE(two.allows("http://localhost:3000"));
    for (const char* other : {"http://panel.example", "https://panel.example.evil.example",
                              "https://panel.example:8443", "http://localhost", "null", ""}) {
        EXPECT_FALSE(two.allows(other)) << other;
    }
}

TEST(Origins, AllowAllByAsterisk) {
    const Origins all({"https://panel.example", "*"});
    EXPECT_TRUE(all.any());
    EXPECT_TRUE(all.allows("https://other.example"));
    EXPECT_TRUE(all.allows("null"));
}

TEST(Origins, RefuseWhatIsNone) {
    EXPECT_THROW(Origins({"https://panel.example/"}), std::invalid_argument);
    EXPECT_THROW(Origins({"panel.example"}), std::invalid_argument);
    EXPECT_THROW(Origins({""}), std::invalid_argument);
}

}  // namespace
}  // namespace hub::http
