#include "http/route_pattern.h"

#include <algorithm>
#include <stdexcept>

namespace hub::http {
namespace {

constexpr std::string_view kApiPrefix = "api";

[[noreturn]] void refuse(std::string_view pattern, std::string_view rule) {
    throw std::invalid_argument("bad route pattern '" + std::string(pattern) +
                                "': " + std::string(rule));
}

bool isWord(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-' || c == '.' || c == '~';
    });
}

}  // namespace

RoutePattern::RoutePattern(std::string_view text) : text_(text) {
    if (!text.starts_with('/')) refuse(text, "it must begin with '/'");
    for (std::size_t begin = 1; begin <= text.size();) {
        const std::size_t end = std::min(text.find('/', begin), text.size());
        Segment segment = parseSegment(text, text.substr(begin, end - begin));
        for (const Segment& earlier : segments_) {
            if (segment.parameter && earlier.parameter && segment.text == earlier.text) {
                refuse(text, "a parameter's name stands twice");
            }
        }
        segments_.push_back(std::move(segment));
        begin = end + 1;
    }
}

RoutePattern::Segment RoutePattern::parseSegment(std::string_view pattern,
                                                 std::string_view segment) {
    Segment parsed;
    if (segment.starts_with('{') && segment.ends_with('}') && segment.size() > 1) {
        parsed.parameter = true;
        segment = segment.substr(1, segment.size() - 2);
    }
    const bool is_root = pattern == "/";
    if (!isWord(segment) && !is_root) {
        refuse(pattern, "a segment is letters, digits and '-._~', or such a name in braces");
    }
    parsed.text = segment;
    return parsed;
}

bool RoutePattern::prefixIsOptional() const noexcept {
    return segments_.size() > 1 && !segments_[0].parameter && segments_[0].text == kApiPrefix;
}

bool RoutePattern::matches(const Path& path, std::size_t skip) const noexcept {
    if (path.segmentCount() + skip != segments_.size()) return false;
    for (std::size_t i = skip; i < segments_.size(); ++i) {
        const std::string_view given = path.segment(i - skip);
        if (segments_[i].parameter ? given.empty() : given != segments_[i].text) return false;
    }
    return true;
}

std::vector<std::pair<std::string_view, std::string_view>> RoutePattern::parameters(
    const Path& path, std::size_t skip) const {
    std::vector<std::pair<std::string_view, std::string_view>> found;
    for (std::size_t i = skip; i < segments_.size(); ++i) {
        if (segments_[i].parameter) found.emplace_back(segments_[i].text, path.segment(i - skip));
    }
    return found;
}

int RoutePattern::compare(std::size_t skip, const RoutePattern& other,
                          std::size_t other_skip) const noexcept {
    const std::size_t size = segments_.size() - skip;
    const std::size_t other_size = other.segments_.size() - other_skip;
    if (size != other_size) return size < other_size ? -1 : 1;
    for (std::size_t i = 0; i < size; ++i) {
        const Segment& a = segments_[i + skip];
        const Segment& b = other.segments_[i + other_skip];
        if (a.parameter != b.parameter) return a.parameter ? 1 : -1;
        if (a.parameter) continue;
        if (const int order = a.text.compare(b.text); order != 0) return order;
    }
    return 0;
}

}  // namespace hub::http
