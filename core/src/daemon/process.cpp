#include "daemon/process.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <string_view>

namespace hub {

void prepareProcess() {
    // Every thread inherits this mask: otherwise a stop signal would end the process through any
    // thread that was started before somebody waits for it.
    sigset_t stop_signals;
    ::sigemptyset(&stop_signals);
    for (const int number : {SIGINT, SIGQUIT, SIGTERM}) {
        ::sigaddset(&stop_signals, number);
    }
    ::pthread_sigmask(SIG_BLOCK, &stop_signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);

    // A device costs a descriptor; the usual soft limit of 1024 protects only users of select(2).
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &files);
    }
}

std::filesystem::path executablePath() { return std::filesystem::read_symlink("/proc/self/exe"); }

std::map<std::string, std::string> environmentVariables() {
    std::map<std::string, std::string> variables;
    for (char** entry = ::environ; *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        const auto equals = std::min(text.find('='), text.size());
        variables.emplace(text.substr(0, equals), text.substr(std::min(equals + 1, text.size())));
    }
    return variables;
}

}  // namespace hub
