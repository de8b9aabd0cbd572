#pragma once

#include <string_view>

namespace hub::http {

// The lexical rules of HTTP (RFC 9110, 5.5 and 5.6). All ASCII, whatever the locale.

[[nodiscard]] bool equalsIgnoringCase(std::string_view a, std::string_view b) noexcept;

// One or more tchar: a method or a field name.
[[nodiscard]] bool isToken(std::string_view text) noexcept;

// Visible characters, spaces, tabs and obs-text: no control character can hide in it.
[[nodiscard]] bool isFieldText(std::string_view text) noexcept;

// Without the spaces and tabs at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text) noexcept;

// Cuts the first element off a comma-separated `list`: without the white space around it.
[[nodiscard]] std::string_view cutElement(std::string_view& list) noexcept;

// True when `token` is an element of the comma-separated `list`, in any case.
[[nodiscard]] bool listContains(std::string_view list, std::string_view token) noexcept;

// The value of a hexadecimal digit, or -1.
[[nodiscard]] int hexDigit(char c) noexcept;

}  // namespace hub::http
