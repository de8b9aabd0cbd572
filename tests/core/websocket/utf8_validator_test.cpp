#include "websocket/utf8_validator.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace hub::websocket {
namespace {

using namespace std::string_view_literals;

bool isWhole(std::string_view text) {
    Utf8Validator utf8;
    return utf8.accept(text) && utf8.complete();
}

const std::vector<std::string_view> kValid{
    ""sv,
    "a"sv,
    "sixteen ASCII ch and more than that"sv,
    "\x00"sv,
    "\x7F"sv,
    "\xC2\x80"sv,
    "\xDF\xBF"sv,
    "\xE0\xA0\x80"sv,
    "\xED\x9F\xBF"sv,
    "\xEE\x80\x80"sv,
    "\xEF\xBF\xBF"sv,
    "\xF0\x90\x80\x80"sv,
    "\xF4\x8F\xBF\xBF"sv,
    "\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5"sv,
    "sixteen ASCII ch\xC3\xA4 then sixteen more of them"sv,
};

const std::vector<std::string_view> kInvalid{
    "\x80"sv,                  // a continuation without a begin
    "\xC0\xAF"sv,              // overlong
    "\xC1\xBF"sv,              //
    "\xE0\x9F\xBF"sv,          //
    "\xF0\x8F\xBF\xBF"sv,      //
    "\xED\xA0\x80"sv,          // a surrogate
    "\xED\xBF\xBF"sv,          //
    "\xF4\x90\x80\x80"sv,      // above U+10FFFF
    "\xF5\x80\x80\x80"sv,      //
    "\xFE"sv,                  // never in UTF-8
    "\xFF"sv,                  //
    "\xC3\x28"sv,              // a begin without its continuation
    "\xE2\x82\x28"sv,          //
    "\xF0\x9F\x98\x28"sv,      //
    "sixteen ASCII ch\xFF"sv,  //
};

TEST(Utf8Validator, AcceptsWhatIsValid) {
    for (const std::string_view text : kValid) EXPECT_TRUE(isWhole(text)) << text;
}

TEST(Utf8Validator, RejectsWhatIsNot) {
    for (const std::string_view text : kInvalid) {
        Utf8Validator utf8;
        EXPECT_FALSE(utf8.accept(text)) << text;
    }
}

TEST(Utf8Validator, KnowsThatACharacterIsUnfinished) {
    for (const std::string_view text : {"\xC3"sv, "\xE2\x82"sv, "\xF0\x9F\x98"sv}) {
        Utf8Validator utf8;
        EXPECT_TRUE(utf8.accept(text));
        EXPECT_FALSE(utf8.complete());
    }
}

TEST(Utf8Validator, JudgesTheSameInAnyTwoPieces) {
    for (const auto* const texts : {&kValid, &kInvalid}) {
        for (const std::string_view text : *texts) {
            for (std::size_t cut = 0; cut <= text.size(); ++cut) {
                Utf8Validator utf8;
                const bool accepted =
                    utf8.accept(text.substr(0, cut)) && utf8.accept(text.substr(cut));
                EXPECT_EQ(accepted && utf8.complete(), isWhole(text)) << text << " at " << cut;
            }
        }
    }
}

TEST(Utf8Validator, RejectsAtTheFirstByteThatCannotBeRight) {
    Utf8Validator utf8;
    EXPECT_TRUE(utf8.accept("\xED"));
    EXPECT_FALSE(utf8.accept("\xA0"));  // without waiting for the third byte of a surrogate
}

// Every code point, encoded as RFC 3629 says.
TEST(Utf8Validator, AcceptsExactlyTheCodePoints) {
    for (unsigned point = 0; point <= 0x10FFFF; ++point) {
        std::string text;
        const auto put = [&](unsigned byte) {
            text += static_cast<char>(static_cast<unsigned char>(byte));
        };
        if (point < 0x80) {
            put(point);
        } else if (point < 0x800) {
            put(0xC0 | point >> 6);
        } else if (point < 0x10000) {
            put(0xE0 | point >> 12);
            put(0x80 | (point >> 6 & 0x3F));
        } else {
            put(0xF0 | point >> 18);
            put(0x80 | (point >> 12 & 0x3F));
            put(0x80 | (point >> 6 & 0x3F));
        }
        if (point >= 0x80) put(0x80 | (point & 0x3F));
        const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
        ASSERT_EQ(isWhole(text), !surrogate) << std::hex << point;
    }
}

}  // namespace
}  // namespace hub::websocket
