#pragma once

#include "net/descriptor.h"

#include <sys/types.h>
#include <sys/un.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace hub::daemon {

// The service manager that has started this process and wants to hear how it is doing, in the
// protocol of sd_notify(3). Without one, nothing is sent. One thread.
class ServiceManager {
public:
    // `environment` is this process's: NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID count. A
    // socket that cannot be used is none.
    ServiceManager(const std::map<std::string, std::string>& environment, pid_t self);

    // Whether there is one.
    [[nodiscard]] bool listens() const noexcept { return socket_.value() >= 0; }
    // After how long a silence it takes the process for dead; nothing when it does not watch.
    [[nodiscard]] std::optional<std::chrono::microseconds> watchdog() const noexcept {
        return watchdog_;
    }

    // `status` is one line for people. Each waits for a second at most.
    void ready(std::string_view status) { send("READY=1\nSTATUS=", status); }
    void status(std::string_view status) { send("STATUS=", status); }
    void alive() { send("WATCHDOG=1", ""); }
    void stopping() { send("STOPPING=1\nSTATUS=", "stopping"); }

private:
    void send(std::string_view assignment, std::string_view value);

    // Constant after construction.
    sockaddr_un address_{};
    socklen_t address_length_ = 0;
    net::Descriptor socket_;
    std::optional<std::chrono::microseconds> watchdog_;
};

}  // namespace hub::daemon
