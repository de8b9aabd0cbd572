#pragma once

#include <string>
#include <string_view>

namespace hub::ctl {

// `text` (UTF-8) for a terminal: control characters (C0, DEL and C1), which could move the cursor
// or worse, and those that turn the direction of writing are written as JSON writes them, `\u001b`.
[[nodiscard]] std::string printable(std::string_view text);

// The same for a JSON text, which stays the same JSON: its line breaks and tabs become spaces.
[[nodiscard]] std::string printableJson(std::string_view json);

// How many characters of a terminal's line printable UTF-8 takes, if all are one wide.
[[nodiscard]] std::size_t printedWidth(std::string_view text) noexcept;

}  // namespace hub::ctl
