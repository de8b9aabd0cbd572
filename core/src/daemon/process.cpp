#include "daemon/process.h"

#include "daemon/control_signals.h"
#include "net/descriptor.h"
#include "net/descriptor_limit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace hub::daemon {

void prepareProcess() {
    blockControlSignals();
    std::signal(SIGPIPE, SIG_IGN);
    ::umask(::umask(0) | S_IWGRP | S_IRWXO);  // what devices say is not for everybody
    net::raiseDescriptorLimit();              // a device costs a descriptor
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

bool livesInTerminal() {
    struct sigaction hangup {};
    ::sigaction(SIGHUP, nullptr, &hangup);
    const net::Descriptor terminal(::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC));
    return terminal.value() >= 0 && hangup.sa_handler != SIG_IGN;
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
