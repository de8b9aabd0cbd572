#include "net/acceptor.h"

#include "net/socket_address.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>

namespace hub::net {
namespace {

// In one turn, so that those who are connected are served in between.
constexpr int kBurst = 64;
// How long the loop leaves the socket alone when not even the spare descriptor is there: the
// connection stays in the queue, and epoll would report it for ever.
constexpr std::chrono::milliseconds kRest{100};
// Connections come and go at the limit: one line for all of that is enough.
constexpr std::chrono::minutes kComplaintInterval{1};

bool isExhaustion(int error) {
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

Acceptor::Acceptor(Loop& loop, Descriptor socket, std::atomic<int>& spares_missing, Logger& logger,
                   Service& service)
    : loop_(loop),
      socket_(std::move(socket)),
      spares_missing_(spares_missing),
      logger_(logger),
      service_(service),
      resting_(loop, [this] { loop_.change(socket_.value(), EPOLLIN, *this); }) {
    ++spares_missing_;
    takeSpare();
}

Acceptor::~Acceptor() {
    if (started_) loop_.remove(socket_.value(), *this);
    if (spare_.value() < 0) --spares_missing_;
}

void Acceptor::start() {
    loop_.add(socket_.value(), EPOLLIN, *this);
    started_ = true;
}

void Acceptor::onReady(std::uint32_t /*events*/) {
    takeSpare();
    for (int i = 0; i < kBurst; ++i) {
        Outcome outcome = acceptOne();
        if (outcome == Outcome::Exhausted) outcome = turnOneAway();
        if (outcome == Outcome::NoneWaits) return;
        if (outcome == Outcome::Exhausted) return rest(errno);
    }
}

Acceptor::Outcome Acceptor::acceptOne() {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    Descriptor connection{::accept4(socket_.value(), reinterpret_cast<sockaddr*>(&peer), &size,
                                    SOCK_NONBLOCK | SOCK_CLOEXEC)};
    if (connection.value() >= 0) {
        if (spares_missing_ > 0) {
            service_.turnAway(loop_, std::move(connection), SocketAddress{peer});
        } else {
            service_.accept(loop_, std::move(connection), SocketAddress{peer});
        }
        return Outcome::Accepted;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) return Outcome::NoneWaits;
    // Any other error is that of one connection which is gone already: accept(2).
    return isExhaustion(errno) ? Outcome::Exhausted : Outcome::Gone;
}

Acceptor::Outcome Acceptor::turnOneAway() {
    if (spare_.value() < 0) return Outcome::Exhausted;
    ++spares_missing_;
    spare_ = Descriptor{};
    const Outcome outcome = acceptOne();
    const int error = errno;
    takeSpare();
    errno = error;
    return outcome;
}

void Acceptor::takeSpare() {
    if (spare_.value() >= 0) return;
    spare_ = Descriptor{::eventfd(0, EFD_CLOEXEC)};
    if (spare_.value() >= 0) --spares_missing_;
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
