#include "ctl/printable.h"

#include <algorithm>
#include <array>

namespace hub::ctl {

namespace {

constexpr unsigned char kDelete = 0x7F;
constexpr unsigned char kC1Lead = 0xC2;  // U+0080 to U+00BF are two bytes, this and their number

void appendEscaped(std::string& out, unsigned char code) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    out.append("\\u00").append({kDigits[code >> 4], kDigits[code & 15]});
}

}  // namespace

std::string printable(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : 0);
        if (byte < ' ' || byte == kDelete) {
            appendEscaped(out, byte);
        } else if (byte == kC1Lead && next >= 0x80 && next < 0xA0) {
            appendEscaped(out, next);
            ++i;
        } else {
            out += text[i];
        }
    }
    return out;
}

std::string printableJson(std::string_view json) {
    std::string spaced(json);
    std::ranges::replace_if(
        spaced, [](char c) { return c == '\t' || c == '\n' || c == '\r'; }, ' ');
    return printable(spaced);
}

std::size_t printedWidth(std::string_view text) noexcept {
    // Every character has one byte that does not continue another.
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace hub::ctl
