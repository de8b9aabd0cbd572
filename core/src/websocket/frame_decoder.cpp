#include "websocket/frame_decoder.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace hub::websocket {
namespace {

using Kind = Decoded::Kind;

constexpr std::size_t kStartBytes = 2;  // of a header: what tells how long the header is
constexpr std::size_t kKeyBytes = 4;

std::uint8_t byteOf(const char* header, std::size_t index) noexcept {
    return static_cast<std::uint8_t>(header[index]);
}

bool isFinal(const char* header) noexcept { return (byteOf(header, 0) & 0x80U) != 0; }
bool isMasked(const char* header) noexcept { return (byteOf(header, 1) & 0x80U) != 0; }
std::uint8_t opcodeBits(const char* header) noexcept { return byteOf(header, 0) & 0x0FU; }
std::uint8_t lengthBits(const char* header) noexcept { return byteOf(header, 1) & 0x7FU; }
bool isControl(std::uint8_t opcode_bits) noexcept { return (opcode_bits & 0x08U) != 0; }

bool isReserved(std::uint8_t opcode_bits) noexcept { return (opcode_bits & 0x07U) > 2; }

std::size_t lengthBytes(const char* header) noexcept {
    const std::uint8_t bits = lengthBits(header);
    return bits == 127 ? 8 : bits == 126 ? 2 : 0;
}

std::size_t headerBytes(const char* header) noexcept {
    return kStartBytes + lengthBytes(header) + (isMasked(header) ? kKeyBytes : 0);
}

std::uint64_t payloadLength(const char* header) noexcept {
    const std::size_t extended = lengthBytes(header);
    if (extended == 0) return lengthBits(header);
    std::uint64_t length = 0;
    for (std::size_t i = 0; i < extended; ++i) {
        length = length << 8 | byteOf(header, kStartBytes + i);
    }
    return length;
}

// The key for what follows `count` bytes masked with `key`.
MaskingKey rotated(const MaskingKey& key, std::size_t count) noexcept {
    MaskingKey result{};
    for (std::size_t i = 0; i < key.size(); ++i) result[i] = key[(count + i) % key.size()];
    return result;
}

// RFC 6455, 5.2: the shortest form must be used, and the highest of 64 bits is 0.
bool isMinimal(const char* header, std::uint64_t length) noexcept {
    switch (lengthBytes(header)) {
        case 2:
            return length > 125;
        case 8:
            return length > 0xFFFF && length >> 63 == 0;
    }
    return true;
}

}  // namespace

Decoded FrameDecoder::next(std::span<char>& bytes) {
    if (gathered_) dropDelivered();
    while (true) {
        if (over_) {
            bytes = {};
            return {};
        }
        if (!in_frame_) {
            const Decoded broken = readHeader(bytes);
            if (!in_frame_) return broken;
        }
        const std::span<char> part =
            bytes.first(static_cast<std::size_t>(std::min<std::uint64_t>(missing_, bytes.size())));
        bytes = bytes.subspan(part.size());
        missing_ -= part.size();
        in_frame_ = missing_ > 0;
        if (role_ == Role::Server) {
            applyMask(part, key_);
            if (in_frame_) key_ = rotated(key_, part.size());
        }
        const std::string_view payload(part.data(), part.size());
        const Decoded decoded =
            isControl(static_cast<std::uint8_t>(opcode_)) ? control(payload) : data(payload);
        if (decoded.kind != Kind::Nothing || in_frame_) return decoded;
    }
}

FrameDecoder::Gathered& FrameDecoder::gathered() {
    if (!gathered_) gathered_ = std::make_unique<Gathered>();
    return *gathered_;
}

void FrameDecoder::dropDelivered() noexcept {
    const bool in_progress =
        gathered_->header_size > 0 || !gathered_->message.empty() || !gathered_->control.empty();
    if (!in_progress) {
        gathered_.reset();
    } else if (!gathered_->delivered.empty()) {
        std::string().swap(gathered_->delivered);
    }
}

Decoded FrameDecoder::readHeader(std::span<char>& bytes) {
    if (bytes.empty()) return {};
    const bool begun = gathered_ && gathered_->header_size > 0;
    if (!begun && bytes.size() >= kStartBytes && bytes.size() >= headerBytes(bytes.data())) {
        const char* const header = bytes.data();
        bytes = bytes.subspan(headerBytes(header));
        const std::string_view rule = rulesOnStart(header);
        return rule.empty() ? beginFrame(header) : violation(CloseCode::ProtocolError, rule);
    }
    std::uint8_t& size = gathered().header_size;
    std::array<char, FrameHeader::kMaxBytes>& header = gathered_->header;
    const auto gather = [&](std::size_t wanted) {
        const std::size_t count = std::min(wanted - size, bytes.size());
        std::memcpy(header.data() + size, bytes.data(), count);
        size = static_cast<std::uint8_t>(size + count);
        bytes = bytes.subspan(count);
        return size == wanted;
    };
    if (size < kStartBytes) {
        if (!gather(kStartBytes)) return {};
        const std::string_view rule = rulesOnStart(header.data());
        if (!rule.empty()) return violation(CloseCode::ProtocolError, rule);
    }
    if (!gather(headerBytes(header.data()))) return {};
    size = 0;
    return beginFrame(header.data());
}

// The rule that the first two bytes of a header break, or "".
std::string_view FrameDecoder::rulesOnStart(const char* header) const noexcept {
    const std::uint8_t opcode = opcodeBits(header);
    if ((byteOf(header, 0) & 0x70U) != 0) return "reserved bits must be 0";
    if (isReserved(opcode)) return "reserved opcode";
    if (isMasked(header) != (role_ == Role::Server)) {
        return role_ == Role::Server ? "a client must mask its frames"
                                     : "a server must not mask its frames";
    }
    if (isControl(opcode)) {
        if (!isFinal(header)) return "a control frame must not be fragmented";
        if (lengthBits(header) > kMaxControlPayload) {
            return "a control frame may have at most 125 bytes";
        }
    } else if ((opcode == static_cast<std::uint8_t>(Opcode::Continuation)) != in_message_) {
        return in_message_ ? "a message must be continued before the next one begins"
                           : "there is no message to continue";
    }
    return {};
}

// Takes over a complete header whose first two bytes are checked.
Decoded FrameDecoder::beginFrame(const char* header) {
    const std::uint64_t length = payloadLength(header);
    if (!isMinimal(header, length)) {
        return violation(CloseCode::ProtocolError, "a length must have its shortest form");
    }
    opcode_ = static_cast<Opcode>(opcodeBits(header));
    final_ = isFinal(header);
    if (!isControl(opcodeBits(header))) {
        if (opcode_ != Opcode::Continuation) {
            in_message_ = true;
            text_ = opcode_ == Opcode::Text;
            fragments_ = 0;
        }
        const std::size_t before = gathered_ ? gathered_->message.size() : 0;
        if (length > limits_.message_bytes - before) {
            return violation(CloseCode::MessageTooBig, "the message is longer than allowed here");
        }
        if (++fragments_ > limits_.fragments) {
            return violation(CloseCode::PolicyViolation, "the message has too many fragments");
        }
    }
    if (isMasked(header)) {
        std::memcpy(key_.data(), header + headerBytes(header) - kKeyBytes, kKeyBytes);
    }
    missing_ = length;
    in_frame_ = true;
    return {};
}

Decoded FrameDecoder::data(std::string_view part) {
    const bool last = final_ && !in_frame_;
    if (text_ && (!utf8_.accept(part) || (last && !utf8_.complete()))) {
        return violation(CloseCode::InvalidPayload, "text must be UTF-8");
    }
    if (!last) {
        gathered().message += part;
        return {};
    }
    if (gathered_ && !gathered_->message.empty()) {
        gathered_->message += part;
        part = gathered_->delivered = std::exchange(gathered_->message, {});
    }
    in_message_ = false;
    return {text_ ? Kind::Text : Kind::Binary, CloseCode::NoStatus, part};
}

Decoded FrameDecoder::control(std::string_view part) {
    if (in_frame_) {
        gathered().control += part;
        return {};
    }
    if (gathered_ && !gathered_->control.empty()) {
        gathered_->control += part;
        part = gathered_->delivered = std::exchange(gathered_->control, {});
    }
    if (opcode_ == Opcode::Close) return close(part);
    return {opcode_ == Opcode::Ping ? Kind::Ping : Kind::Pong, CloseCode::NoStatus, part};
}

// RFC 6455, 5.5.1 and 7.4.
Decoded FrameDecoder::close(std::string_view payload) {
    over_ = true;
    if (payload.empty()) return {Kind::Close, CloseCode::NoStatus, {}};
    if (payload.size() < 2) {
        return violation(CloseCode::ProtocolError, "a close code has two bytes");
    }
    const auto code =
        static_cast<CloseCode>(byteOf(payload.data(), 0) << 8 | byteOf(payload.data(), 1));
    if (!isSendable(code)) return violation(CloseCode::ProtocolError, "invalid close code");
    const std::string_view reason = payload.substr(2);
    Utf8Validator utf8;
    if (!utf8.accept(reason) || !utf8.complete()) {
        return violation(CloseCode::InvalidPayload, "a close reason must be UTF-8");
    }
    return {Kind::Close, code, reason};
}

Decoded FrameDecoder::violation(CloseCode code, std::string_view rule) noexcept {
    over_ = true;
    in_frame_ = false;
    return {Kind::Violation, code, rule};
}

}  // namespace hub::websocket
