#include "ctl/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <initializer_list>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace hub::ctl {
namespace {

using testing::HasSubstr;

constexpr std::array kOptions{Option{"times", Option::Type::Number, "1", "how often", 1, 9}};

int greet(const Arguments& arguments, const Environment& environment) {
    environment.out << "hello " << arguments.options.number("times");
    return 7;
}

int misuse(const Arguments& /*arguments*/, const Environment& /*environment*/) {
    throw UsageError("not like this");
}

int fail(const Arguments& /*arguments*/, const Environment& /*environment*/) {
    throw std::runtime_error("no such luck");
}

int miss(const Arguments& /*arguments*/, const Environment& /*environment*/) {
    throw HubUnreachable("no hub answers there");
}

constexpr std::array kSubcommands{Subcommand{{"greet", "Greets.", kOptions, {}}, greet},
                                  Subcommand{{"misuse", "Is misused.", {}, {}}, misuse},
                                  Subcommand{{"fail", "Fails.", {}, {}}, fail},
                                  Subcommand{{"miss", "Misses.", {}, {}}, miss}};

class CommandLine : public testing::Test {
protected:
    int run(std::initializer_list<std::string_view> words) {
        out.str("");
        err.str("");
        return runCommandLine(kSubcommands, "1.2.3", std::vector(words),
                              {.in = in, .out = out, .err = err, .clock = clock, .unread = unread});
    }

    const SystemClock clock;
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    bool (*unread)() = nullptr;
};

TEST_F(CommandLine, RunsTheNamedSubcommandWithItsArguments) {
    EXPECT_EQ(run({"greet", "--times", "3"}), 7);
    EXPECT_EQ(out.str(), "hello 3");
    EXPECT_EQ(err.str(), "");
}

TEST_F(CommandLine, WithoutAWordItExplainsItselfAsAnError) {
    EXPECT_EQ(run({}), kUsageWrong);
    EXPECT_EQ(out.str(), "");
    EXPECT_THAT(err.str(), HasSubstr("Usage: hubctl <command>"));
}

TEST_F(CommandLine, HelpListsTheSubcommands) {
    EXPECT_EQ(run({"--help"}), kDone);
    EXPECT_THAT(out.str(), HasSubstr("  greet   Greets.\n"));
    EXPECT_THAT(out.str(), HasSubstr("  misuse  Is misused.\n"));
    EXPECT_THAT(out.str(), HasSubstr("  3  no hub can be reached\n"));
    EXPECT_EQ(run({"-h"}), kDone);
}

TEST_F(CommandLine, HelpOfASubcommandRunsNothing) {
    EXPECT_EQ(run({"greet", "--nonsense", "--help"}), kDone);
    EXPECT_THAT(out.str(), HasSubstr("Usage: hubctl greet"));
}

TEST_F(CommandLine, HelpIsACommandToo) {
    EXPECT_EQ(run({"help"}), kDone);
    EXPECT_THAT(out.str(), HasSubstr("  greet   Greets.\n"));
    EXPECT_EQ(run({"help", "greet"}), kDone);
    EXPECT_THAT(out.str(), HasSubstr("Usage: hubctl greet"));
    EXPECT_EQ(run({"help", "gret"}), kUsageWrong);
    EXPECT_THAT(err.str(), HasSubstr("unknown command \"gret\"; did you mean \"greet\"?"));
}

TEST_F(CommandLine, AReaderThatHasGoneHearsNothing) {
    unread = [] { return true; };
    out.setstate(std::ios::badbit);
    EXPECT_EQ(run({"greet"}), kFailed);
    EXPECT_EQ(err.str(), "");
}

TEST_F(CommandLine, TellsItsVersion) {
    EXPECT_EQ(run({"--version"}), kDone);
    EXPECT_EQ(out.str(), "hubctl 1.2.3\n");
}

TEST_F(CommandLine, AnUnknownSubcommandNamesTheNearest) {
    EXPECT_EQ(run({"gret"}), kUsageWrong);
    EXPECT_THAT(err.str(), HasSubstr("unknown command \"gret\"; did you mean \"greet\"?"));
    EXPECT_EQ(run({"--verison"}), kUsageWrong);
    EXPECT_THAT(err.str(), HasSubstr("did you mean \"--version\"?"));
    EXPECT_EQ(run({"xyzzyplugh"}), kUsageWrong);
    EXPECT_THAT(err.str(), HasSubstr("unknown command \"xyzzyplugh\"\n"));
}

TEST_F(CommandLine, WrongArgumentsExitWithTwoAndPointToTheHelp) {
    EXPECT_EQ(run({"greet", "--times", "none"}), kUsageWrong);
    EXPECT_THAT(err.str(), HasSubstr("hubctl greet: --times"));
    EXPECT_THAT(err.str(), HasSubstr("hubctl greet --help"));
    EXPECT_EQ(run({"misuse"}), kUsageWrong);
    EXPECT_THAT(err.str(), HasSubstr("hubctl misuse: not like this"));
}

TEST_F(CommandLine, AFailureExitsWithOneAndSaysWhy) {
    EXPECT_EQ(run({"fail"}), kFailed);
    EXPECT_EQ(err.str(), "hubctl fail: no such luck\n");
}

TEST_F(CommandLine, OutputThatCannotBeWrittenIsAFailure) {
    out.setstate(std::ios::badbit);
    EXPECT_EQ(runCommandLine(kSubcommands, "1.2.3", std::vector<std::string_view>{"greet"},
                             {.in = in, .out = out, .err = err, .clock = clock}),
              kFailed);
    EXPECT_EQ(err.str(), "hubctl greet: cannot write the output\n");
}

TEST_F(CommandLine, AnUnreachableHubExitsWithThree) {
    EXPECT_EQ(run({"miss"}), kUnreachable);
    EXPECT_EQ(err.str(), "hubctl: no hub answers there\n");
}

}  // namespace
}  // namespace hub::ctl
