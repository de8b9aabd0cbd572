#include "websocket/link.h"

#include "websocket/link_table.h"
#include "websocket/mount.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace hub::websocket {
namespace {

// After a pause, silence is not judged before what the peer sent meanwhile could be read.
constexpr std::chrono::seconds kReadGrace{1};

// Of a client's control frame: two bytes and the masking key.
constexpr std::size_t kControlHeaderBytes = 6;

constexpr LinkEnd kBroken{LinkEnd::Cause::Broken, CloseCode::AbnormalClosure};

}  // namespace

Link::Link(net::Connection& connection, LinkTable& table, Mount& mount)
    : connection_(connection),
      table_(table),
      mount_(mount),
      id_(table.add(*this)),
      decoder_(Role::Server, {mount.limits().message_bytes, mount.limits().fragments}),
      timer_(connection.loop(), [this] { onTimer(); }),
      silent_since_(connection.loop().now()),
      registration_due_(silent_since_ + mount.limits().first_message) {
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
    silent_since_ = connection.loop().now();
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

// Asked before each message: one of them may have filled the event log.
void Link::yieldToLog() {
    if (log_paused_ || state_ != State::Open) return;
    if (!mount_.limits().yields_to_log || !events().paused()) return;
    notePause();
    log_paused_ = true;
    backlog_ = std::make_unique<Backlog>(table_.backlogBudget());
    table_.yield(id_);
}

// While the log is full. Bounded by what may be taken, not by what was found: a frame that does not
// fit is taken in part, and gathered by the decoder.
Decoded Link::readAhead(std::span<char>& bytes) {
    std::span<char> allowed = bytes.first(std::min(bytes.size(), backlog_->room()));
    const std::size_t size = allowed.size();
    const Decoded decoded = decoder_.next(allowed);
    const std::size_t taken = size - allowed.size();
    backlog_->charge(taken);
    bytes = bytes.subspan(taken);
    if (decoded.kind == Decoded::Kind::Nothing && !bytes.empty()) stopReading();
    return decoded;
}

bool Link::hasBacklog() const noexcept { return backlog_ && !backlog_->empty(); }

// The session may pause, or close the link, with any message.
void Link::deliverBacklog(Bound bound) noexcept {
    while (hasBacklog() && !session_paused_) {
        if (bound == Bound::RoomInLog && events().paused()) return;
        const Backlog::Message message = backlog_->pop();
        deliver(message.kind, message.payload);
    }
}

// A link that waits has nothing to wait for then.
void Link::dropBacklog() noexcept {
    if (backlog_) table_.counts().messages_dropped.add(backlog_->size());
    backlog_.reset();
    if (state_ == State::Waiting) state_ = State::Ending;
}

void Link::awaitLog() noexcept {
    state_ = State::Waiting;
    accepting_ = false;
    connection_.pause();
    timer_.arm(connection_.loop().now() + kBacklogLimit);
}

// There is room in the event log again.
void Link::resumeFromLog() {
    deliverBacklog(Bound::RoomInLog);
    if (hasBacklog()) {
        if (!session_paused_) table_.yield(id_);
        return;
    }
    backlog_.reset();
    if (state_ == State::Waiting) state_ = State::Ending;
    readAgain(log_paused_);
    settle();
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
        mount_.logException(exception.what());
        dropBacklog();
        fail({LinkEnd::Cause::ClosedByUs, CloseCode::InternalError}, "internal error");
    } catch (...) {
        mount_.logException("an exception of an unknown type");
        dropBacklog();
        fail({LinkEnd::Cause::ClosedByUs, CloseCode::InternalError}, "internal error");
    }
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
    if (!accepting_) return Delivery::Unreachable;
    if (!fits(bytes)) return Delivery::Busy;
    reserved_ += bytes;
    return Delivery::Accepted;
}

void Link::sendReserved(std::string_view frame) {
    reserved_ -= frame.size();
    if (state_ != State::Open) return;
    put(frame);
    table_.counts().messages_out.add();
}

bool Link::fits(std::size_t bytes) const noexcept {
    const std::size_t limit = mount_.limits().queue_bytes;
    return queued_.load(std::memory_order_relaxed) + reserved_ + bytes <= limit;
}

void Link::put(Opcode opcode, std::string_view payload) {
    put(FrameHeader(opcode, payload.size()).bytes());
    put(payload);
}

void Link::put(std::string_view frame) {
    table_.counts().bytes_out.add(frame.size());
    if (head_ != nullptr) {
        head_->append(frame);
        queued_ += frame.size();
    } else {
        connection_.send(frame);
        queued_.store(connection_.queued(), std::memory_order_relaxed);
    }
}

void Link::onWritten(net::Connection& connection) {
    queued_.store(connection.queued(), std::memory_order_relaxed);
}

void Link::close(CloseCode code, std::string_view reason) {
    if (state_ == State::Waiting) {
        dropBacklog();
        return timer_.arm(connection_.loop().now());  // as in `fail`
    }
    if (state_ != State::Open) return;
    dropBacklog();
    sendClose(code, reason);
    end_ = {LinkEnd::Cause::ClosedByUs, code};
    state_ = State::Closing;
    readAgain(session_paused_);
    readAgain(log_paused_);
    timer_.arm(connection_.loop().now() + kCloseLimit);
}

// The link is to end with `end`, unless its session has closed it before. Told by `settle`, or by
// the timer when this comes from inside a call that is not the link's.
void Link::fail(LinkEnd end, std::string_view reason) {
    if (state_ == State::Waiting || state_ == State::Ending || state_ == State::Over) return;
    if (state_ == State::Open) {
        sendClose(end.code, reason);
        end_ = end;
    }
    state_ = State::Ending;
    timer_.arm(connection_.loop().now());
}

void Link::sendClose(CloseCode code, std::string_view reason) {
    accepting_ = false;
    put(Opcode::Close, closePayload(code, reason));
}

void Link::settle() noexcept {
    if (state_ != State::Ending) return;
    if (hasBacklog()) return awaitLog();
    tellEnd();
    connection_over_ ? connection_.abort() : connection_.close();
    timer_.arm(connection_.loop().now() + kCloseLimit);
}

void Link::tellEnd() noexcept {
    state_ = State::Over;
    accepting_ = false;
    table_.remove(*this);
    if (session_) {
        table_.counts().countClosed(end_.code);
        session_->onEnd(end_);
    }
    session_.reset();
    mount_.sessionGone();
}

bool Link::delaysEnd(net::Connection& /*connection*/) noexcept {
    if ((state_ == State::Open || state_ == State::Ending) && hasBacklog()) {
        if (state_ == State::Open) end_ = kBroken;
        awaitLog();
    }
    connection_over_ = state_ == State::Waiting;
    return connection_over_;
}

// With a backlog only when the loop ends.
void Link::onEnd(net::Connection& /*connection*/, net::ConnectionEnd /*end*/) noexcept {
    deliverBacklog(Bound::Nothing);
    dropBacklog();
    if (state_ == State::Open) end_ = kBroken;
    if (state_ != State::Over) tellEnd();
}

void Link::shutDown() {
    deliverBacklog(Bound::Nothing);
    dropBacklog();  // what a session that has paused cannot hear any more
    fail({LinkEnd::Cause::HubStopping, CloseCode::GoingAway}, "the hub is stopping");
    settle();
}

void Link::pause() {
    if (state_ != State::Open && state_ != State::Waiting) return;
    notePause();
    session_paused_ = true;
    stopReading();
}

void Link::resume() {
    readAgain(session_paused_);
    if (!hasBacklog()) return;
    // Not within a call of the session.
    table_.yield(id_);
    connection_.loop().wake();
}

void Link::notePause() noexcept {
    if (!paused()) paused_at_ = connection_.loop().now();
}

// A peer that is gone must not be shown as online until the pause is over. What it sent and nobody
// read was never acknowledged.
void Link::stopReading() { connection_.pause(net::Connection::AtFin::End); }

void Link::readAgain(bool& cause) {
    if (!std::exchange(cause, false) || session_paused_ || state_ == State::Waiting) return;
    connection_.resume();
    if (paused()) return;
    const SteadyTime now = connection_.loop().now();
    const auto stood_still = now - paused_at_;
    // It may have been heard during the pause.
    silent_since_ = std::min(silent_since_ + stood_still, now);
    silent_since_ = std::max(silent_since_, now + kReadGrace - idle_timeout_);
    registration_due_ = std::max(registration_due_ + stood_still, now + kReadGrace);
    if (state_ == State::Open) armTimer();
}

void Link::setIdleTimeout(std::chrono::milliseconds timeout) {
    idle_timeout_ = timeout;
    if (state_ == State::Open && !paused()) armTimer();
}

void Link::registered() {
    registered_ = true;
    connection_.admission().registered();
}

void Link::onTimer() {
    switch (state_) {
        case State::Open:
            if (!paused()) judgeSilence();
            return;
        case State::Closing:
            state_ = State::Ending;
            return settle();
        case State::Waiting:
            dropBacklog();
            return settle();
        case State::Ending:
            return settle();
        case State::Over:
            return connection_.abort();
    }
}

void Link::judgeSilence() {
    const SteadyTime now = connection_.loop().now();
    if (!registered_ && now >= registration_due_) {
        fail({LinkEnd::Cause::Silent, CloseCode::PolicyViolation}, "not registered in time");
    } else if (idle_timeout_.count() > 0 && now >= silent_since_ + idle_timeout_) {
        fail({LinkEnd::Cause::Silent, CloseCode::PolicyViolation}, "silent for too long");
    } else if (idle_timeout_.count() > 0 && now >= pingDue()) {
        pinged_at_ = now;
        send(Opcode::Ping, {});
    }
    if (state_ == State::Open) return armTimer();
    settle();
}

// Set once for the next time that something could be due. A message only moves `silent_since_`: so
// when the time has come it is looked at again.
void Link::armTimer() {
    SteadyTime due = registered_ ? SteadyTime::max() : registration_due_;
    if (idle_timeout_.count() > 0) due = std::min({due, pingDue(), silent_since_ + idle_timeout_});
    if (due != SteadyTime::max()) timer_.arm(due);
}

SteadyTime Link::pingDue() const noexcept {
    return std::max(silent_since_, pinged_at_) + idle_timeout_ / 3;
}

std::string_view Link::remoteAddress() const noexcept { return connection_.remoteAddress(); }

EventSink& Link::events() noexcept { return table_.events(); }

}  // namespace hub::websocket
