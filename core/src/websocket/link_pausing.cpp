#include "websocket/link.h"
#include "websocket/link_table.h"
#include "websocket/mount.h"

#include <algorithm>
#include <utility>

namespace hub::websocket {

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
    if (!paused()) silence_.pause(connection_.loop().now());
}

// A peer that is gone must not be shown as online until the pause is over. What it sent and nobody
// read was never acknowledged.
void Link::stopReading() { connection_.pause(net::Connection::AtFin::End); }

void Link::readAgain(bool& cause) {
    if (!std::exchange(cause, false) || session_paused_ || state_ == State::Waiting) return;
    connection_.resume();
    if (paused()) return;
    silence_.resume(connection_.loop().now());
    if (state_ == State::Open) armTimer();
}

// Asked before each message: one of them may have filled the event log.
void Link::yieldToLog() {
    if (log_paused_ || state_ != State::Open) return;
    if (!mount_.limits().yields_to_log || !events().paused()) return;
    notePause();
    log_paused_ = true;
    backlog_ = std::make_unique<Backlog>(table_.backlogs());
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

}  // namespace hub::websocket
