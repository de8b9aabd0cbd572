#include "net/listener.h"

#include "net/acceptor.h"
#include "net/socket_address.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace hub::net {
namespace {

constexpr int kBacklog = 4096;

[[noreturn]] void refuse(const std::string& where, const std::string& why) {
    throw std::runtime_error("cannot listen on " + where + ": " + why);
}

[[noreturn]] void refuse(const SocketAddress& address, int error) {
    switch (error) {
        case EADDRINUSE:
            refuse(address.text(),
                   "address already in use (is another hub running? choose another port with "
                   "--port)");
        case EACCES:
            refuse(address.text(),
                   "permission denied (ports below 1024 need a privilege; choose another port "
                   "with --port)");
        case EADDRNOTAVAIL:
            refuse(address.text(), "this machine does not have the address");
        default:
            refuse(address.text(), std::system_category().message(error));
    }
}

void enable(int descriptor, int level, int option, int value = 1) {
    ::setsockopt(descriptor, level, option, &value, sizeof value);
}

Descriptor makeSocket(const SocketAddress& address) {
    Descriptor socket{::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (socket.value() < 0) refuse(address, errno);
    enable(socket.value(), SOL_SOCKET, SO_REUSEADDR);
    // `::` means IPv4 too.
    if (address.family() == AF_INET6) enable(socket.value(), IPPROTO_IPV6, IPV6_V6ONLY, 0);
    return socket;
}

void bindAndListen(const Descriptor& socket, const SocketAddress& address) {
    if (::bind(socket.value(), address.get(), address.size()) < 0 ||
        ::listen(socket.value(), kBacklog) < 0) {
        refuse(address, errno);
    }
}

// SO_REUSEPORT would let a second hub of the same user share the port and take half of the devices.
// So the first socket listens without it, which only one process can, and gets it afterwards; then
// the others may join it.
std::vector<Descriptor> openSockets(const SocketAddress& wanted, std::size_t count) {
    std::vector<Descriptor> sockets;
    sockets.push_back(makeSocket(wanted));
    bindAndListen(sockets.front(), wanted);
    enable(sockets.front().value(), SOL_SOCKET, SO_REUSEPORT);
    const SocketAddress address = SocketAddress::ofSocket(sockets.front().value());
    while (sockets.size() < count) {
        sockets.push_back(makeSocket(address));
        enable(sockets.back().value(), SOL_SOCKET, SO_REUSEPORT);
        bindAndListen(sockets.back(), address);
    }
    return sockets;
}

}  // namespace

Listener::Listener(LoopGroup& loops, const std::string& address, std::uint16_t port, Logger& logger,
                   Service& service)
    : loops_(loops) {
    const auto parsed = SocketAddress::parse(address, port);
    if (!parsed) {
        refuse("'" + address + "'",
               "not an IP address (use for instance 127.0.0.1, 0.0.0.0, ::1, :: or localhost)");
    }
    auto sockets = openSockets(*parsed, loops.size());
    port_ = SocketAddress::ofSocket(sockets.front().value()).port();
    for (std::size_t i = 0; i < loops.size(); ++i) {
        acceptors_.push_back(std::make_unique<Acceptor>(loops[i], std::move(sockets[i]),
                                                        spares_missing_, logger, service));
    }
}

Listener::~Listener() { stop(); }

void Listener::start() {
    started_ = true;
    for (std::size_t i = 0; i < acceptors_.size(); ++i) {
        loops_[i].post([&acceptor = *acceptors_[i]] { acceptor.start(); });
    }
}

void Listener::stop() noexcept {
    for (std::size_t i = 0; started_ && i < acceptors_.size(); ++i) {
        loops_[i].call([this, i] { acceptors_[i].reset(); });
    }
    acceptors_.clear();  // with those of loops that have ended
}

}  // namespace hub::net
