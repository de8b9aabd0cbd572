#include "list_query.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <limits>

namespace hub::http_api {

namespace {

// Raised when the meaning of a position changes: older cursors are then refused, not misread.
constexpr char kCursorVersion = '1';

// As milliseconds since 1970, of 12 digits: shorter numbers are years, or seconds.
constexpr Timestamp kFirstByNumber{std::chrono::milliseconds{100'000'000'000}};

void appendHex(std::string& text, std::uint64_t number) {
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr;
    text.append(digits.data(), end);
}

}  // namespace

Error invalidParameter(std::string_view name, std::string_view requirement) {
    std::string sentence{"The query parameter \""};
    sentence.append(name).append("\" ").append(requirement).append(".");
    return {Error::Kind::Invalid, std::move(sentence)};
}

Result<std::optional<std::size_t>> readLimit(const HttpRequest& request) {
    const auto text = request.query("limit");
    if (!text) return std::optional<std::size_t>{};
    std::size_t limit = 0;
    const char* const end = text->data() + text->size();
    const auto [stop, code] = std::from_chars(text->data(), end, limit);
    if (code == std::errc::result_out_of_range) limit = kMaxLimit;
    if (code == std::errc::invalid_argument || stop != end || limit == 0) {
        return invalidParameter("limit",
                                "must be a whole number from 1 to " + std::to_string(kMaxLimit));
    }
    return std::optional{std::min(limit, kMaxLimit)};
}

Result<std::optional<std::uint64_t>> readCursor(const HttpRequest& request, List list,
                                                std::optional<DeviceIndex> of) {
    const auto text = request.query("cursor");
    if (!text) return std::optional<std::uint64_t>{};
    constexpr std::size_t kPrefix = 2;  // version and list
    const std::size_t dot = text->find('.');
    const std::string_view digits =
        text->substr(dot == std::string_view::npos ? std::min(kPrefix, text->size()) : dot + 1);
    std::uint64_t position = 0;
    const auto code =
        std::from_chars(digits.data(), digits.data() + digits.size(), position, 16).ec;
    // Only what makeCursor writes is taken.
    if (code == std::errc{} && makeCursor(list, position, of) == *text) {
        return std::optional{position};
    }
    return invalidParameter("cursor", "must be the \"next\" of an earlier answer of the same list");
}

Result<std::optional<DeviceIndex>> readDeviceCursor(const HttpRequest& request, List list) {
    const auto cursor = readCursor(request, list);
    if (!cursor) return cursor.error();
    if (!*cursor) return std::optional<DeviceIndex>{};
    constexpr std::uint64_t kLastIndex = std::numeric_limits<std::uint32_t>::max();
    return std::optional{DeviceIndex{static_cast<std::uint32_t>(std::min(**cursor, kLastIndex))}};
}

Result<std::optional<Timestamp>> readTime(const HttpRequest& request, std::string_view name) {
    const auto text = request.query(name);
    if (!text) return std::optional<Timestamp>{};
    const auto time = parseTimestamp(*text);
    if (!time) {
        return invalidParameter(name,
                                "is " + time.error().message + "; a + is written %2B in a URL");
    }
    const bool is_number = text->find_first_not_of("0123456789") == std::string_view::npos;
    if (is_number && *time < kFirstByNumber) {
        return invalidParameter(
            name,
            "is a number, and so milliseconds since 1970, of a time before "
            "1973: for a year write 2026-01-01, for seconds since 1970 add 000");
    }
    return std::optional{*time};
}

Result<std::optional<bool>> readFlag(const HttpRequest& request, std::string_view name) {
    const auto text = request.query(name);
    if (!text) return std::optional<bool>{};
    if (*text == "true" || *text == "1") return std::optional{true};
    if (*text == "false" || *text == "0") return std::optional{false};
    return invalidParameter(name, "must be true or false");
}

std::string makeCursor(List list, std::uint64_t position, std::optional<DeviceIndex> of) {
    std::string cursor{kCursorVersion, static_cast<char>(list)};
    if (of) {
        appendHex(cursor, static_cast<std::uint32_t>(*of));
        cursor += '.';
    }
    appendHex(cursor, position);
    return cursor;
}

std::string makeDeviceCursor(List list, DeviceIndex device) {
    return makeCursor(list, static_cast<std::uint32_t>(device));
}

}  // namespace hub::http_api
