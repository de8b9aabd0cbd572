#include "ctl/sim/dial.h"

#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace hub::ctl::sim {

namespace {

std::string describe(int error) { return std::generic_category().message(error); }

Error failure() { return {Error::Kind::Unavailable, describe(errno)}; }

}  // namespace

Result<std::unique_ptr<Dial>> Dial::begin(net::Loop& loop, const Endpoint& hub,
                                          const std::optional<Endpoint>& source,
                                          Observer& observer) {
    net::Descriptor descriptor(
        ::socket(hub.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
    const int socket = descriptor.value();
    if (socket < 0) return failure();
    if (source) {
        // Without this, binding takes a port that no other connection may have, whatever its peer.
        const int on = 1;
        ::setsockopt(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
        if (::bind(socket, source->get(), source->length) != 0) return failure();
    }
    if (::connect(socket, hub.get(), hub.length) != 0 && errno != EINPROGRESS) return failure();
    try {
        return std::unique_ptr<Dial>(new Dial(loop, std::move(descriptor), observer));
    } catch (const std::system_error& error) {
        return Error{Error::Kind::Unavailable, error.what()};
    }
}

Dial::Dial(net::Loop& loop, net::Descriptor descriptor, Observer& observer)
    : loop_(loop), observer_(observer), descriptor_(std::move(descriptor)) {
    loop_.add(descriptor_.value(), EPOLLOUT, *this);
}

Dial::~Dial() {
    if (descriptor_.value() >= 0) loop_.remove(descriptor_.value(), *this);
}

void Dial::onReady(std::uint32_t /*events*/) {
    loop_.remove(descriptor_.value(), *this);
    net::Descriptor descriptor = std::move(descriptor_);
    int error = 0;
    socklen_t length = sizeof error;
    ::getsockopt(descriptor.value(), SOL_SOCKET, SO_ERROR, &error, &length);
    if (error == 0) {
        observer_.onConnected(std::move(descriptor));
    } else {
        observer_.onRefused(describe(error));
    }
}

}  // namespace hub::ctl::sim
