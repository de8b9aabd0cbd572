#include "daemon/service_manager.h"

#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace hub::daemon {
namespace {

std::string valueOf(const std::map<std::string, std::string>& environment,
                    const std::string& name) {
    const auto found = environment.find(name);
    return found == environment.end() ? "" : found->second;
}

std::optional<std::chrono::microseconds> watchdogOf(
    const std::map<std::string, std::string>& environment, pid_t self) {
    const std::string meant = valueOf(environment, "WATCHDOG_PID");
    if (!meant.empty() && meant != std::to_string(self)) {
        return std::nullopt;
    }
    const std::string text = valueOf(environment, "WATCHDOG_USEC");
    std::int64_t microseconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), microseconds);
    if (error != std::errc{} || end != text.data() + text.size() || microseconds <= 0) {
        return std::nullopt;
    }
    return std::chrono::microseconds(microseconds);
}

}  // namespace

ServiceManager::ServiceManager(const std::map<std::string, std::string>& environment, pid_t self) {
    const std::string path = valueOf(environment, "NOTIFY_SOCKET");
    if (path.size() < 2 || path.size() >= sizeof address_.sun_path ||
        (path[0] != '/' && path[0] != '@')) {
        return;
    }
    address_.sun_family = AF_UNIX;
    std::memcpy(address_.sun_path, path.data(), path.size());
    if (path[0] == '@') {
        address_.sun_path[0] = '\0';  // an abstract name: its length is the address's
    }
    address_length_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
    socket_ = net::Descriptor(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const timeval patience{1, 0};
    ::setsockopt(socket_.value(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    watchdog_ = watchdogOf(environment, self);
}

void ServiceManager::send(std::string_view assignment, std::string_view value) {
    if (!listens()) {
        return;
    }
    std::string message(assignment);
    const std::size_t begin = message.size();
    message += value;
    // A line break would begin another assignment.
    std::replace(message.begin() + static_cast<std::ptrdiff_t>(begin), message.end(), '\n', ' ');
    // What cannot be told is lost: the manager draws its own conclusions from silence.
    static_cast<void>(::sendto(socket_.value(), message.data(), message.size(), MSG_NOSIGNAL,
                               reinterpret_cast<const sockaddr*>(&address_), address_length_));
}

}  // namespace hub::daemon
