// Feeds a FrameDecoder one stream in three ways: whole, cut in two, and byte by byte. All must tell
// the same. The first byte of the input chooses the role and the limits, the second where to cut.
#include "websocket/frame_decoder.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace {

using hub::CloseCode;
using hub::websocket::Decoded;
using hub::websocket::FrameDecoder;
using hub::websocket::isSendable;
using hub::websocket::Role;
using hub::websocket::Utf8Validator;

struct Told {
    Decoded::Kind kind;
    CloseCode code;
    std::string payload;

    bool operator==(const Told&) const = default;
};

void require(bool condition) {
    if (!condition) std::abort();
}

bool isUtf8(std::string_view text) {
    Utf8Validator utf8;
    return utf8.accept(text) && utf8.complete();
}

// What may be told at all, whatever came.
void check(const Decoded& decoded, const FrameDecoder::Limits& limits) {
    switch (decoded.kind) {
        case Decoded::Kind::Nothing:
            return;
        case Decoded::Kind::Text:
            require(isUtf8(decoded.payload));
            [[fallthrough]];
        case Decoded::Kind::Binary:
            return require(decoded.payload.size() <= limits.message_bytes);
        case Decoded::Kind::Ping:
        case Decoded::Kind::Pong:
            return require(decoded.payload.size() <= hub::websocket::kMaxControlPayload);
        case Decoded::Kind::Close:
            require(decoded.code == CloseCode::NoStatus || isSendable(decoded.code));
            return require(isUtf8(decoded.payload));
        case Decoded::Kind::Violation:
            require(isSendable(decoded.code));
            return require(!decoded.payload.empty());
    }
}

std::vector<Told> decode(Role role, const FrameDecoder::Limits& limits, std::string_view stream,
                         std::size_t first_piece, std::size_t later_pieces) {
    FrameDecoder decoder(role, limits);
    std::vector<Told> told;
    std::vector<char> memory;  // exactly as long as the piece, so that ASan sees what reads beyond
    std::size_t length = first_piece;
    while (!stream.empty()) {
        length = std::clamp<std::size_t>(length, 1, stream.size());
        if (memory.size() != length) memory = std::vector<char>(length);
        std::copy_n(stream.begin(), length, memory.begin());
        stream.remove_prefix(length);
        length = later_pieces;
        std::span<char> bytes(memory);
        while (true) {
            const Decoded decoded = decoder.next(bytes);
            check(decoded, limits);
            if (decoded.kind == Decoded::Kind::Nothing) break;
            told.push_back({decoded.kind, decoded.code, std::string(decoded.payload)});
        }
        require(bytes.empty());
    }
    return told;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    if (size < 2) return 0;
    const Role role = (bytes[0] & 1U) != 0 ? Role::Client : Role::Server;
    const FrameDecoder::Limits limits{std::uint32_t{16} << (bytes[0] >> 4),
                                      1 + ((bytes[0] >> 1U) & 7U)};
    const std::string_view stream(reinterpret_cast<const char*>(bytes) + 2, size - 2);

    const auto whole = decode(role, limits, stream, stream.size(), 0);
    require(whole == decode(role, limits, stream, bytes[1], stream.size()));
    require(whole == decode(role, limits, stream, 1, 1));
    return 0;
}
