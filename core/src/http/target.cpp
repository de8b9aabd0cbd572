#include "http/target.h"

#include "http/field_syntax.h"
#include "http/request_head.h"

#include <simdjson.h>

#include <algorithm>
#include <cassert>
#include <limits>

namespace hub::http {
namespace {

static_assert(kMaxHeadBytes <= std::numeric_limits<std::uint16_t>::max());

// The character that the escape at the begin of `text` stands for.
std::optional<char> decodeEscape(std::string_view text) noexcept {
    if (text.size() < 3) return std::nullopt;
    const int high = hexDigit(text[1]);
    const int low = hexDigit(text[2]);
    if (high < 0 || low < 0) return std::nullopt;
    return static_cast<char>(high * 16 + low);
}

bool isControl(char c) noexcept {
    const auto code = static_cast<unsigned char>(c);
    return code < 0x20 || code == 0x7f;
}

bool isUtf8(std::string_view text) noexcept {
    return simdjson::validate_utf8(text.data(), text.size());
}

std::optional<std::string> decodeQueryText(std::string_view raw) {
    std::string text;
    text.reserve(raw.size());
    for (std::size_t i = 0; i < raw.size(); ++i) {
        if (raw[i] == '%') {
            const auto c = decodeEscape(raw.substr(i));
            if (!c) return std::nullopt;
            text += *c;
            i += 2;
        } else {
            text += raw[i] == '+' ? ' ' : raw[i];
        }
    }
    if (!isUtf8(text)) return std::nullopt;
    return text;
}

}  // namespace

std::optional<Path> Path::decode(std::string_view raw) {
    assert(raw.size() <= kMaxHeadBytes);
    Path path;
    path.text_.reserve(raw.size());
    for (std::size_t i = 0; i < raw.size(); ++i) {
        if (raw[i] == '%') {
            const auto c = decodeEscape(raw.substr(i));
            if (!c || isControl(*c)) return std::nullopt;
            path.text_ += *c;
            i += 2;
            continue;
        }
        if (raw[i] == '/' && i > 0)
            path.ends_.push_back(static_cast<std::uint16_t>(path.text_.size()));
        path.text_ += raw[i];
    }
    if (!isUtf8(path.text_)) return std::nullopt;
    if (raw.starts_with('/')) path.ends_.push_back(static_cast<std::uint16_t>(path.text_.size()));
    return path;
}

std::string_view Path::segment(std::size_t index) const noexcept {
    const std::size_t slash = index == 0 ? 0 : ends_[index - 1];
    return std::string_view(text_).substr(slash + 1, ends_[index] - slash - 1);
}

std::optional<Query> Query::decode(std::string_view raw) {
    Query query;
    while (!raw.empty()) {
        const std::string_view pair = raw.substr(0, raw.find('&'));
        raw.remove_prefix(std::min(pair.size() + 1, raw.size()));
        if (pair.empty()) continue;
        const std::size_t equals = std::min(pair.find('='), pair.size());
        auto name = decodeQueryText(pair.substr(0, equals));
        auto value = decodeQueryText(pair.substr(std::min(equals + 1, pair.size())));
        if (!name || !value) return std::nullopt;
        query.pairs_.emplace_back(std::move(*name), std::move(*value));
    }
    return query;
}

std::optional<std::string_view> Query::find(std::string_view name) const noexcept {
    for (const auto& [key, value] : pairs_) {
        if (key == name) return value;
    }
    return std::nullopt;
}

}  // namespace hub::http
