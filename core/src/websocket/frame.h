#pragma once

#include "hub/websocket.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace hub::websocket {

// Which end of a link this is. Clients mask what they send, servers never do (RFC 6455, 5.1).
enum class Role : std::uint8_t { Server, Client };

// RFC 6455, 5.2. The other values of the four bits are reserved.
enum class Opcode : std::uint8_t {
    Continuation = 0x0,
    Text = 0x1,
    Binary = 0x2,
    Close = 0x8,
    Ping = 0x9,
    Pong = 0xA,
};

// Masking (RFC 6455, 5.3): payload byte i is XORed with byte i mod 4.
using MaskingKey = std::array<std::uint8_t, 4>;

// The longest payload of a control frame (RFC 6455, 5.5), and the longest reason in a close frame.
inline constexpr std::size_t kMaxControlPayload = 125;
inline constexpr std::size_t kMaxCloseReason = kMaxControlPayload - 2;

// What stands before the payload of a frame: the last one of its message (FIN is set), in the
// shortest encoding of its length.
class FrameHeader {
public:
    static constexpr std::size_t kMaxBytes = 14;

    // With `key` the frame is a client's, and whoever sends it masks the payload.
    FrameHeader(Opcode opcode, std::size_t payload_bytes,
                const std::optional<MaskingKey>& key = std::nullopt) noexcept;

    [[nodiscard]] std::string_view bytes() const noexcept { return {bytes_.data(), size_}; }

private:
    std::array<char, kMaxBytes> bytes_{};
    std::uint8_t size_ = 0;
};

// Appends a whole frame to `out`: with `key` masked, as clients do.
void appendFrame(std::string& out, Opcode opcode, std::string_view payload,
                 const std::optional<MaskingKey>& key = std::nullopt);

// Masks or unmasks `bytes` in place; `key` begins at the first of them.
void applyMask(std::span<char> bytes, MaskingKey key) noexcept;

// True for a code that may stand in a close frame (RFC 6455, 7.4, and the IANA registry).
[[nodiscard]] bool isSendable(CloseCode code) noexcept;

// The payload of a close frame; empty for a code that may not stand in one. A reason longer than
// kMaxCloseReason is cut before the character that would not fit.
[[nodiscard]] std::string closePayload(CloseCode code, std::string_view reason);

}  // namespace hub::websocket
