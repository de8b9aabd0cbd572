#include "ctl/arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace hub::ctl {
namespace {

using testing::HasSubstr;

constexpr std::array kOptions{
    Option{"url", Option::Type::Text, "ws://here", "where it is"},
    Option{"count", Option::Type::Number, "4", "how many", 1, 100},
    Option{"wait", Option::Type::Duration, "0.5", "how long", 0, 60},
    Option{"quiet", Option::Type::Flag, "false", "say nothing"},
};
constexpr std::array<std::string_view, 1> kExamples{"hubctl demo --count 2"};
constexpr Usage kUsage{"demo", "Shows something.", kOptions, kExamples};

Arguments parse(std::initializer_list<std::string_view> words) {
    return parseArguments(kUsage, std::vector(words));
}

std::string refusal(std::initializer_list<std::string_view> words) {
    try {
        static_cast<void>(parse(words));
    } catch (const UsageError& error) {
        return error.what();
    }
    return "accepted";
}

TEST(Arguments, DefaultsStandForWhatIsNotGiven) {
    const Arguments arguments = parse({});
    EXPECT_EQ(arguments.options.text("url"), "ws://here");
    EXPECT_EQ(arguments.options.number("count"), 4);
    EXPECT_FALSE(arguments.options.flag("quiet"));
    EXPECT_TRUE(arguments.given.empty());
}

TEST(Arguments, ValuesFollowTheirNameOrAnEqualsSign) {
    const Arguments arguments = parse({"--count", "7", "--url=ws://there?a=b", "--wait=1.5"});
    EXPECT_EQ(arguments.options.number("count"), 7);
    EXPECT_EQ(arguments.options.text("url"), "ws://there?a=b");
    EXPECT_EQ(arguments.options.duration("wait"), std::chrono::milliseconds(1500));
    EXPECT_TRUE(arguments.given.contains("count"));
    EXPECT_FALSE(arguments.given.contains("quiet"));
}

TEST(Arguments, FlagsStandAloneOrCarryTheirValue) {
    EXPECT_TRUE(parse({"--quiet"}).options.flag("quiet"));
    EXPECT_FALSE(parse({"--quiet=false"}).options.flag("quiet"));
    const Arguments arguments = parse({"--quiet", "--count", "2"});
    EXPECT_TRUE(arguments.options.flag("quiet"));
    EXPECT_EQ(arguments.options.number("count"), 2);
}

TEST(Arguments, TheLastOfARepeatedOptionCounts) {
    EXPECT_EQ(parse({"--count", "2", "--count", "3"}).options.number("count"), 3);
}

TEST(Arguments, AnUnknownOptionNamesTheNearest) {
    EXPECT_EQ(refusal({"--cuont", "3"}), R"(unknown option "cuont"; did you mean "count"?)");
    EXPECT_EQ(refusal({"--cuont=3"}), R"(unknown option "cuont"; did you mean "count"?)");
    EXPECT_EQ(refusal({"--xyzzyplugh"}), R"(unknown option "xyzzyplugh")");
}

TEST(Arguments, WhatIsNoOptionIsRefused) {
    EXPECT_THAT(refusal({"3"}), HasSubstr("unexpected word \"3\""));
    EXPECT_THAT(refusal({"-c", "3"}), HasSubstr("unexpected word \"-c\""));
    EXPECT_THAT(refusal({""}), HasSubstr("unexpected word \"\""));
    EXPECT_THAT(refusal({"--", "3"}), HasSubstr("unexpected word \"3\""));
    EXPECT_THAT(refusal({"--=3"}), HasSubstr(R"(unknown option "")"));
}

TEST(Arguments, AMissingValueIsNamed) {
    EXPECT_EQ(refusal({"--count"}), "--count needs a value: --count N");
    EXPECT_EQ(refusal({"--url"}), "--url needs a value: --url URL");
}

TEST(Arguments, ABadValueIsNamedWithItsOption) {
    EXPECT_THAT(refusal({"--count", "many"}), HasSubstr("--count"));
    EXPECT_THAT(refusal({"--count", "many"}), HasSubstr("many"));
    EXPECT_THAT(refusal({"--count", "101"}), HasSubstr("100"));
    EXPECT_THAT(refusal({"--wait", "-1"}), HasSubstr("--wait"));
    EXPECT_THAT(refusal({"--quiet=perhaps"}), HasSubstr("--quiet"));
}

TEST(Arguments, HelpComesFromTheUsage) {
    EXPECT_EQ(helpText(kUsage),
              "Usage: hubctl demo [options]\n"
              "\n"
              "Shows something.\n"
              "\n"
              "Options:\n"
              "  --url URL       where it is (default ws://here)\n"
              "  --count N       how many (default 4)\n"
              "  --wait SECONDS  how long (default 0.5)\n"
              "  --quiet         say nothing\n"
              "  --help          show this\n"
              "\n"
              "Examples:\n"
              "  hubctl demo --count 2\n"
              "\n"
              "Exit codes:\n"
              "  0  done\n"
              "  1  failed: not found, refused, not ready\n"
              "  2  the command line is wrong; nothing was tried\n"
              "  3  no hub can be reached\n");
}

constexpr Usage kOperandUsage{"show", "Shows one.", kOptions, kExamples, "<id>"};

std::string operandOf(std::initializer_list<std::string_view> words) {
    try {
        return parseArguments(kOperandUsage, std::vector(words)).operand();
    } catch (const UsageError& error) {
        return error.what();
    }
}

TEST(Arguments, TheOperandStandsAnywhereBetweenTheOptions) {
    EXPECT_EQ(operandOf({"lamp"}), "lamp");
    EXPECT_EQ(operandOf({"--quiet", "lamp", "--count", "2"}), "lamp");
    EXPECT_EQ(operandOf({"--count", "2", "lamp"}), "lamp");
}

TEST(Arguments, BehindTwoDashesEverythingIsAnOperand) {
    EXPECT_EQ(operandOf({"--quiet", "--", "--count"}), "--count");
    EXPECT_EQ(operandOf({"--", "--"}), "--");
    EXPECT_EQ(operandOf({"-c"}), "unexpected word \"-c\": options begin with --");
}

TEST(Arguments, OneOperandIsNeededAndEnough) {
    EXPECT_EQ(operandOf({"--quiet"}), "it needs <id>: write hubctl show <id>");
    EXPECT_EQ(operandOf({"--"}), "it needs <id>: write hubctl show <id>");
    EXPECT_EQ(operandOf({""}), "a word is empty: write hubctl show <id>");
    EXPECT_EQ(operandOf({"lamp", "door"}), "unexpected word \"door\": write hubctl show <id>");
}

TEST(Arguments, OperandsInBracketsMayBeAbsent) {
    constexpr Usage usage{"send", "Sends.", kOptions, kExamples, "<target> <name> [payload]"};
    const auto operands = [&](std::initializer_list<std::string_view> words) {
        return parseArguments(usage, std::vector(words)).operands;
    };
    EXPECT_THAT(operands({"lamp", "--quiet", "on", "-"}), testing::ElementsAre("lamp", "on", "-"));
    EXPECT_THAT(operands({"lamp", "on"}), testing::ElementsAre("lamp", "on"));
    EXPECT_EQ(parseArguments(usage, std::vector<std::string_view>{"lamp", "on"}).operand(2), "");
    EXPECT_THROW(operands({"lamp"}), UsageError);
    EXPECT_THROW(operands({"lamp", "on", "{}", "{}"}), UsageError);
}

TEST(Arguments, HelpNamesTheOperand) {
    EXPECT_THAT(helpText(kOperandUsage),
                testing::StartsWith("Usage: hubctl show <id> [options]\n"));
}

TEST(Arguments, DetailsStandBehindTheSummary) {
    constexpr Usage usage{"show", "Shows one.", kOptions, kExamples, "<id>", "In full."};
    EXPECT_THAT(helpText(usage), HasSubstr("\nShows one.\n\nIn full.\n\nOptions:\n"));
}

TEST(Arguments, HelpWrapsLongSentences) {
    constexpr std::array options{
        Option{"mode", Option::Type::Text, "",
               "a sentence that is far too long to stand on one line of a terminal of the usual "
               "width, so it is wrapped"}};
    const std::string help = helpText({"demo", "Short.", options, {}});
    EXPECT_THAT(help, HasSubstr("\n               "));
    for (std::size_t begin = 0; begin < help.size();) {
        const std::size_t end = help.find('\n', begin);
        EXPECT_LE(end - begin, 80U) << help.substr(begin, end - begin);
        begin = end + 1;
    }
}

}  // namespace
}  // namespace hub::ctl
