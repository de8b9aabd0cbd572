#include "ctl/sim.h"

#include "core/ctl/sim/closed_port.h"
#include "core/ctl/sim/scripted_hub.h"
#include "ctl/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pthread.h>

#include <array>
#include <csignal>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hub::ctl {
namespace {

using sim::ScriptedHub;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

class SimCommand : public testing::Test {
protected:
    int run(const std::vector<std::string_view>& arguments) {
        std::vector<std::string_view> words{"sim"};
        words.insert(words.end(), arguments.begin(), arguments.end());
        const std::array subcommands{simSubcommand()};
        return runCommandLine(
            subcommands, "1.2.3", words,
            {.in = in_, .out = out_, .err = err_, .clock = clock_, .hub_url = hub_url_});
    }

    const SystemClock clock_;
    std::string hub_url_;  // of the environment
    std::istringstream in_;
    std::ostringstream out_;
    std::ostringstream err_;
};

TEST_F(SimCommand, WrongArgumentsAreRefusedBeforeAnythingConnects) {
    const std::vector<std::pair<std::vector<std::string_view>, std::string_view>> wrong{
        {{"--count", "few"}, "--count"},
        {{"--rate", "5"}, "give their --count"},
        {{"--count", "1", "--rate", "-1"}, "from 0 to 100000"},
        {{"--count", "1", "--rate", "nan"}, "from 0 to 100000"},
        {{"--count", "1", "--rate", "1x"}, "from 0 to 100000"},
        {{"--count", "1", "--rate", "100001"}, "from 0 to 100000"},
        {{"--count", "1", "--prefix", "a/b"}, "makes no device ids"},
        {{"--count", "1", "--type", ""}, "no device type"},
        {{"--count", "1000000"}, "file descriptors"},
        {{"--url", "wss://127.0.0.1"}, "not supported yet"},
        {{"--url", "127.0.0.1"}, "write http://127.0.0.1:8000"},
    };
    for (const auto& [arguments, message] : wrong) {
        err_.str("");
        EXPECT_EQ(run(arguments), kUsageWrong) << message;
        EXPECT_THAT(err_.str(), HasSubstr(message));
    }
    EXPECT_EQ(out_.str(), "");
}

TEST_F(SimCommand, WithoutAHubItFailsAndNamesTheRemedy) {
    const sim::ClosedPort port;
    const std::string authority = "127.0.0.1:" + std::to_string(port.number());
    hub_url_ = "ws://" + authority;
    EXPECT_EQ(run({"--duration", "0.05", "--quiet"}), kUnreachable);
    EXPECT_EQ(err_.str(), "hubctl: no hub answers at http://" + authority +
                              " (Connection refused). Is hubd running? Give another address with "
                              "--url.\n");
    EXPECT_EQ(out_.str(), "");
}

TEST_F(SimCommand, SimulatesTheFirmwaresUntilASignalAndSumsUp) {
    const pthread_t runner = pthread_self();
    std::set<std::string> devices;
    bool asked_to_end = false;
    ScriptedHub hub([&](const std::string& device_id, const std::string& text) {
        devices.insert(device_id);
        const std::size_t at = text.find(R"("msg_id":)");
        ScriptedHub::Answer answer;
        if (at != std::string::npos) {
            const auto number = std::stoull(text.substr(at + 9));
            answer.texts.push_back(R"({"message_type":"ack","msg_id":)" + std::to_string(number) +
                                   "}");
        }
        // Only once: a second signal ends the simulation without ceremony.
        if (devices.size() == 4 && !answer.texts.empty() && !std::exchange(asked_to_end, true)) {
            ::pthread_kill(runner, SIGTERM);
        }
        return answer;
    });
    EXPECT_EQ(run({"--url", "ws://127.0.0.1:" + std::to_string(hub.port()), "--quiet"}), kDone);
    hub.stop();

    EXPECT_THAT(devices, UnorderedElementsAre("wheelcontroller", "servoscontroller",
                                              "camcontroller", "weather-1"));
    EXPECT_THAT(hub.closeCodes(), testing::AllOf(testing::SizeIs(4), testing::Each(1000)));
    EXPECT_THAT(out_.str(), HasSubstr("waiting       0\n"));
    EXPECT_THAT(out_.str(), HasSubstr("errors        0\n"));
    EXPECT_EQ(err_.str(), "");
}

TEST_F(SimCommand, SimulatesAnyNumberOfSensors) {
    const pthread_t runner = pthread_self();
    std::set<std::string> devices;
    ScriptedHub hub([&](const std::string& device_id, const std::string& text) {
        if (text.find(R"("device_type":"probe")") != std::string::npos) devices.insert(device_id);
        if (devices.size() == 3) ::pthread_kill(runner, SIGINT);
        return ScriptedHub::Answer{};
    });
    EXPECT_EQ(run({"--url", "http://127.0.0.1:" + std::to_string(hub.port()), "--count", "3",
                   "--rate", "0", "--type", "probe", "--prefix", "p-"}),
              kDone);
    hub.stop();
    EXPECT_THAT(devices, UnorderedElementsAre("p-1", "p-2", "p-3"));
}

TEST_F(SimCommand, FailsWhenADeviceWasNeverLetIn) {
    const pthread_t runner = pthread_self();
    ScriptedHub hub([](const std::string&, const std::string&) { return ScriptedHub::Answer{}; });
    hub.refuse("sim-2", [runner, times = 0]() mutable {
        if (++times == 2) ::pthread_kill(runner, SIGINT);  // the first one is counted by now
    });
    EXPECT_EQ(run({"--url", "http://127.0.0.1:" + std::to_string(hub.port()), "--count", "2",
                   "--rate", "0", "--quiet"}),
              kFailed);
    hub.stop();
    EXPECT_THAT(out_.str(), HasSubstr("reconnects    0, "));
    EXPECT_THAT(err_.str(), testing::StartsWith("hubctl sim: 1 of 2 devices were never let in: "));
    EXPECT_THAT(err_.str(), HasSubstr("503"));
}

}  // namespace
}  // namespace hub::ctl
