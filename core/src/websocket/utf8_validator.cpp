#include "websocket/utf8_validator.h"

#include <cstring>

namespace hub::websocket {
namespace {

constexpr std::uint8_t kLowestContinuation = 0x80;
constexpr std::uint8_t kHighestContinuation = 0xBF;

const std::uint8_t* skipAscii(const std::uint8_t* at, const std::uint8_t* end) noexcept {
    constexpr std::uint64_t kHighBits = 0x8080808080808080U;
    while (end - at >= 16) {
        std::uint64_t words[2];
        std::memcpy(words, at, sizeof(words));
        if (((words[0] | words[1]) & kHighBits) != 0) break;
        at += sizeof(words);
    }
    while (at != end && *at < 0x80) ++at;
    return at;
}

}  // namespace

bool Utf8Validator::accept(std::string_view piece) noexcept {
    const auto* at = reinterpret_cast<const std::uint8_t*>(piece.data());
    const auto* const end = at + piece.size();
    while (at != end) {
        if (missing_ > 0) {
            if (*at < lowest_ || *at > highest_) return false;
            lowest_ = kLowestContinuation;
            highest_ = kHighestContinuation;
            --missing_;
            ++at;
        } else if (*at < 0x80) {
            at = skipAscii(at, end);
        } else if (!beginCharacter(*at++)) {
            return false;
        }
    }
    return true;
}

// RFC 3629, 4: the range of the second byte depends on the first.
bool Utf8Validator::beginCharacter(std::uint8_t lead) noexcept {
    if (lead < 0xC2 || lead > 0xF4) return false;
    missing_ = lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
    lowest_ = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : kLowestContinuation;
    highest_ = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : kHighestContinuation;
    return true;
}

}  // namespace hub::websocket
