#include "http/field_syntax.h"

#include <algorithm>
#include <array>

namespace hub::http {
namespace {

constexpr std::array<bool, 256> kTokenCharacters = [] {
    std::array<bool, 256> table{};
    for (const char c : std::string_view("!#$%&'*+-.^_`|~0123456789"
                                         "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
        table[static_cast<unsigned char>(c)] = true;
    }
    return table;
}();

constexpr std::array<bool, 256> kFieldCharacters = [] {
    std::array<bool, 256> table{};
    for (std::size_t c = 0; c < table.size(); ++c) table[c] = c == '\t' || (c >= ' ' && c != 0x7f);
    return table;
}();

bool allIn(const std::array<bool, 256>& table, std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(),
                       [&](char c) { return table[static_cast<unsigned char>(c)]; });
}

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

}  // namespace

bool equalsIgnoringCase(std::string_view a, std::string_view b) noexcept {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                              [](char x, char y) { return lower(x) == lower(y); });
}

bool isToken(std::string_view text) noexcept {
    return !text.empty() && allIn(kTokenCharacters, text);
}

bool isFieldText(std::string_view text) noexcept { return allIn(kFieldCharacters, text); }

std::string_view trimmed(std::string_view text) noexcept {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string_view cutElement(std::string_view& list) noexcept {
    const std::string_view element = list.substr(0, list.find(','));
    list.remove_prefix(std::min(element.size() + 1, list.size()));
    return trimmed(element);
}

bool listContains(std::string_view list, std::string_view token) noexcept {
    while (!list.empty()) {
        if (equalsIgnoringCase(cutElement(list), token)) return true;
    }
    return false;
}

int hexDigit(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

}  // namespace hub::http
