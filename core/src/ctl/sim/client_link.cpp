#include "ctl/sim/client_link.h"

#include "ctl/sim/client_handshake.h"
#include "net/loop.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace hub::ctl::sim {

using websocket::Decoded;
using websocket::Opcode;

namespace {

constexpr websocket::FrameDecoder::Limits kLimits{.message_bytes = ClientLink::kMaxMessage,
                                                  .fragments = 1024};

std::string describe(const Decoded& close) {
    std::string text = "closed by the hub";
    if (close.code != CloseCode::NoStatus) {
        text += " with " + std::to_string(static_cast<std::uint16_t>(close.code));
    }
    if (!close.payload.empty()) text += " (" + std::string(close.payload) + ')';
    return text;
}

}  // namespace

ClientLink& ClientLink::begin(net::Loop& loop, net::Descriptor descriptor, const Target& target,
                              std::mt19937& random, Observer& observer) {
    std::unique_ptr<ClientLink> owned(new ClientLink(random, observer));
    ClientLink& link = *owned;
    link.last_heard_ = loop.now();
    link.connection_ =
        &net::Connection::adopt(loop, std::move(descriptor), target.authority, std::move(owned));
    link.connection_->send(handshakeRequest(target.authority, target.device_id, link.key_));
    return link;
}

ClientLink::ClientLink(std::mt19937& random, Observer& observer)
    : random_(random),
      observer_(observer),
      key_(handshakeKey(random)),
      decoder_(websocket::Role::Client, kLimits) {}

bool ClientLink::send(std::string_view text) {
    if (state_ != State::Open) return false;
    sendFrame(Opcode::Text, text);
    return true;
}

bool ClientLink::hasRoom() const noexcept {
    return state_ == State::Open && connection_->queued() < kMaxQueued;
}

void ClientLink::close(CloseCode code) {
    if (state_ == State::Handshaking) return abort("given up during the handshake");
    if (state_ != State::Open) return;
    sendFrame(Opcode::Close, websocket::closePayload(code, ""));
    state_ = State::Closing;
    end_reason_ = "closed";
}

void ClientLink::abort(std::string_view reason) {
    if (state_ == State::Over) return;
    state_ = State::Over;
    end_reason_ = reason;
    connection_->abort();
}

SteadyTime ClientLink::onTime(SteadyTime now) {
    if (now >= last_heard_ + kLostAfter) {
        abort("nothing heard from the hub for 45 s");
        return SteadyTime::max();
    }
    if (state_ == State::Open && now >= std::max(last_heard_, last_ping_) + kPingAfter) {
        sendFrame(Opcode::Ping, "");
        last_ping_ = now;
    }
    return std::max(last_heard_, last_ping_) + kPingAfter;
}

std::size_t ClientLink::onBytes(net::Connection& connection, std::span<char> bytes) {
    const std::size_t offered = bytes.size();
    last_heard_ = connection.loop().now();
    if (state_ == State::Handshaking && !finishHandshake(bytes)) {
        return state_ == State::Handshaking ? 0 : offered;
    }
    onMessages(bytes);
    return offered;
}

// True when the link is open and `bytes` is cut down to what follows the handshake.
bool ClientLink::finishHandshake(std::span<char>& bytes) {
    const auto accepted = readHandshakeAnswer({bytes.data(), bytes.size()}, key_);
    if (!accepted) {
        abort(accepted.error().message);
        return false;
    }
    if (*accepted == 0) return false;
    bytes = bytes.subspan(*accepted);
    key_ = {};
    state_ = State::Open;
    observer_.onOpen();
    return true;
}

void ClientLink::onMessages(std::span<char> bytes) {
    while (state_ != State::Over) {
        const Decoded decoded = decoder_.next(bytes);
        switch (decoded.kind) {
            case Decoded::Kind::Nothing:
                return;
            case Decoded::Kind::Text:
                observer_.onText(decoded.payload);
                break;
            case Decoded::Kind::Ping:
                if (state_ == State::Open) sendFrame(Opcode::Pong, decoded.payload);
                break;
            case Decoded::Kind::Binary:  // nothing that a device of this hub knows
            case Decoded::Kind::Pong:
                break;
            case Decoded::Kind::Close:
            case Decoded::Kind::Violation:
                onClose(decoded);
                return;
        }
    }
}

void ClientLink::onClose(const Decoded& close) {
    const bool violation = close.kind == Decoded::Kind::Violation;
    if (state_ == State::Open) {
        end_reason_ = violation
                          ? "the hub broke the WebSocket protocol: " + std::string(close.payload)
                          : describe(close);
        sendFrame(Opcode::Close, websocket::closePayload(close.code, ""));
    }
    state_ = State::Over;
    connection_->close();
}

void ClientLink::onDrained(net::Connection& /*connection*/) {
    if (state_ == State::Open) observer_.onDrained();
}

void ClientLink::onEnd(net::Connection& /*connection*/, net::ConnectionEnd end) noexcept {
    const bool handshaking = state_ == State::Handshaking;
    state_ = State::Over;
    if (end_reason_.empty()) {
        switch (end) {
            case net::ConnectionEnd::PeerClosed:
                end_reason_ = handshaking ? "the hub hung up during the handshake"
                                          : "the hub hung up without a close frame";
                break;
            case net::ConnectionEnd::Broken:
                end_reason_ = "the connection broke";
                break;
            case net::ConnectionEnd::Closed:
                end_reason_ = "the simulation ended";
                break;
        }
    }
    observer_.onEnd(end_reason_);
}

void ClientLink::sendFrame(Opcode opcode, std::string_view payload) {
    const auto bits = static_cast<std::uint32_t>(random_());
    const websocket::MaskingKey key{
        static_cast<std::uint8_t>(bits >> 24), static_cast<std::uint8_t>(bits >> 16),
        static_cast<std::uint8_t>(bits >> 8), static_cast<std::uint8_t>(bits)};
    std::string frame;
    frame.reserve(websocket::FrameHeader::kMaxBytes + payload.size());
    websocket::appendFrame(frame, opcode, payload, key);
    connection_->send(frame);
}

}  // namespace hub::ctl::sim
