#include "ctl/interruption.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <system_error>

namespace hub::ctl {

namespace {

constexpr int kNone = -1;  // poll(2) passes over it

// For ::poll: the whole milliseconds until `deadline`, rounded up, an hour at most.
int millisecondsUntil(SteadyTime deadline) {
    using namespace std::chrono;
    const auto left = deadline - steady_clock::now();
    return static_cast<int>(ceil<milliseconds>(std::clamp<nanoseconds>(left, 0ns, 1h)).count());
}

}  // namespace

Interruption::Interruption() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    signals_ = net::Descriptor(::signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC));
    if (signals_.value() < 0) {
        throw std::system_error(errno, std::system_category(), "cannot watch for signals");
    }
    ::pthread_sigmask(SIG_BLOCK, &signals, &previous_);
}

Interruption::~Interruption() {
    // What ended the call is not to end the process as well.
    signalfd_siginfo signal{};
    while (::read(signals_.value(), &signal, sizeof signal) == sizeof signal) continue;
    ::pthread_sigmask(SIG_SETMASK, &previous_, nullptr);
}

bool Interruption::awaitReadable(int descriptor, SteadyTime deadline) const {
    // Of the output only what needs no asking: that its reader has gone.
    std::array<pollfd, 3> waits{pollfd{signals_.value(), POLLIN, 0}, pollfd{STDOUT_FILENO, 0, 0},
                                pollfd{descriptor, POLLIN, 0}};
    auto& [signals, output, input] = waits;
    for (;;) {
        const int count = ::poll(waits.data(), waits.size(), millisecondsUntil(deadline));
        if (count < 0 && errno != EINTR) {
            throw std::system_error(errno, std::system_category(), "cannot wait for the hub");
        }
        if (count > 0) {
            if (signals.revents != 0) throw Interrupted(Interrupted::By::Signal);
            if ((output.revents & (POLLERR | POLLHUP)) != 0) {
                throw Interrupted(Interrupted::By::Reader);
            }
            if (output.revents != 0) output.fd = kNone;  // it is closed, and never had a reader
            if (input.revents != 0) return true;
        }
        if (std::chrono::steady_clock::now() >= deadline) return false;
    }
}

void Interruption::sleepUntil(SteadyTime time) const {
    static_cast<void>(awaitReadable(kNone, time));
}

}  // namespace hub::ctl
