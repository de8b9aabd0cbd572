#include "hub/http.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>
#include <utility>

namespace hub {
namespace {

std::string jsonString(std::string_view text) {
    std::string json;
    appendJsonString(json, text);
    return json;
}

TEST(JsonString, IsQuoted) {
    EXPECT_EQ(jsonString(""), R"("")");
    EXPECT_EQ(jsonString("weather-1"), R"("weather-1")");
}

TEST(JsonString, IsAppended) {
    std::string json = "[";
    appendJsonString(json, "a");
    EXPECT_EQ(json, R"(["a")");
}

TEST(JsonString, EscapesWhatMustBe) {
    EXPECT_EQ(jsonString("say \"hi\" \\ bye"), R"("say \"hi\" \\ bye")");
    EXPECT_EQ(jsonString("\b\f\n\r\t"), R"("\b\f\n\r\t")");
    EXPECT_EQ(jsonString(std::string_view{"\0\x01\x1F\x7F", 4}), "\"\\u0000\\u0001\\u001f\x7F\"");
}

TEST(JsonString, KeepsValidUtf8) {
    for (const char* text : {"Zürich", "€", "日本", "😀", "\xF4\x8F\xBF\xBF", "\xED\x9F\xBF"}) {
        EXPECT_EQ(jsonString(text), '"' + std::string{text} + '"');
    }
}

TEST(JsonString, ReplacesWhatIsNot) {
    struct Case {
        std::string_view text;
        std::string_view json;
    };
    constexpr std::array kCases{
        Case{"\x80", "\"\uFFFD\""},                                // a continuation alone
        Case{"\xC0\x80", "\"\uFFFD\uFFFD\""},                      // overlong NUL
        Case{"\xC3", "\"\uFFFD\""},                                // cut off
        Case{"\xC3(", "\"\uFFFD(\""},                              // cut off by ASCII
        Case{"\xE2\x82", "\"\uFFFD\""},                            // one replacement for both
        Case{"\xE2\x82\"", "\"\uFFFD\\\"\""},                      // the quote stays one
        Case{"\xE0\x80\x80", "\"\uFFFD\uFFFD\uFFFD\""},            // overlong
        Case{"\xED\xA0\x80", "\"\uFFFD\uFFFD\uFFFD\""},            // a surrogate
        Case{"\xF0\x9F\x98", "\"\uFFFD\""},                        // cut off
        Case{"\xF4\x90\x80\x80", "\"\uFFFD\uFFFD\uFFFD\uFFFD\""},  // beyond U+10FFFF
        Case{"\xFF"
             "a",
             "\"\uFFFD"
             "a\""},
    };
    for (const Case& c : kCases) EXPECT_EQ(jsonString(c.text), c.json);
}

TEST(JsonString, FindsWhatMustBeEscapedWhereverItStands) {
    for (std::size_t length = 1; length <= 20; ++length) {
        for (std::size_t at = 0; at < length; ++at) {
            for (int code = 0; code < 0x80; ++code) {
                std::string text(length, ' ');
                text[at] = static_cast<char>(code);
                std::string alone = jsonString({&text[at], 1});
                alone = alone.substr(1, alone.size() - 2);
                EXPECT_EQ(jsonString(text), '"' + std::string(at, ' ') + alone +
                                                std::string(length - at - 1, ' ') + '"');
            }
            std::string text(length, '~');
            text[at] = '\xFF';
            EXPECT_EQ(jsonString(text), '"' + std::string(at, '~') + "\uFFFD" +
                                            std::string(length - at - 1, '~') + '"');
        }
    }
}

TEST(EntityTag, IsAQuotedTagOfTheBytes) {
    const std::string tag = entityTagOf(R"({"online":true})");
    ASSERT_GE(tag.size(), 3U);
    EXPECT_EQ(tag.front(), '"');
    EXPECT_EQ(tag.back(), '"');
    EXPECT_EQ(tag.find_first_not_of("0123456789abcdef", 1), tag.size() - 1);
    EXPECT_EQ(tag, entityTagOf(std::string{R"({"online":true})"})) << "the same bytes";
}

TEST(EntityTag, DiffersWithEveryByte) {
    std::string body;
    for (int i = 0; i < 100; ++i) body += std::to_string(i);
    std::set<std::string> tags{entityTagOf(body), entityTagOf(""), entityTagOf(body + '\n')};
    for (std::size_t i = 0; i < body.size(); ++i) {
        std::string other = body;
        other[i] = static_cast<char>(other[i] ^ 1);
        tags.insert(entityTagOf(other));
    }
    EXPECT_EQ(tags.size(), body.size() + 3);
}

TEST(StatusTitle, IsTheStatusInWords) {
    EXPECT_EQ(statusTitle(200), "OK");
    EXPECT_EQ(statusTitle(404), "Not Found");
    EXPECT_EQ(statusTitle(505), "HTTP Version Not Supported");
}

TEST(StatusTitle, IsEmptyForOneItDoesNotKnow) {
    for (const int status : {0, 199, 299, 418, 599, -1}) EXPECT_EQ(statusTitle(status), "");
}

TEST(HttpProblem, IsAnRfc9457Document) {
    const HttpResponse response = HttpResponse::problem(404, "no device \"x\": see /api/devices");
    EXPECT_EQ(response.status, 404);
    EXPECT_EQ(response.content_type, "application/problem+json");
    EXPECT_EQ(response.body, R"({"type":"about:blank","title":"Not Found","status":404,)"
                             R"("detail":"no device \"x\": see /api/devices"})");
    EXPECT_TRUE(response.headers.empty());
}

TEST(HttpProblem, HasTheStatusOfTheError) {
    EXPECT_EQ(HttpResponse::problem(Error{Error::Kind::Invalid, ""}).status, 422);
    EXPECT_EQ(HttpResponse::problem(Error{Error::Kind::NotFound, ""}).status, 404);
    EXPECT_EQ(HttpResponse::problem(Error{Error::Kind::Refused, ""}).status, 409);
    EXPECT_EQ(HttpResponse::problem(Error{Error::Kind::Unavailable, ""}).status, 503);
}

TEST(HttpProblem, SaysTheErrorAsASentence) {
    const auto said = [](std::string message) {
        return HttpResponse::problem(Error{Error::Kind::Invalid, std::move(message)}).body;
    };
    const std::string sentence = R"("detail":"No device is known."})";
    EXPECT_TRUE(said("no device is known").ends_with(sentence)) << said("no device is known");
    EXPECT_TRUE(said("No device is known.").ends_with(sentence));
    EXPECT_TRUE(said("there is no x; did you mean \"y\"?").ends_with(R"(y\"?"})"));
}

TEST(HttpProblem, NamesAnUnusualStatusByItsClass) {
    EXPECT_NE(HttpResponse::problem(418, "").body.find(R"("title":"Client Error")"),
              std::string::npos);
    EXPECT_NE(HttpResponse::problem(599, "").body.find(R"("title":"Server Error")"),
              std::string::npos);
}

}  // namespace
}  // namespace hub
