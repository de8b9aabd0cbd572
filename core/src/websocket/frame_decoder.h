#pragma once

#include "websocket/frame.h"
#include "websocket/utf8_validator.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace hub::websocket {

// What a FrameDecoder found.
struct Decoded {
    enum class Kind : std::uint8_t {
        Nothing,    // more bytes are needed
        Text,       // a whole message, valid UTF-8
        Binary,     // a whole message
        Ping,       // `payload` is to be sent back in a pong
        Pong,       // `payload` is that of a ping
        Close,      // `code` is the peer's (NoStatus when it gave none), `payload` its reason
        Violation,  // `code` is what to close with, `payload` names the broken rule
    };

    Kind kind = Kind::Nothing;
    CloseCode code = CloseCode::NoStatus;
    std::string_view payload;  // in the bytes read or in the decoder: valid until its next call
};

// Reads one direction of a WebSocket link (RFC 6455, 5 and 8.1), strictly: whatever the standard
// forbids is a violation, and nothing of a frame that breaks a rule is delivered.
//
// A message or control frame that lies whole in the bytes read is unmasked and delivered in place,
// without a copy or an allocation. Anything else is gathered in a buffer that grows with what has
// come, never with the length a frame merely states, and that is freed with the message.
class FrameDecoder {
public:
    struct Limits {
        std::uint32_t message_bytes;  // a longer message is MessageTooBig, known from its header on
        std::uint32_t fragments;      // of one message, empty ones too; more is a PolicyViolation
    };

    // `role` is the reader's: a server takes masked frames only, a client unmasked ones.
    FrameDecoder(Role role, const Limits& limits) noexcept : limits_(limits), role_(role) {}

    // Reads on, from the front of `bytes`, up to the end of the next message or control frame, and
    // cuts off what it took. Nothing: all was taken. After a Close or a Violation the link is over
    // in this direction: further bytes are dropped.
    [[nodiscard]] Decoded next(std::span<char>& bytes);

private:
    // What has come of something that did not lie whole in the bytes read.
    struct Gathered {
        std::uint8_t header_size = 0;
        std::array<char, FrameHeader::kMaxBytes> header{};
        std::string message;
        std::string control;    // a control frame's payload
        std::string delivered;  // a whole payload, kept until the next call
    };

    [[nodiscard]] Gathered& gathered();
    void dropDelivered() noexcept;
    [[nodiscard]] Decoded readHeader(std::span<char>& bytes);
    [[nodiscard]] Decoded beginFrame(const char* header);
    [[nodiscard]] Decoded control(std::string_view part);
    [[nodiscard]] Decoded data(std::string_view part);
    [[nodiscard]] Decoded close(std::string_view payload);
    [[nodiscard]] Decoded violation(CloseCode code, std::string_view rule) noexcept;
    [[nodiscard]] std::string_view rulesOnStart(const char* header) const noexcept;

    // Constant after construction.
    Limits limits_;
    Role role_;

    bool over_ = false;

    // The data message in progress: control frames may stand between its fragments.
    bool in_message_ = false;
    bool text_ = false;
    Utf8Validator utf8_;
    std::uint32_t fragments_ = 0;

    // The frame in progress.
    MaskingKey key_{};
    std::uint64_t missing_ = 0;  // payload bytes still to come
    bool in_frame_ = false;
    bool final_ = false;
    Opcode opcode_ = Opcode::Continuation;

    std::unique_ptr<Gathered> gathered_;  // null while there is nothing of it
};

}  // namespace hub::websocket
