#pragma once

#include <cstdint>
#include <string_view>

namespace hub::websocket {

// Checks UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF) that comes in
// pieces, and rejects at the first byte that cannot be right.
class Utf8Validator {
public:
    // False: what has come so far cannot be the begin of valid UTF-8. Start anew then.
    [[nodiscard]] bool accept(std::string_view piece) noexcept;

    // True when what has come so far does not end within a character.
    [[nodiscard]] bool complete() const noexcept { return missing_ == 0; }

private:
    [[nodiscard]] bool beginCharacter(std::uint8_t lead) noexcept;

    std::uint8_t missing_ = 0;  // continuation bytes of the character in progress
    std::uint8_t lowest_ = 0;   // what the next of them may be
    std::uint8_t highest_ = 0;
};

}  // namespace hub::websocket
