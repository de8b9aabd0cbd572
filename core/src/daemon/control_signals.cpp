#include "daemon/control_signals.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>

namespace hub::daemon {
namespace {

// Some programs, such as timeout(1), send a signal to the process and then to its group: what comes
// so soon after the first one is no second request.
constexpr std::chrono::milliseconds kSameRequest{200};

sigset_t controlSignals() {
    sigset_t set;
    ::sigemptyset(&set);
    for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGTERM}) {
        ::sigaddset(&set, number);
    }
    return set;
}

// What a system call returned, which must be a descriptor.
net::Descriptor opened(int descriptor) {
    if (descriptor < 0) {
        throw std::system_error(errno, std::generic_category(), "cannot wait for signals");
    }
    return net::Descriptor(descriptor);
}

net::Descriptor signalDescriptor() {
    const sigset_t set = controlSignals();
    return opened(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

}  // namespace

void blockControlSignals() {
    const sigset_t set = controlSignals();
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
    std::signal(SIGHUP, SIG_DFL);  // an ignored signal is not even kept
}

ControlSignals::ControlSignals(Hangup on_hangup, Logger& logger)
    : on_hangup_(std::move(on_hangup)),
      logger_(logger),
      signals_(signalDescriptor()),
      end_(opened(::eventfd(0, EFD_CLOEXEC))),
      thread_([this] { run(); }) {}

ControlSignals::~ControlSignals() {
    ::eventfd_write(end_.value(), 1);
    thread_.join();
}

bool ControlSignals::stopRequested() const {
    const std::lock_guard lock(mutex_);
    return stop_requested_;
}

bool ControlSignals::waitForStop(std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex_);
    return requested_.wait_for(lock, limit, [this] { return stop_requested_; });
}

void ControlSignals::run() {
    std::array<pollfd, 2> wanted{{{signals_.value(), POLLIN, 0}, {end_.value(), POLLIN, 0}}};
    while (::poll(wanted.data(), wanted.size(), -1) < 0 || wanted[1].revents == 0) {
        signalfd_siginfo signal{};
        while (::read(signals_.value(), &signal, sizeof signal) == sizeof signal) {
            hear(static_cast<int>(signal.ssi_signo));
        }
    }
}

void ControlSignals::hear(int number) {
    if (number == SIGHUP) {
        if (on_hangup_() && !stopRequested()) {
            requestStop(number);
        }
    } else if (!stopRequested()) {
        requestStop(number);
    } else if (SteadyClock::now() - first_request_ > kSameRequest) {
        logger_.error("asked to stop a second time: ended at once");
        std::_Exit(EXIT_FAILURE);
    }
}

void ControlSignals::requestStop(int number) {
    logger_.info(std::string("asked to stop by SIG") + ::sigabbrev_np(number));
    first_request_ = SteadyClock::now();
    const std::lock_guard lock(mutex_);
    stop_requested_ = true;
    requested_.notify_all();
}

}  // namespace hub::daemon
