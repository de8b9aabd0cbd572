#pragma once

#include <array>
#include <csignal>
#include <filesystem>
#include <map>
#include <string>

namespace hub::daemon {

// Makes this process ready to serve; before any thread is started. Control signals are kept for
// ControlSignals, SIGPIPE is ignored, new files are not for everybody, and the soft limit of open
// files is raised to the hard one.
void prepareProcess();

// What the process does on the signals of a crash (SEGV, BUS, ILL, SYS). Poco's Application answers
// them all with abort(), which hides the place from core dumps and from sanitizers: keep one of
// these from before an Application is made, and restore it after.
class CrashSignals {
public:
    CrashSignals() noexcept;
    void restore() const noexcept;

private:
    static constexpr std::array kSignals{SIGSEGV, SIGBUS, SIGILL, SIGSYS};
    std::array<struct sigaction, kSignals.size()> actions_{};
};

// Whether the end of a terminal should end this process: it has one, and was not started to survive
// it (nohup(1)). Ask before prepareProcess().
[[nodiscard]] bool livesInTerminal();

// The program this process runs: absolute, links resolved.
[[nodiscard]] std::filesystem::path executablePath();

// All environment variables by name.
[[nodiscard]] std::map<std::string, std::string> environmentVariables();

}  // namespace hub::daemon
