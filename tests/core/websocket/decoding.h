#pragma once

#include "websocket/frame_decoder.h"

#include <cstddef>
#include <initializer_list>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hub::websocket {

inline constexpr MaskingKey kKey{0x37, 0xFA, 0x21, 0x3D};

// One thing that a decoder told, kept beyond its next call.
struct Told {
    Decoded::Kind kind;
    CloseCode code = CloseCode::NoStatus;
    std::string payload;

    bool operator==(const Told&) const = default;
};

inline std::ostream& operator<<(std::ostream& out, const Told& told) {
    return out << "kind " << static_cast<int>(told.kind) << ", code " << static_cast<int>(told.code)
               << ", " << told.payload.size() << " bytes: " << told.payload.substr(0, 60);
}

inline Told text(std::string_view payload) {
    return {Decoded::Kind::Text, CloseCode::NoStatus, std::string(payload)};
}

// Feeds `pieces` one after the other, each from memory of its own, so that reading outside of it
// is found by a sanitizer.
inline std::vector<Told> decode(FrameDecoder& decoder, std::span<const std::string_view> pieces) {
    std::vector<Told> told;
    for (const std::string_view piece : pieces) {
        std::vector<char> memory(piece.begin(), piece.end());
        std::span<char> bytes(memory);
        while (true) {
            const Decoded next = decoder.next(bytes);
            if (next.kind == Decoded::Kind::Nothing) break;
            told.push_back({next.kind, next.code, std::string(next.payload)});
        }
    }
    return told;
}

inline std::vector<Told> decode(FrameDecoder& decoder, std::string_view stream) {
    return decode(decoder, std::span(&stream, 1));
}

// A frame as a client would send it, right or wrong: `first` holds FIN, reserved bits and opcode.
inline std::string clientFrame(unsigned first, std::string_view payload) {
    std::string bytes;
    appendFrame(bytes, Opcode::Text, payload, kKey);
    bytes[0] = static_cast<char>(static_cast<unsigned char>(first));
    return bytes;
}

inline std::string bytes(std::initializer_list<unsigned> values) {
    std::string result;
    for (const unsigned value : values) {
        result += static_cast<char>(static_cast<unsigned char>(value));
    }
    return result;
}

}  // namespace hub::websocket
