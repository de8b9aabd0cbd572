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

// What is wrong with a device, or the hub, that a link ended so; "" for an end that may happen to
// any. Before its device is known, a silent link is one that has not registered it.
std::string_view faultIn(const LinkEnd& end, bool device_known) noexcept {
    switch (end.cause) {
        case LinkEnd::Cause::PeerClosed:
        case LinkEnd::Cause::Broken:
        case LinkEnd::Cause::HubStopping:
            return "";
        case LinkEnd::Cause::Silent:
            return device_known ? "" : "no device registered in time (ws.first_message)";
        case LinkEnd::Cause::ProtocolError:
        case LinkEnd::Cause::QueueFull:
        case LinkEnd::Cause::ClosedByUs:
            break;
    }
    switch (end.code) {
        case CloseCode::ProtocolError:
            return "its framing breaks RFC 6455";
        case CloseCode::UnsupportedPayload:
            return "a binary message";
        case CloseCode::InvalidPayload:
            return "text that is not UTF-8";
        case CloseCode::PolicyViolation:
            return end.cause == LinkEnd::Cause::ProtocolError ? "a message in too many fragments"
                                                              : "";
        case CloseCode::MessageTooBig:
            return "a message that is too long (ws.message_limit)";
        case CloseCode::InternalError:
            return "a fault in the hub, told before this";
        case CloseCode::TryAgainLater:
            return "the device does not read (ws.queue_limit)";
        case CloseCode::Normal:
        case CloseCode::GoingAway:
        case CloseCode::NoStatus:
        case CloseCode::AbnormalClosure:
        case CloseCode::TakenOver:
            return "";
    }
    return "";
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

// More may have come at once than it can read. When it does not read at all it begins with an empty
// queue by connecting again.
void WsSession::closeUnread() {
    if (link_.unread() < kUnreadLimit) return;
    if (device_) device_->end(OfflineReason::Lost);
    link_.close(CloseCode::TryAgainLater, "the device does not read");
}

void WsSession::onControl() noexcept {
    if (device_) device_->seen();
}

void WsSession::onEnd(const LinkEnd& end) noexcept {
    const OfflineReason reason = offlineReasonFor(end.cause);
    const std::string_view fault = faultIn(end, device_ != nullptr);
    if (!fault.empty()) logFault(end, fault);
    if (!device_) return;
    // The other reasons have one code each.
    const bool tells_more = reason == OfflineReason::Lost && end.cause != LinkEnd::Cause::Broken;
    device_->end(reason, tells_more ? static_cast<std::uint16_t>(end.code) : std::uint16_t{0});
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

void WsSession::logRefusal(std::string_view error) const {
    std::string line = "a message from ";
    line.append(deviceId()).append(" at ").append(link_.remoteAddress());
    thread_.surroundings.logger.debug(line.append(" is refused: ").append(error));
}

void WsSession::logFault(const LinkEnd& end, std::string_view fault) const {
    std::string line = "closed the link of ";
    line.append(deviceId()).append(" at ").append(link_.remoteAddress()).append(" with ");
    line += std::to_string(static_cast<std::uint16_t>(end.code));
    thread_.surroundings.throttled.warning(line.append(": ").append(fault));
}

// There is a beginning until the device is online through this link.
std::string_view WsSession::deviceId() const noexcept {
    return device_ ? device_->deviceId() : beginning_->device_id;
}

}  // namespace hub::ws_transport
