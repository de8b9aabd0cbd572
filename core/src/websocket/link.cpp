#include "websocket/link.h"

#include "websocket/link_table.h"
#include "websocket/mount.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace hub::websocket {
namespace {

// Of a client's control frame: two bytes and the masking key.
constexpr std::size_t kControlHeaderBytes = 6;

}  // namespace

Link::Link(net::Connection& connection, LinkTable& table, Mount& mount)
    : connection_(connection),
      table_(table),
      mount_(mount),
      id_(table.add(*this)),
      decoder_(Role::Server, {static_cast<std::uint32_t>(mount.limits().message_bytes),
                              static_cast<std::uint32_t>(mount.limits().fragments)}),
      timer_(connection.loop(), [this] { onTimer(); }),
      silence_(connection.loop().now(), mount.limits().first_message) {
    mount_.sessionOpened();
}

Link::~Link() {
    // Only when no session came of it, or the connection never became this link's.
    if (state_ != State::Over) tellEnd();
}

void Link::open(WebSocketEndpoint& endpoint, const HttpRequest& request, std::string& head) {
    head_ = &head;
    session_ = endpoint.open(*this, request);
    head_ = nullptr;
    if (state_ == State::Open) armTimer();
}

std::size_t Link::onBytes(net::Connection& connection, std::span<char> bytes) {
    silence_.heard(connection.loop().now());
    std::span<char> rest = bytes;
    while (state_ == State::Open || state_ == State::Closing) {
        yieldToLog();
        if (connection.paused()) break;
        const Decoded decoded = backlog_ ? readAhead(rest) : decoder_.next(rest);
        if (decoded.kind == Decoded::Kind::Nothing) break;
        dispatch(decoded);
    }
    settle();
    const std::size_t taken = bytes.size() - rest.size();
    table_.counts().bytes_in.add(taken);
    return taken;
}

void Link::dispatch(const Decoded& decoded) {
    switch (decoded.kind) {
        case Decoded::Kind::Nothing:
            return;
        case Decoded::Kind::Text:
        case Decoded::Kind::Binary:
            return onMessage(decoded);
        case Decoded::Kind::Ping:
        case Decoded::Kind::Pong:
            return onControl(decoded);
        case Decoded::Kind::Close:
            return onClose(decoded);
        case Decoded::Kind::Violation:
            return fail({LinkEnd::Cause::ProtocolError, decoded.code}, decoded.payload);
    }
}

void Link::onMessage(const Decoded& decoded) {
    if (state_ != State::Open) return;
    table_.counts().messages_in.add();
    if (backlog_) return backlog_->push(decoded.kind, decoded.payload);
    deliver(decoded.kind, decoded.payload);
}

void Link::deliver(Decoded::Kind kind, std::string_view payload) noexcept {
    guarded([&] {
        if (kind == Decoded::Kind::Text) {
            session_->onText(payload);
        } else if (!session_->onBinary(payload)) {
            fail({LinkEnd::Cause::ProtocolError, CloseCode::UnsupportedPayload},
                 "binary messages are not understood here");
        }
    });
}

void Link::onControl(const Decoded& decoded) {
    if (state_ != State::Open) return;
    if (decoded.kind == Decoded::Kind::Ping) send(Opcode::Pong, decoded.payload);
    session_->onControl();
    if (backlog_) backlog_->refund(kControlHeaderBytes + decoded.payload.size());
}

// RFC 6455, 5.5.1: a close frame is answered with one of the same code, unless it is an answer.
void Link::onClose(const Decoded& decoded) { fail({LinkEnd::Cause::PeerClosed, decoded.code}, {}); }

void Link::notify(std::uint64_t word) {
    if (state_ == State::Open || state_ == State::Waiting) {
        guarded([&] { session_->onNotify(word); });
    }
    settle();
}

template <class Call>
void Link::guarded(Call&& call) noexcept {
    try {
        call();
    } catch (const std::exception& exception) {
        sessionThrew(exception.what());
    } catch (...) {
        sessionThrew("an exception of an unknown type");
    }
}

void Link::sessionThrew(std::string_view what) noexcept {
    mount_.logException(what);
    dropBacklog();
    fail({LinkEnd::Cause::ClosedByUs, CloseCode::InternalError}, "internal error");
}

bool Link::send(std::string_view text) { return send(Opcode::Text, text); }

bool Link::send(Opcode opcode, std::string_view payload) {
    if (state_ != State::Open) return false;
    if (!fits(FrameHeader::kMaxBytes + payload.size())) {
        fail({LinkEnd::Cause::QueueFull, CloseCode::TryAgainLater}, "too much waits to be read");
        return false;
    }
    put(opcode, payload);
    if (opcode == Opcode::Text) table_.counts().messages_out.add();
    return true;
}

Delivery Link::reserve(std::size_t bytes) noexcept {
    if (state_ != State::Open) return Delivery::Unreachable;
    if (!fits(bytes)) return Delivery::Busy;
    reserved_ += static_cast<std::uint32_t>(bytes);
    return Delivery::Accepted;
}

void Link::sendReserved(std::string_view frame) {
    reserved_ -= static_cast<std::uint32_t>(frame.size());
    if (state_ != State::Open) return;
    put(frame);
    table_.counts().messages_out.add();
}

bool Link::fits(std::size_t bytes) const noexcept {
    const std::size_t queued = queued_.load(std::memory_order_relaxed);
    return queued + reserved_ + bytes <= mount_.limits().queue_bytes;
}

void Link::put(Opcode opcode, std::string_view payload) {
    put(FrameHeader(opcode, payload.size()).bytes());
    put(payload);
}

void Link::put(std::string_view frame) {
    table_.counts().bytes_out.add(frame.size());
    if (queued_ == 0) taken_ = connection_.loop().now();
    if (head_ != nullptr) {
        head_->append(frame);
        queued_ += static_cast<std::uint32_t>(frame.size());
    } else {
        connection_.send(frame);
        noteQueued();
    }
}

void Link::onWritten(net::Connection& connection) {
    taken_ = connection.loop().now();
    noteQueued();
}

void Link::noteQueued() noexcept {
    queued_.store(static_cast<std::uint32_t>(connection_.queued()), std::memory_order_relaxed);
}

std::chrono::nanoseconds Link::unread() const noexcept {
    if (queued_ == 0) return std::chrono::nanoseconds::zero();
    return connection_.loop().now() - taken_;
}

void Link::setIdleTimeout(std::chrono::milliseconds timeout) {
    silence_.setTimeout(timeout);
    if (state_ == State::Open && !paused()) armTimer();
}

void Link::registered() {
    silence_.registered();
    connection_.admission().registered();
}

void Link::judgeSilence() {
    const SteadyTime now = connection_.loop().now();
    switch (silence_.judge(now)) {
        case Silence::Verdict::Bearable:
            break;
        case Silence::Verdict::PingDue:
            silence_.pinged(now);
            send(Opcode::Ping, {});
            break;
        case Silence::Verdict::TooLong:
            fail({LinkEnd::Cause::Silent, CloseCode::PolicyViolation}, "silent for too long");
            break;
        case Silence::Verdict::NotRegistered:
            fail({LinkEnd::Cause::Silent, CloseCode::PolicyViolation}, "not registered in time");
            break;
    }
    if (state_ == State::Open) return armTimer();
    settle();
}

// Set once for the next time that something could be due. A message only moves that out: so when
// the time has come it is looked at again.
void Link::armTimer() {
    if (silence_.due() != SteadyTime::max()) timer_.arm(silence_.due());
}

std::string_view Link::remoteAddress() const noexcept { return connection_.remoteAddress(); }

EventSink& Link::events() noexcept { return table_.events(); }

}  // namespace hub::websocket
