#include "daemon/journal_target.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <system_error>

namespace hub::daemon {
namespace {

// As syslog(3) numbers them.
char priorityOf(LogLevel level) {
    switch (level) {
        case LogLevel::Debug:
            return '7';
        case LogLevel::Info:
            return '6';
        case LogLevel::Warning:
            return '4';
        case LogLevel::Error:
            return '3';
    }
    return '3';
}

}  // namespace

JournalTarget::JournalTarget(const std::filesystem::path& socket)
    : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    const std::string& path = socket.native();
    if (path.size() >= sizeof address_.sun_path) {
        throw std::runtime_error("cannot write to the journal at " + path +
                                 ": its path is too long");
    }
    address_.sun_family = AF_UNIX;
    std::memcpy(address_.sun_path, path.c_str(), path.size() + 1);
    // Only to see whether somebody is there: a connection would end with the journal's restart.
    const net::Descriptor probe(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (socket_.value() < 0 ||
        ::connect(probe.value(), reinterpret_cast<sockaddr*>(&address_), sizeof address_) != 0) {
        throw std::runtime_error("cannot write to the journal at " + path + ": " +
                                 std::generic_category().message(errno));
    }
}

bool JournalTarget::put(const LogLine& line) {
    std::string entry = "PRIORITY=";
    entry += priorityOf(line.level);
    entry.append("\nSYSLOG_IDENTIFIER=hubd\nHUB_LOGGER=").append(line.logger);
    entry.append("\nMESSAGE=").append(line.message).append("\n");
    return ::sendto(socket_.value(), entry.data(), entry.size(), MSG_NOSIGNAL,
                    reinterpret_cast<const sockaddr*>(&address_), sizeof address_) >= 0;
}

}  // namespace hub::daemon
