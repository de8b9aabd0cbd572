#include "websocket/link.h"
#include "websocket/link_table.h"
#include "websocket/mount.h"

namespace hub::websocket {
namespace {

constexpr LinkEnd kBroken{LinkEnd::Cause::Broken, CloseCode::AbnormalClosure};

}  // namespace

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
    if (state_ == State::Open) {
        sendClose(end.code, reason);
        end_ = end;
        state_ = State::Ending;
        timer_.arm(connection_.loop().now());
    } else if (state_ == State::Closing) {
        state_ = State::Answered;
    }
}

void Link::sendClose(CloseCode code, std::string_view reason) {
    put(Opcode::Close, closePayload(code, reason));
}

void Link::settle() noexcept {
    const bool limited = state_ == State::Answered;
    if (state_ != State::Ending && !limited) return;
    if (hasBacklog()) return awaitLog();
    tellEnd();
    connection_over_ ? connection_.abort() : connection_.close();
    if (!limited) timer_.arm(connection_.loop().now() + kCloseLimit);
}

void Link::tellEnd() noexcept {
    state_ = State::Over;
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

void Link::onTimer() {
    switch (state_.load()) {
        case State::Open:
            if (!paused()) judgeSilence();
            return;
        case State::Closing:
        case State::Answered:
            tellEnd();
            return connection_.abort();
        case State::Waiting:
            dropBacklog();
            return settle();
        case State::Ending:
            return settle();
        case State::Over:
            return connection_.abort();
    }
}

}  // namespace hub::websocket
