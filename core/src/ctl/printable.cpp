#include "ctl/printable.h"

#include <algorithm>
#include <array>
#include <utility>

namespace hub::ctl {

namespace {

constexpr unsigned char kDelete = 0x7F;
constexpr unsigned char kC1Lead = 0xC2;  // U+0080 to U+00BF are two bytes, this and their number

void appendEscaped(std::string& out, unsigned char code) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    out.append("\\u00").append({kDigits[code >> 4], kDigits[code & 15]});
}

// The code of a character at the beginning of `text` that turns the direction of what follows
// (Unicode Standard Annex 9, 2), which could make it read as something else; "" for none.
std::string_view bidiControl(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kControls{{
        {"\xd8\x9c", "061c"},
        {"\xe2\x80\x8e", "200e"},
        {"\xe2\x80\x8f", "200f"},
        {"\xe2\x80\xaa", "202a"},
        {"\xe2\x80\xab", "202b"},
        {"\xe2\x80\xac", "202c"},
        {"\xe2\x80\xad", "202d"},
        {"\xe2\x80\xae", "202e"},
        {"\xe2\x81\xa6", "2066"},
        {"\xe2\x81\xa7", "2067"},
        {"\xe2\x81\xa8", "2068"},
        {"\xe2\x81\xa9", "2069"},
    }};
    if ((text.front() & 0x80) == 0) return {};  // ASCII, as most are
    for (const auto& [character, code] : kControls) {
        if (text.starts_with(character)) return code;
    }
    return {};
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
        } else if (const auto code = bidiControl(text.substr(i)); !code.empty()) {
            out.append("\\u").append(code);
            i += code.starts_with('0') ? 1 : 2;
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
