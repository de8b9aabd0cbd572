// hubd as an operator, a shell or a service manager meets it: flags, exit codes, signals, the log.
#include "fakes/datagram_receiver.h"
#include "fakes/temporary_folder.h"
#include "integration/clients.h"
#include "integration/hub_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <pty.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace hub::integration {
namespace {

using testing::ContainsRegex;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class Daemon : public testing::Test {
protected:
    struct Outcome {
        int exit_code = 0;
        std::string output;
    };

    // What comes of hubd with these flags, which ends by itself.
    static Outcome outcomeOf(std::vector<std::string> flags) {
        flags.insert(flags.begin(), HUBD_PATH);
        Process process(flags);
        const int exit_code = process.wait();
        return {exit_code, process.output()};
    }
    // The same with the plugins of this build, on a free port, with its data in the test's folder.
    Outcome outcomeHere(std::vector<std::string> flags) const {
        flags.insert(flags.begin(),
                     {"--port", "0", "--data-dir", data(), "--plugin-dir", HUB_PLUGIN_PATH});
        return outcomeOf(std::move(flags));
    }

    std::string path(const std::string& name) const { return folder_.path() / name; }
    std::string data() const { return path("data"); }
    std::string log() const { return content("data/hubd.log"); }

    void write(const std::string& name, const std::string& text) const {
        std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
        std::ofstream(path(name)) << text;
    }
    std::string content(const std::string& name) const {
        std::ifstream stream(path(name));
        return {std::istreambuf_iterator<char>(stream), {}};
    }

    fakes::TemporaryFolder folder_;
};

TEST_F(Daemon, StopsOnRequestWithZero) {
    HubProcess hub(data());
    EXPECT_EQ(hub.stop(), 0);
    EXPECT_THAT(hub.output(), HasSubstr("info hub: asked to stop by SIGTERM\n"));
    EXPECT_THAT(hub.output(), ContainsRegex("info hub: stopped in [0-9]+ ms: everything is stored"
                                            "\n$"));
}

TEST_F(Daemon, AStartStandsInTheLog) {
    HubProcess hub(data());
    EXPECT_EQ(hub.stop(), 0);
    EXPECT_THAT(hub.output(), ContainsRegex("info hub: hubd [0-9.]+ started: http://127.0.0.1:" +
                                            std::to_string(hub.port()) + ", data in " + data() +
                                            ", 0 devices known\n"));
}

TEST_F(Daemon, WithoutStoreAndTransportItSaysSo) {
    HubProcess hub(data(), {"--safe", "--set", "plugins.required=http-api"});
    EXPECT_EQ(hub.stop(), 0);
    EXPECT_THAT(hub.output(),
                HasSubstr("warning hub: no store is attached: nothing devices say is kept\n"));
    EXPECT_THAT(hub.output(), Not(HasSubstr("devices connect to")));
}

TEST_F(Daemon, WhatItKeepsIsNotForEverybody) {
    const HubProcess hub(data());
    const auto others = std::filesystem::perms::others_all;
    EXPECT_EQ(std::filesystem::status(path("data/hub.db")).permissions() & others,
              std::filesystem::perms::none);
}

TEST_F(Daemon, AnUnknownFlagIsTwo) {
    const Outcome outcome = outcomeOf({"--prot", "80"});
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_EQ(
        outcome.output,
        "hubd: unknown flag \"prot\"; did you mean \"port\"? (hubd --help lists all flags)\n");
    EXPECT_EQ(outcomeOf({"--config="}).exit_code, 2);
    EXPECT_EQ(outcomeOf({"--set", "hub.port"}).exit_code, 2);
    EXPECT_EQ(outcomeOf({"start"}).exit_code, 2);
    EXPECT_EQ(outcomeOf({"--config"}).output,
              "hubd: --config needs a value (hubd --help lists all flags)\n");
    EXPECT_EQ(outcomeOf({"--safe=1"}).output,
              "hubd: --safe takes no value (hubd --help lists all flags)\n");
}

TEST_F(Daemon, ABadConfigurationIsThree) {
    const Outcome outcome = outcomeHere({"--set", "hub.prot=80"});
    EXPECT_EQ(outcome.exit_code, 3);
    EXPECT_THAT(outcome.output,
                EndsWith("error hubd: --set: unknown key \"hub.prot\"; did you mean "
                         "\"hub.port\"?\n"));
    EXPECT_EQ(outcomeHere({"--data-dir="}).exit_code, 3);
    EXPECT_EQ(outcomeHere({"--config", path("missing")}).exit_code, 3);
    EXPECT_EQ(outcomeHere({"--set", "log.to=file", "--set", "log.file=missing/log"}).exit_code, 3);
}

TEST_F(Daemon, APortThatIsTakenIsFour) {
    const HubProcess first(path("first"));
    EXPECT_EQ(outcomeHere({"--port", std::to_string(first.port())}).exit_code, 4);
    EXPECT_EQ(outcomeHere({"--set", "hub.address=203.0.113.7"}).exit_code, 4);
}

TEST_F(Daemon, AFolderThatIsInUseIsFive) {
    const HubProcess first(data());
    const Outcome outcome = outcomeHere({});
    EXPECT_EQ(outcome.exit_code, 5);
    EXPECT_THAT(outcome.output,
                HasSubstr("cannot keep data in " + data() + ": another hubd or import (process " +
                          std::to_string(first.pid()) +
                          ") is using it (choose the folder with --data-dir)\n"));
}

TEST_F(Daemon, AStoreThatCannotBeOpenedIsFive) {
    write("data/hub.db", std::string(8192, 'x'));
    EXPECT_EQ(outcomeHere({}).exit_code, 5);
}

TEST_F(Daemon, AStoreThatAnotherHubUsesIsFive) {
    const HubProcess first(path("first"));
    const std::string database = path("first/hub.db");
    const Outcome outcome = outcomeHere({"--set", "store.path=" + database});
    EXPECT_EQ(outcome.exit_code, 5);
    EXPECT_THAT(outcome.output,
                HasSubstr("cannot use " + database + ": another hub (process " +
                          std::to_string(first.pid()) + ") is using it, and holds the lock on " +
                          database + "-lock; end that one, or choose another store.path"));
}

TEST_F(Daemon, ARequiredPluginThatIsMissingIsSix) {
    EXPECT_EQ(outcomeHere({"--plugin-dir", data()}).exit_code, 6);
}

TEST_F(Daemon, ASecondRequestEndsItAtOnceWithOne) {
    std::filesystem::create_directory(path("plugins"));
    std::filesystem::create_symlink(std::string(FIXTURE_PATH) + "/hangs-in-stop.so",
                                    path("plugins/hangs-in-stop.so"));
    Process hub({HUBD_PATH, "--port", "0", "--data-dir", data(), "--plugin-dir", path("plugins"),
                 "--set", "plugins.load=hangs-in-stop", "--set", "plugins.required="});
    hub.waitFor("listening on http://");
    siginfo_t ended{};
    while (::waitid(P_PID, static_cast<id_t>(hub.pid()), &ended, WEXITED | WNOHANG | WNOWAIT) ==
               0 &&
           ended.si_pid == 0) {
        hub.signal(SIGINT);
        std::this_thread::yield();
    }
    EXPECT_EQ(hub.wait(), 1);
    EXPECT_THAT(hub.output(), HasSubstr("info hub: stopping\n"));
    EXPECT_THAT(hub.output(), EndsWith("error hub: asked to stop a second time: ended at once\n"));
}

TEST_F(Daemon, ChecksTheConfigurationAndTouchesNothing) {
    const Outcome good = outcomeHere({"--check-config"});
    EXPECT_EQ(good.exit_code, 0);
    EXPECT_EQ(good.output, "configuration is valid\n");
    EXPECT_EQ(outcomeHere({"--check-config", "--set", "store.readers=0"}).exit_code, 3);
    EXPECT_EQ(outcomeHere({"--check-config", "--set", "hub.address=nowhere"}).exit_code, 3);
    const Outcome partly = outcomeHere({"--check-config", "--set", "plugins.also=missing"});
    EXPECT_EQ(partly.exit_code, 3);
    EXPECT_THAT(
        partly.output,
        HasSubstr("error hubd: configuration is wrong: the hub would start without 1 plugin "
                  "that it names\n"));
    EXPECT_EQ(outcomeHere({"--check-config", "--plugin-dir", data()}).exit_code, 6);
    EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST_F(Daemon, ChecksTheConfigurationOfAHubThatRuns) {
    const HubProcess hub(data());
    EXPECT_EQ(outcomeHere({"--check-config", "--port", std::to_string(hub.port())}).exit_code, 0);
}

TEST_F(Daemon, ListsThePlugins) {
    const Outcome outcome = outcomeHere({"--list-plugins"});
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_THAT(outcome.output, ContainsRegex("^NAME +KIND +VERSION +STATE\n"
                                              "sqlite-store +store +[0-9.]+ +loaded, required\n"
                                              "ws-transport +transport +[0-9.]+ +loaded, required\n"
                                              "http-api +extension +[0-9.]+ +loaded, required\n"));
}

TEST_F(Daemon, TheSafeModeLoadsOnlyWhatIsRequired) {
    HubProcess hub(data(), {"--safe", "--set", "plugins.required=sqlite-store", "--set",
                            "ws.message_limit=1k"});
    EXPECT_EQ(get(hub.port(), "/health").status, 404);
    EXPECT_EQ(hub.stop(), 0);
    EXPECT_THAT(hub.output(), HasSubstr("warning hub: safe mode: only the required plugins are "
                                        "loaded, without ws-transport, http-api\n"));
}

TEST_F(Daemon, ReadsDropInsBesideItsConfiguration) {
    write("etc/hubd.properties", "hub.http_workers = 0\n");
    write("etc/conf.d/10-workers.properties", "hub.http_workers = 2\n");
    EXPECT_EQ(outcomeHere({"--config", path("etc/hubd.properties"), "--check-config"}).exit_code,
              0);
    write("etc/conf.d/20-mistake.properties", "\nhub.http_workers = many\n");
    const Outcome outcome =
        outcomeHere({"--config", path("etc/hubd.properties"), "--check-config"});
    EXPECT_EQ(outcome.exit_code, 3);
    EXPECT_THAT(outcome.output,
                HasSubstr(path("etc/conf.d/20-mistake.properties") + ":2: hub.http_workers: "));
}

TEST_F(Daemon, WritesItsLogToAFileAndOpensItAgainOnHangup) {
    HubProcess hub(data(), {"--set", "log.to=file", "--set", "log.format=json"});
    std::filesystem::rename(path("data/hubd.log"), path("old.log"));
    ::kill(hub.pid(), SIGHUP);
    EXPECT_EQ(hub.stop(), 0);
    EXPECT_THAT(log(), ContainsRegex(R"(^\{"time":"[^"]+Z","level":"info","logger":"hub",)"
                                     R"("message":"opened the log file again"\})"));
    EXPECT_THAT(log(), HasSubstr("everything is stored"));
    EXPECT_THAT(hub.output(), Not(HasSubstr("stopping")));
}

TEST_F(Daemon, AFailedStartIsSeenOnTheConsoleToo) {
    write("data/hub.db", std::string(8192, 'x'));
    const Outcome outcome = outcomeHere({"--set", "log.to=file"});
    EXPECT_EQ(outcome.exit_code, 5);
    EXPECT_THAT(outcome.output, StartsWith("hubd: plugin sqlite-store cannot start: "));
    EXPECT_THAT(log(), HasSubstr("error hubd: plugin sqlite-store cannot start: "));
}

TEST_F(Daemon, AHangupWithoutATerminalIsIgnored) {
    HubProcess hub(data());
    ::kill(hub.pid(), SIGHUP);
    EXPECT_EQ(hub.stop(), 0);
    EXPECT_THAT(hub.output(), HasSubstr("asked to stop by SIGTERM"));
}

TEST_F(Daemon, StopsInOrderWhenItsTerminalCloses) {
    int terminal = -1;
    const pid_t hub = ::forkpty(&terminal, nullptr, nullptr, nullptr);
    if (hub == 0) {
        ::execl(HUBD_PATH, HUBD_PATH, "--port", "0", "--data-dir", data().c_str(), "--plugin-dir",
                HUB_PLUGIN_PATH, nullptr);
        ::_exit(127);
    }
    std::string output;
    std::array<char, 4096> some{};
    while (output.find("devices connect to") == std::string::npos) {
        const auto count = ::read(terminal, some.data(), some.size());
        ASSERT_GT(count, 0) << output;
        output.append(some.data(), static_cast<std::size_t>(count));
    }
    ::close(terminal);
    int status = 0;
    EXPECT_EQ(::waitpid(hub, &status, 0), hub);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(Daemon, TellsTheServiceManagerHowItIs) {
    const std::string socket = "@" + path("notify");
    const fakes::DatagramReceiver manager(socket);
    Process hub({"/usr/bin/env", "NOTIFY_SOCKET=" + socket, "WATCHDOG_USEC=60000000", HUBD_PATH,
                 "--port", "0", "--data-dir", data(), "--plugin-dir", HUB_PLUGIN_PATH});
    hub.waitFor("devices connect to");
    hub.signal(SIGTERM);
    EXPECT_EQ(hub.wait(), 0);
    EXPECT_EQ(manager.next(), "READY=1\nSTATUS=0 devices online");
    EXPECT_EQ(manager.next(), "WATCHDOG=1");
    EXPECT_EQ(manager.next(), "STOPPING=1\nSTATUS=stopping");
    EXPECT_EQ(manager.next(), "");
}

// A hub that has gone into the background; ended with the test.
class BackgroundHub {
public:
    explicit BackgroundHub(std::string data) : data_(std::move(data)) {}
    ~BackgroundHub() {
        if (pid() > 0) {
            ::kill(pid(), SIGKILL);
        }
    }
    BackgroundHub(const BackgroundHub&) = delete;
    BackgroundHub& operator=(const BackgroundHub&) = delete;

    [[nodiscard]] pid_t pid() const {
        pid_t pid = 0;
        std::ifstream(data_ + "/hubd.pid") >> pid;
        return pid;
    }
    // Returns when it is gone.
    void stop() const {
        ::kill(pid(), SIGTERM);
        const int lock = ::open((data_ + "/hubd.lock").c_str(), O_RDWR | O_CLOEXEC);
        EXPECT_EQ(::flock(lock, LOCK_EX), 0);
        ::close(lock);
    }

private:
    const std::string data_;
};

TEST_F(Daemon, GoesIntoTheBackgroundOnceItServes) {
    const BackgroundHub hub(data());
    const Outcome outcome = outcomeHere({"--daemon", "--pidfile", data() + "/hubd.pid"});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.output;
    const std::size_t port = outcome.output.find_last_of(':', outcome.output.find('\n'));
    const auto number = static_cast<std::uint16_t>(std::stoi(outcome.output.substr(port + 1)));
    EXPECT_EQ(get(number, "/health").status, 200);
    EXPECT_EQ(std::filesystem::read_symlink("/proc/" + std::to_string(hub.pid()) + "/cwd"), "/");

    hub.stop();
    EXPECT_EQ(hub.pid(), 0) << "its file is still there";
    EXPECT_THAT(log(), HasSubstr("everything is stored"));
}

TEST_F(Daemon, AStartInTheBackgroundThatFailsIsSeen) {
    const HubProcess first(data());
    const Outcome outcome = outcomeHere({"--daemon", "--pidfile", path("hubd.pid")});
    EXPECT_EQ(outcome.exit_code, 5);
    EXPECT_THAT(outcome.output, HasSubstr(") is using it "));
    EXPECT_FALSE(std::filesystem::exists(path("hubd.pid")));
}

TEST_F(Daemon, APidFileThatCannotBeWrittenRefusesTheStart) {
    const Outcome outcome = outcomeHere({"--pidfile", path("missing/hubd.pid")});
    EXPECT_EQ(outcome.exit_code, 3);
    EXPECT_THAT(outcome.output, HasSubstr("cannot write the file with the process number "));
}

TEST_F(Daemon, ThePidFileOfAnotherHubRefusesTheStart) {
    HubProcess first(path("first"), {"--pidfile", path("hubd.pid")});
    const Outcome second = outcomeHere({"--pidfile", path("hubd.pid")});
    EXPECT_EQ(second.exit_code, 3);
    EXPECT_THAT(second.output, HasSubstr("process " + std::to_string(first.pid()) + " holds it"));
    EXPECT_EQ(content("hubd.pid"), std::to_string(first.pid()) + "\n");
}

TEST_F(Daemon, ThePidFileIsGoneAtTheEnd) {
    HubProcess hub(data(), {"--pidfile", path("hubd.pid")});
    EXPECT_EQ(content("hubd.pid"), std::to_string(hub.pid()) + "\n");
    EXPECT_EQ(hub.stop(), 0);
    EXPECT_FALSE(std::filesystem::exists(path("hubd.pid")));
}

TEST_F(Daemon, HelpNamesFlagsKeysSignalsAndExitCodes) {
    const Outcome outcome = outcomeHere({"--help"});
    EXPECT_EQ(outcome.exit_code, 0);
    for (const char* word : {"usage: hubd [flags]", "--check-config", "store.path = ", "  HUP ",
                             "  6  a required plugin cannot be loaded or started\n"}) {
        EXPECT_THAT(outcome.output, HasSubstr(word));
    }
}

TEST_F(Daemon, HelpAndReadmeAgreeOnTheExitCodes) {
    const std::string help = outcomeHere({"--help"}).output;
    std::ifstream file(std::string(SOURCE_ROOT) + "/README.md");
    const std::string readme{std::istreambuf_iterator<char>(file), {}};
    std::istringstream codes(help.substr(help.find("\nExit codes\n")));
    std::string line;
    int count = 0;
    while (std::getline(codes, line)) {
        if (!line.starts_with("  ")) continue;
        ++count;
        EXPECT_THAT(readme, HasSubstr("| " + line.substr(2, 1) + " | " + line.substr(5) + " |\n"));
    }
    EXPECT_EQ(count, 7);
}

TEST_F(Daemon, DebugLinesAreOurOwn) {
    HubProcess hub(data(), {"--set", "log.level=debug"});
    EXPECT_EQ(hub.stop(), 0);
    EXPECT_THAT(hub.output(), Not(ContainsRegex("Application|Subsystem|subsystem")));
}

}  // namespace
}  // namespace hub::integration
