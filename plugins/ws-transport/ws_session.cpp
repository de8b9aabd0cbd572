#include "ws_session.h"

#include "hub/http.h"

#include <limits>
#include <utility>

namespace hub::ws_transport {
namespace {

CloseCode closeCodeFor(OfflineReason reason) noexcept {
    switch (reason) {
        case OfflineReason::TakenOver:
            return CloseCode::TakenOver;
        case OfflineReason::HubStopped:
        case OfflineReason::HubRestarted:
            return CloseCode::GoingAway;
        case OfflineReason::None:
        case OfflineReason::Closed:
        case OfflineReason::Lost:
        case OfflineReason::Timeout:
        case OfflineReason::Kicked:
            break;
    }
    return CloseCode::PolicyViolation;
}

std::string_view closeReasonFor(OfflineReason reason) noexcept {
    return reason == OfflineReason::TakenOver ? "taken over" : toString(reason);
}

OfflineReason offlineReasonFor(LinkEnd::Cause cause) noexcept {
    switch (cause) {
        case LinkEnd::Cause::PeerClosed:
            return OfflineReason::Closed;
        case LinkEnd::Cause::Silent:
            return OfflineReason::Timeout;
        case LinkEnd::Cause::HubStopping:
            return OfflineReason::HubStopped;
        case LinkEnd::Cause::Broken:
        case LinkEnd::Cause::ProtocolError:
        case LinkEnd::Cause::QueueFull:
        case LinkEnd::Cause::ClosedByUs:
            break;
    }
    return OfflineReason::Lost;
}

}  // namespace

WsSession::WsSession(WebSocketLink& link, std::string_view device_id, IoThread& thread)
    : link_(link),
      thread_(thread),
      beginning_(new Beginning{std::string(device_id), thread.surroundings.clock.steady(), {}}) {
    link_.setIdleTimeout(kTimeoutBeforeFirst);
}

std::uint64_t WsSession::wordForGranted() noexcept {
    return static_cast<std::uint64_t>(OfflineReason::None);
}

std::uint64_t WsSession::wordForDisconnect(OfflineReason reason) noexcept {
    return static_cast<std::uint64_t>(reason);
}

// No reason to disconnect.
std::uint64_t WsSession::wordForQueueFull() noexcept {
    return std::numeric_limits<std::uint64_t>::max();
}

AckTag WsSession::tag() const noexcept { return AckTag{reinterpret_cast<std::uintptr_t>(this)}; }

WsSession& WsSession::from(AckTag tag) noexcept {
    return *reinterpret_cast<WsSession*>(static_cast<std::uintptr_t>(tag));
}

void WsSession::onText(std::string_view text) {
    if (!thread_.decoder.decode(text)) {
        thread_.surroundings.refused.add();
        if (device_) device_->seen();
        const DecodeError& error = thread_.decoder.error();
        return refuse(error.message, error.message_id);
    }
    const DeviceMessage& message = thread_.decoder.message();
    if (device_) {
        publish(message);
    } else {
        open(message);
    }
}

void WsSession::open(const DeviceMessage& message) {
    auto opened = thread_.surroundings.devices.open(
        beginning_->device_id,
        {thread_.surroundings.transport, link_.id(), link_.remoteAddress(), beginning_->opened},
        message, tagFor(message), link_.events());
    if (!opened) return refuse(opened.error().message, message.message_id);
    device_ = std::move(*opened);
    link_.registered();
    link_.setIdleTimeout(device_->timeout());
    if (device_->active()) {
        beginning_.reset();
        return awaitDurability(message);
    }
    beginning_->first = message.document;
    link_.pause();
}

void WsSession::publish(const DeviceMessage& message) {
    const std::chrono::milliseconds timeout = device_->timeout();
    // Nothing is taken before the device is granted to this link, nor after its session has ended.
    if (!device_->publish(message, tagFor(message))) return;
    awaitDurability(message);
    // It may have changed with what the device says of itself.
    if (device_->timeout() != timeout) link_.setIdleTimeout(device_->timeout());
}

void WsSession::onNotify(std::uint64_t word) {
    if (word == wordForGranted()) return onGranted();
    if (word == wordForQueueFull()) return closeUnread();
    disconnect(static_cast<OfflineReason>(word));
}

void WsSession::onGranted() {
    if (!beginning_ || !device_) return;
    const std::unique_ptr<Beginning> beginning = std::move(beginning_);
    if (thread_.decoder.decode(beginning->first)) publish(thread_.decoder.message());
    link_.resume();
}

void WsSession::disconnect(OfflineReason reason) {
    if (device_) device_->end(reason);
    link_.close(closeCodeFor(reason), closeReasonFor(reason));
}

// It does not read what is sent to it; connecting again it begins with an empty queue.
void WsSession::closeUnread() {
    if (device_) device_->end(OfflineReason::Lost);
    link_.close(CloseCode::TryAgainLater, "the device does not read");
}

void WsSession::onControl() noexcept {
    if (device_) device_->seen();
}

void WsSession::onEnd(const LinkEnd& end) noexcept {
    if (device_) device_->end(offlineReasonFor(end.cause));
}

AckTag WsSession::tagFor(const DeviceMessage& message) const noexcept {
    return thread_.surroundings.acknowledges && !message.message_id.empty() ? tag() : AckTag::None;
}

void WsSession::awaitDurability(const DeviceMessage& message) {
    if (tagFor(message) == AckTag::None) return;
    pending_acks_.push(message.message_id);
    if (!paused_for_acks_ && pending_acks_.bytes() >= kPendingAcksLimit) {
        paused_for_acks_ = true;
        link_.pause();
    }
}

void WsSession::onDurable() {
    std::string& text = thread_.scratch;
    text = R"({"message_type":"ack","msg_id":)";
    text += pending_acks_.front();
    text += '}';
    pending_acks_.pop();
    link_.send(text);
    if (paused_for_acks_ && pending_acks_.bytes() < kPendingAcksLimit / 2) {
        paused_for_acks_ = false;
        link_.resume();
    }
}

// Answers a message that was not taken; the link lives on.
void WsSession::refuse(std::string_view error, std::string_view message_id) {
    if (thread_.surroundings.logger.enabled(LogLevel::Debug)) logRefusal(error);
    std::string& text = thread_.scratch;
    text = R"({"message_type":"error","error":)";
    appendJsonString(text, error);
    if (!message_id.empty()) {
        text += R"(,"msg_id":)";
        text += message_id;
    }
    text += '}';
    link_.send(text);
}

// The address leads to the device: it stands in the line that tells of its being online.
void WsSession::logRefusal(std::string_view error) const {
    std::string line = "a message from ";
    if (beginning_) line.append(beginning_->device_id).append(" at ");
    line.append(link_.remoteAddress()).append(" is refused: ").append(error);
    thread_.surroundings.logger.debug(line);
}

}  // namespace hub::ws_transport
