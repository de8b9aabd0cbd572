#pragma once

#include "http/target.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hub::http {

// `/api/devices/{id}`: literal segments, and `{name}` for one whole segment that is not empty.
class RoutePattern {
public:
    // Throws std::invalid_argument with the rule that `text` breaks.
    explicit RoutePattern(std::string_view text);

    [[nodiscard]] const std::string& text() const noexcept { return text_; }
    // A path under `/api/` may be written without that prefix; the functions below take patterns
    // as they read then, by `skip` = 1 instead of 0 segments left out.
    [[nodiscard]] bool prefixIsOptional() const noexcept;

    [[nodiscard]] bool matches(const Path& path, std::size_t skip) const noexcept;
    // The parameters' names, views into the pattern, with the segments in their places, views into
    // the path, which matches.
    [[nodiscard]] std::vector<std::pair<std::string_view, std::string_view>> parameters(
        const Path& path, std::size_t skip) const;

    // Negative when this is to be tried before the other, zero when they match the same paths.
    [[nodiscard]] int compare(std::size_t skip, const RoutePattern& other,
                              std::size_t other_skip) const noexcept;

private:
    struct Segment {
        std::string text;  // literal, or the parameter's name
        bool parameter = false;
    };
    static Segment parseSegment(std::string_view pattern, std::string_view segment);

    std::string text_;
    std::vector<Segment> segments_;
};

}  // namespace hub::http
