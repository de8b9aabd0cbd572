#include "net/acceptor.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>

#include "net/socket_address.h"

namespace hub::net {
namespace {

// In one turn, so that those who are connected are served in between.
constexpr int kBurst = 64;
// How long the loop leaves the socket alone when the process has no descriptor left: the connection
// stays in the queue, and epoll would report it for ever.
constexpr std::chrono::milliseconds kRest{100};
// Connections come and go at the limit: one line for all of that is enough.
constexpr std::chrono::minutes kComplaintInterval{1};

bool isExhaustion(int error) {
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

Acceptor::Acceptor(Loop& loop, Descriptor socket, Logger& logger,
                   const Listener::Accepted& accepted)
    : loop_(loop),
      socket_(std::move(socket)),
      logger_(logger),
      accepted_(accepted),
      resting_(loop, [this] { loop_.change(socket_.value(), EPOLLIN, *this); }) {}

Acceptor::~Acceptor() {
    if (started_) loop_.remove(socket_.value(), *this);
}

void Acceptor::start() {
    loop_.add(socket_.value(), EPOLLIN, *this);
    started_ = true;
}

void Acceptor::onReady(std::uint32_t /*events*/) {
    for (int i = 0; i < kBurst; ++i) {
        sockaddr_storage peer{};
        socklen_t size = sizeof peer;
        const int descriptor = ::accept4(socket_.value(), reinterpret_cast<sockaddr*>(&peer), &size,
                                         SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor >= 0) {
            accepted_(loop_, descriptor, SocketAddress{peer}.text());
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            return;
        } else if (isExhaustion(errno)) {
            return rest(errno);
        }
        // Any other error is that of one connection which is gone already: accept(2).
    }
}

void Acceptor::rest(int error) {
    loop_.change(socket_.value(), 0, *this);
    resting_.arm(loop_.now() + kRest);
    if (loop_.now() < next_complaint_) return;
    next_complaint_ = loop_.now() + kComplaintInterval;
    logger_.error("cannot accept connections: " + std::system_category().message(error) +
                  " (raise the limit of open files; new connections wait meanwhile)");
}

}  // namespace hub::net
