#include "daemon/process.h"

#include "net/descriptor_limit.h"

#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace hub::daemon {

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
    net::raiseDescriptorLimit();  // a device costs a descriptor
}

CrashSignals::CrashSignals() noexcept {
    for (std::size_t i = 0; i < kSignals.size(); ++i) {
        ::sigaction(kSignals[i], nullptr, &actions_[i]);
    }
}

void CrashSignals::restore() const noexcept {
    for (std::size_t i = 0; i < kSignals.size(); ++i) {
        ::sigaction(kSignals[i], &actions_[i], nullptr);
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

}  // namespace hub::daemon
