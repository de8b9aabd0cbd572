#include "hub/options.h"

#include <gtest/gtest.h>

#include <array>
#include <stdexcept>
#include <string>

namespace hub {
namespace {

using namespace std::chrono_literals;
using Given = std::map<std::string, std::string>;

constexpr std::array kDeclared{
    Option{"ws.path", Option::Type::Text, "/ws", "Where devices connect."},
    Option{"ws.enabled", Option::Type::Flag, "true", "Whether they may."},
    Option{"ws.fragments", Option::Type::Number, "1024", "Of one message.", 1, 4096},
    Option{"ws.offset", Option::Type::Number, "-5", "Any number."},
    Option{"ws.timeout", Option::Type::Duration, "90", "Silence.", 1, 86400},
    Option{"ws.message_limit", Option::Type::Bytes, "64k", "Of one message.", 125, 16777216},
    Option{"ws.any_limit", Option::Type::Bytes, "1G", "Any size."},
};

Options options(const Given& given = {}) { return Options{kDeclared, given}; }

// What the operator reads when `given` is refused; "" when it is not.
std::string refusal(const Given& given) {
    try {
        (void)options(given);
        return "";
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
}

TEST(Options, HoldTheDefaults) {
    const Options defaults = options();
    EXPECT_EQ(defaults.text("ws.path"), "/ws");
    EXPECT_TRUE(defaults.flag("ws.enabled"));
    EXPECT_EQ(defaults.number("ws.fragments"), 1024);
    EXPECT_EQ(defaults.number("ws.offset"), -5);
    EXPECT_EQ(defaults.duration("ws.timeout"), 90s);
    EXPECT_EQ(defaults.bytes("ws.message_limit"), 64U * 1024);
    EXPECT_EQ(defaults.bytes("ws.any_limit"), 1024U * 1024 * 1024);
}

TEST(Options, GivenValuesWin) {
    const Options given = options({{"ws.path", ""},
                                   {"ws.enabled", "false"},
                                   {"ws.fragments", "1"},
                                   {"ws.timeout", "1.25"},
                                   {"ws.message_limit", "16M"}});
    EXPECT_EQ(given.text("ws.path"), "");
    EXPECT_FALSE(given.flag("ws.enabled"));
    EXPECT_EQ(given.number("ws.fragments"), 1);
    EXPECT_EQ(given.duration("ws.timeout"), 1250ms);
    EXPECT_EQ(given.bytes("ws.message_limit"), 16U * 1024 * 1024);
}

TEST(Options, DurationsTakeAUnit) {
    for (const auto& [text, duration] : std::map<std::string, std::chrono::milliseconds>{
             {"90s", 90s}, {"15m", 15min}, {"1.5h", 90min}, {"1d", 24h}, {"2.25s", 2250ms}}) {
        EXPECT_EQ(options({{"ws.timeout", text}}).duration("ws.timeout"), duration) << text;
    }
    EXPECT_NE(refusal({{"ws.timeout", "2d"}}), "");
}

TEST(Options, LimitsAreInclusive) {
    EXPECT_EQ(refusal({{"ws.timeout", "86400"}}), "");
    EXPECT_EQ(refusal({{"ws.timeout", "86400.001"}}),
              R"(ws.timeout: "86400.001" is not a number of seconds (or such as 15m, 12h or 30d) )"
              "between 1 and 86400");
    EXPECT_EQ(refusal({{"ws.timeout", "0.999"}}),
              R"(ws.timeout: "0.999" is not a number of seconds (or such as 15m, 12h or 30d) )"
              "between 1 and 86400");
    EXPECT_EQ(refusal({{"ws.fragments", "4096"}}), "");
    EXPECT_NE(refusal({{"ws.fragments", "4097"}}), "");
}

TEST(Options, ABadValueIsNamedWithWhatWouldBeRight) {
    EXPECT_EQ(refusal({{"ws.timeout", "9x"}}),
              R"(ws.timeout: "9x" is not a number of seconds (or such as 15m, 12h or 30d) )"
              "between 1 and 86400");
    EXPECT_EQ(refusal({{"ws.enabled", "yes"}}), R"(ws.enabled: "yes" is not true or false)");
    EXPECT_EQ(refusal({{"ws.fragments", "0"}}),
              R"(ws.fragments: "0" is not a whole number between 1 and 4096)");
    EXPECT_EQ(refusal({{"ws.offset", "1.5"}}), R"(ws.offset: "1.5" is not a whole number)");
    EXPECT_EQ(refusal({{"ws.any_limit", "1T"}}),
              R"(ws.any_limit: "1T" is not a number of bytes (such as 4096, 64k, 16M or 1G))");
}

TEST(Options, MalformedNumbersAreRefused) {
    for (const char* text : {"", " 5", "5 ", "+5", "0x10", "1e3", "99999999999999999999"}) {
        EXPECT_NE(refusal({{"ws.offset", text}}), "") << text;
    }
    for (const char* text :
         {"", "-2", ".5", "5.", "5.0001", "5.-1", "s", "5ss", "5S", "5w", "5 s", "-1s", "1e3",
          "nan", "1.2.3", "9223372036854775807", "9223372036854775d"}) {
        EXPECT_NE(refusal({{"ws.timeout", text}}), "") << text;
    }
    for (const char* text : {"", "k", "-1k", "1kk", "1.5M", "1K", "9223372036854775807k"}) {
        EXPECT_NE(refusal({{"ws.any_limit", text}}), "") << text;
    }
}

TEST(Options, AnUnknownKeyIsNamedWithTheNearest) {
    EXPECT_EQ(refusal({{"ws.timeot", "90"}}),
              R"(unknown key "ws.timeot"; did you mean "ws.timeout"?)");
    EXPECT_EQ(refusal({{"colour", "blue"}}), R"(unknown key "colour")");
}

TEST(Options, AWrongDefaultIsFoundTheSameWay) {
    constexpr std::array kWrong{Option{"x.limit", Option::Type::Number, "many", "A mistake."}};
    EXPECT_THROW((Options{kWrong, {}}), std::invalid_argument);
}

TEST(Options, AskingForWhatWasNotDeclaredIsAMistake) {
    const Options defaults = options();
    EXPECT_THROW((void)defaults.text("ws.pth"), std::logic_error);
    EXPECT_THROW((void)defaults.text("ws.timeout"), std::logic_error);
    EXPECT_THROW((void)defaults.bytes("ws.fragments"), std::logic_error);
}

TEST(DidYouMean, CountsTypingSlips) {
    constexpr std::array<std::string_view, 3> kWords{"port", "address", "data_dir"};
    EXPECT_EQ(didYouMean("prot", kWords), R"(; did you mean "port"?)");          // swapped
    EXPECT_EQ(didYouMean("prt", kWords), R"(; did you mean "port"?)");           // forgotten
    EXPECT_EQ(didYouMean("adddress", kWords), R"(; did you mean "address"?)");   // doubled
    EXPECT_EQ(didYouMean("data-dir", kWords), R"(; did you mean "data_dir"?)");  // another key
    EXPECT_EQ(didYouMean("port", kWords), R"(; did you mean "port"?)");
}

TEST(DidYouMean, IsNothingWhenNoneIsNear) {
    constexpr std::array<std::string_view, 2> kWords{"port", "address"};
    EXPECT_EQ(didYouMean("timeout", kWords), "");
    EXPECT_EQ(didYouMean("", kWords), "");
    EXPECT_EQ(didYouMean("port", {}), "");
}

TEST(DidYouMean, PrefersFewerEdits) {
    constexpr std::array<std::string_view, 2> kWords{"ws.timeouts_", "ws.timeout"};
    EXPECT_EQ(didYouMean("ws.timeot", kWords), R"(; did you mean "ws.timeout"?)");
}

}  // namespace
}  // namespace hub
