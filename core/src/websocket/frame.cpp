#include "websocket/frame.h"

#include <algorithm>
#include <cstring>

namespace hub::websocket {
namespace {

constexpr std::uint8_t kFin = 0x80;
constexpr std::uint8_t kMasked = 0x80;
constexpr std::uint8_t kLength16 = 126;
constexpr std::uint8_t kLength64 = 127;

bool continuesCharacter(char byte) noexcept {
    return (static_cast<std::uint8_t>(byte) & 0xC0U) == 0x80;
}

}  // namespace

FrameHeader::FrameHeader(Opcode opcode, std::size_t payload_bytes,
                         const std::optional<MaskingKey>& key) noexcept {
    const auto put = [this](std::uint64_t byte) {
        bytes_[size_++] = static_cast<char>(static_cast<std::uint8_t>(byte));
    };
    const auto put_length = [&](int length_bytes) {
        for (int shift = 8 * (length_bytes - 1); shift >= 0; shift -= 8)
            put(payload_bytes >> shift);
    };
    const std::uint8_t mask_bit = key ? kMasked : 0;

    put(kFin | static_cast<std::uint8_t>(opcode));
    if (payload_bytes < kLength16) {
        put(mask_bit | payload_bytes);
    } else if (payload_bytes <= 0xFFFF) {
        put(mask_bit | kLength16);
        put_length(2);
    } else {
        put(mask_bit | kLength64);
        put_length(8);
    }
    if (key) {
        for (const std::uint8_t byte : *key) put(byte);
    }
}

void appendFrame(std::string& out, Opcode opcode, std::string_view payload,
                 const std::optional<MaskingKey>& key) {
    out += FrameHeader(opcode, payload.size(), key).bytes();
    const std::size_t begin = out.size();
    out += payload;
    if (key) applyMask({out.data() + begin, payload.size()}, *key);
}

void applyMask(std::span<char> bytes, MaskingKey key) noexcept {
    std::uint64_t wide = 0;
    std::memcpy(&wide, key.data(), key.size());
    std::memcpy(reinterpret_cast<char*>(&wide) + key.size(), key.data(), key.size());

    char* at = bytes.data();
    std::size_t left = bytes.size();
    for (; left >= sizeof(wide); left -= sizeof(wide), at += sizeof(wide)) {
        std::uint64_t word = 0;
        std::memcpy(&word, at, sizeof(word));
        word ^= wide;
        std::memcpy(at, &word, sizeof(word));
    }
    for (std::size_t i = 0; i < left; ++i) {
        at[i] = static_cast<char>(static_cast<std::uint8_t>(at[i]) ^ key[i % key.size()]);
    }
}

bool isSendable(CloseCode code) noexcept {
    const auto number = static_cast<std::uint16_t>(code);
    return (number >= 1000 && number <= 1003) || (number >= 1007 && number <= 1014) ||
           (number >= 3000 && number <= 4999);
}

std::string closePayload(CloseCode code, std::string_view reason) {
    if (!isSendable(code)) return {};
    std::size_t length = std::min(reason.size(), kMaxCloseReason);
    while (length > 0 && length < reason.size() && continuesCharacter(reason[length])) --length;

    const auto number = static_cast<std::uint16_t>(code);
    std::string payload{static_cast<char>(number >> 8), static_cast<char>(number & 0xFF)};
    payload += reason.substr(0, length);
    return payload;
}

}  // namespace hub::websocket
