#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hub::http {

// A path, percent-decoded and cut into segments. It is cut first: an encoded slash belongs to its
// segment.
class Path {
public:
    // `raw` as in RequestHead. Nothing when an escape is not `%` and two hexadecimal digits, or
    // stands for a control character, and when the text is not UTF-8.
    [[nodiscard]] static std::optional<Path> decode(std::string_view raw);

    [[nodiscard]] std::string_view text() const noexcept { return text_; }
    // Segments lie behind each `/`: `/` has one, which is empty. `*` has none.
    [[nodiscard]] std::size_t segmentCount() const noexcept { return ends_.size(); }
    [[nodiscard]] std::string_view segment(std::size_t index) const noexcept;

private:
    std::string text_;
    std::vector<std::uint16_t> ends_;  // of each segment in text_
};

// The `name=value` pairs of a query in their order, percent-decoded, `+` as a space.
class Query {
public:
    // Nothing when an escape is not `%` and two hexadecimal digits, or a text is not UTF-8.
    [[nodiscard]] static std::optional<Query> decode(std::string_view raw);

    // The first value of that name.
    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const noexcept;

private:
    std::vector<std::pair<std::string, std::string>> pairs_;
};

}  // namespace hub::http
