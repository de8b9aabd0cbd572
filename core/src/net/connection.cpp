#include "net/connection.h"

#include "net/connection_set.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <utility>

namespace hub::net {
namespace {

bool wouldBlock(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

// A string would have to hold more than its size, and room for a short one.
std::unique_ptr<const char[]> textOf(const std::string& address) {
    auto text = std::make_unique<char[]>(address.size() + 1);
    address.copy(text.get(), address.size());
    return text;
}

}  // namespace

void Protocol::onWritten(Connection& /*connection*/) {}
void Protocol::onDrained(Connection& /*connection*/) {}
void Protocol::onFin(Connection& /*connection*/) {}
bool Protocol::delaysEnd(Connection& /*connection*/) noexcept { return false; }

Connection& Connection::adopt(Loop& loop, Descriptor socket, const std::string& address,
                              std::unique_ptr<Protocol> protocol,
                              ConnectionLimiter::Admission admission) {
    std::unique_ptr<Connection> connection{new Connection{
        loop, std::move(socket), address, std::move(protocol), std::move(admission)}};
    const int descriptor = connection->socket_.value();
    loop.add(descriptor, connection->watched_, *connection);
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return loop.connections_->add(std::move(connection));
}

Connection::Connection(Loop& loop, Descriptor socket, const std::string& address,
                       std::unique_ptr<Protocol> protocol, ConnectionLimiter::Admission admission)
    : loop_(loop),
      socket_(std::move(socket)),
      address_(textOf(address)),
      protocol_(std::move(protocol)),
      admission_(std::move(admission)),
      watched_(EPOLLIN) {}

// Closing a socket with unread input resets it, and may take the answer from the peer: so what has
// come is dropped first. Waiting for more would cost what a refusal is to save.
void Connection::refuse(Descriptor socket, std::string_view why) noexcept {
    ::send(socket.value(), why.data(), why.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    ::shutdown(socket.value(), SHUT_WR);
    std::array<char, 16 * 1024> unread;
    ::recv(socket.value(), unread.data(), unread.size(), MSG_DONTWAIT);
}

Connection::~Connection() { loop_.remove(socket_.value(), *this); }

Loop& Connection::loop() noexcept { return loop_; }

std::string_view Connection::remoteAddress() const noexcept { return address_.get(); }

std::size_t Connection::queued() const noexcept {
    return output_ ? output_->bytes.size() - output_->written : 0;
}

bool Connection::paused() const noexcept { return paused_; }

void Connection::send(std::string_view bytes) {
    if (state_ != State::Open || bytes.empty()) return;
    if (!output_) output_ = std::make_unique<Output>();
    output_->bytes.append(bytes);
    loop_.connections_->scheduleFlush(*this);
}

// The descriptor stays watched until something comes: most pauses are over before.
void Connection::pause(AtFin at_fin) {
    if (!std::exchange(paused_, true)) at_fin_ = at_fin;
}

void Connection::resume() {
    if (!std::exchange(paused_, false) || state_ != State::Open) return;
    watch((watched_ | EPOLLIN) & ~std::uint32_t{EPOLLRDHUP});
    if (tail_ || offering_) loop_.connections_->scheduleOffer(*this);
}

void Connection::close() {
    if (state_ != State::Open) return;
    state_ = State::Draining;
    end_ = ConnectionEnd::Closed;
    beginDraining();
    loop_.connections_->scheduleFlush(*this);
}

void Connection::abort() {
    aborted_ = true;
    end(ConnectionEnd::Closed, State::Gone);
}

void Connection::become(std::unique_ptr<Protocol> protocol) {
    assert(state_ == State::Open);
    successor_ = std::move(protocol);
    if (!offering_) loop_.connections_->scheduleOffer(*this);
}

void Connection::onReady(std::uint32_t events) {
    if (state_ == State::Gone) return;
    if (state_ == State::Lingering) return discard();
    if ((events & EPOLLOUT) != 0) loop_.connections_->scheduleFlush(*this);
    if ((events & EPOLLIN) != 0) {
        if (state_ == State::Open && !paused_) return receive();
        // Unread bytes would be reported for ever; the FIN behind them can be watched by itself.
        const bool awaits_fin = state_ == State::Open && at_fin_ != AtFin::Wait;
        watch((watched_ & ~std::uint32_t{EPOLLIN}) | (awaits_fin ? std::uint32_t{EPOLLRDHUP} : 0));
    } else if ((events & (EPOLLHUP | EPOLLERR)) != 0) {
        end(ConnectionEnd::Broken, State::Gone);
    } else if ((events & EPOLLRDHUP) != 0) {
        const bool concerns = state_ == State::Open && paused_;
        if (concerns && at_fin_ == AtFin::End) return peerFinished();
        watch(watched_ & ~std::uint32_t{EPOLLRDHUP});
        if (concerns) protocol_->onFin(*this);
    }
}

void Connection::receive() {
    const std::span<char> buffer = loop_.readBuffer();
    const ssize_t count = ::recv(socket_.value(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (count > 0) {
        deliver(buffer.first(static_cast<std::size_t>(count)));
    } else if (count == 0) {
        peerFinished();
    } else if (!wouldBlock(errno)) {
        end(ConnectionEnd::Broken, State::Gone);
    }
}

void Connection::peerFinished() {
    peer_finished_ = true;
    // What is queued is still owed to a peer that only finished sending.
    if (queued() == 0) return end(ConnectionEnd::PeerClosed, State::Gone);
    end(ConnectionEnd::PeerClosed, State::Draining);
    beginDraining();
    watch(watched_ & ~std::uint32_t{EPOLLIN | EPOLLRDHUP});
}

void Connection::discard() {
    const std::span<char> buffer = loop_.readBuffer();
    const ssize_t count = ::recv(socket_.value(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (count == 0 || (count < 0 && !wouldBlock(errno))) end(ConnectionEnd::Closed, State::Gone);
}

// Offers the tail and `fresh`, which lies at the begin of the read buffer.
void Connection::deliver(std::span<char> fresh) {
    const std::size_t left = tail_ ? tail_->size() : 0;
    if (left > Loop::kTailRoom) return deliverBehindLongTail(fresh);
    char* const begin = fresh.data() - left;
    if (tail_) std::copy(tail_->begin(), tail_->end(), begin);
    const std::span<char> bytes(begin, left + fresh.size());
    keepTail(bytes.subspan(offer(bytes)));
}

// Offers them in the tail itself, so that a long one is not copied for every packet.
void Connection::deliverBehindLongTail(std::span<char> fresh) {
    tail_->append(fresh.data(), fresh.size());
    const std::size_t size = tail_->size();
    tail_->append(Loop::kSlack, '\0');
    const std::size_t taken = offer({tail_->data(), size});
    if (taken == size) return tail_.reset();
    tail_->resize(size);
    tail_->erase(0, taken);
}

std::size_t Connection::offer(std::span<char> bytes) {
    std::size_t taken = 0;
    offering_ = true;
    while (taken < bytes.size() && state_ == State::Open && !paused_) {
        taken += protocol_->onBytes(*this, bytes.subspan(taken));
        assert(taken <= bytes.size());
        if (!successor_) break;
        protocol_ = std::move(successor_);
    }
    offering_ = false;
    return taken;
}

void Connection::keepTail(std::span<const char> bytes) {
    if (bytes.empty()) {
        tail_.reset();
    } else if (tail_) {
        tail_->assign(bytes.data(), bytes.size());
    } else {
        tail_ = std::make_unique<std::string>(bytes.data(), bytes.size());
    }
}

void Connection::offerTail() {
    if (successor_) protocol_ = std::move(successor_);
    if (state_ == State::Open && !paused_ && tail_) deliver(loop_.readBuffer().first(0));
}

void Connection::flush() {
    if (state_ != State::Open && state_ != State::Draining) return;
    const std::size_t before = queued();
    const bool drained = writeOut();
    if (drained && state_ == State::Draining) return finishWriting();
    if (state_ == State::Open && queued() < before) protocol_->onWritten(*this);
    if (state_ == State::Open && before > 0 && drained) protocol_->onDrained(*this);
}

// True when nothing is left to write.
bool Connection::writeOut() {
    if (queued() > 0) {
        const ssize_t count = ::send(socket_.value(), output_->bytes.data() + output_->written,
                                     queued(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count < 0 && !wouldBlock(errno)) {
            end(ConnectionEnd::Broken, State::Gone);
            return false;
        }
        if (count > 0) {
            output_->written += static_cast<std::size_t>(count);
            if (state_ == State::Draining) awaitProgress();
        }
    }
    if (queued() > 0) {
        // Moving the rest once half is written keeps a queue that never empties in its bound.
        if (output_->written > queued()) {
            output_->bytes.erase(0, output_->written);
            output_->written = 0;
        }
        watch(watched_ | EPOLLOUT);
        return false;
    }
    output_.reset();
    watch(watched_ & ~std::uint32_t{EPOLLOUT});
    return true;
}

void Connection::beginDraining() {
    closing_.reset(new Closing{{loop_, [this] { end(ConnectionEnd::Closed, State::Gone); }},
                               loop_.now() + drainTime(queued())});
    awaitProgress();
}

void Connection::awaitProgress() {
    closing_->deadline.arm(std::min(loop_.now() + kDrainLimit, closing_->drained_by));
}

void Connection::finishWriting() {
    if (peer_finished_) return end(ConnectionEnd::Closed, State::Gone);
    ::shutdown(socket_.value(), SHUT_WR);
    closing_->deadline.arm(loop_.now() + kLingerLimit);
    watch(EPOLLIN);
    end(ConnectionEnd::Closed, State::Lingering);
}

// The first reason counts.
void Connection::end(ConnectionEnd end, State state) {
    if (!end_) end_ = end;
    state_ = state;
    loop_.connections_->scheduleEnd(*this);
}

void Connection::tellEnd() noexcept {
    if (!protocol_) return;
    if (successor_) protocol_ = std::move(successor_);
    if (!aborted_ && protocol_->delaysEnd(*this)) {
        // Its hang-up would be reported for ever.
        if (state_ == State::Gone) loop_.remove(socket_.value(), *this);
        return;
    }
    protocol_->onEnd(*this, *end_);
    protocol_.reset();
}

void Connection::watch(std::uint32_t events) {
    if (events == watched_) return;
    watched_ = events;
    loop_.change(socket_.value(), events, *this);
}

}  // namespace hub::net
