#include "ctl/sim/stop_signals.h"

#include <sys/epoll.h>
#include <sys/signalfd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace hub::ctl::sim {

StopSignals::StopSignals(net::Loop& loop, std::function<void()> stop)
    : loop_(loop), stop_(std::move(stop)) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    descriptor_ = net::Descriptor(::signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC));
    if (descriptor_.value() < 0) {
        throw std::system_error(errno, std::system_category(), "cannot watch for signals");
    }
    loop_.add(descriptor_.value(), EPOLLIN, *this);
    ::pthread_sigmask(SIG_BLOCK, &signals, &previous_);
}

StopSignals::~StopSignals() {
    loop_.remove(descriptor_.value(), *this);
    ::pthread_sigmask(SIG_SETMASK, &previous_, nullptr);
}

void StopSignals::onReady(std::uint32_t /*events*/) {
    signalfd_siginfo signal{};
    while (::read(descriptor_.value(), &signal, sizeof signal) == sizeof signal) stop_();
}

}  // namespace hub::ctl::sim
