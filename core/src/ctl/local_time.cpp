#include "ctl/local_time.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <optional>

namespace hub::ctl {

namespace {

using namespace std::chrono;

constexpr std::string_view::size_type kDateLength = 10;  // of `2026-11-23`

bool isWithoutOffset(std::string_view text) {
    if (text.find_first_not_of("0123456789") == std::string_view::npos) return false;
    if (text.size() <= kDateLength) return true;
    return text.substr(kDateLength).find_first_of("Z+-") == std::string_view::npos;
}

// What a letter stands for behind a number.
std::optional<seconds> unitOf(char letter) {
    switch (letter) {
        case 's':
            return 1s;
        case 'm':
            return 1min;
        case 'h':
            return 1h;
        case 'd':
            return days(1);
        default:
            return std::nullopt;
    }
}

// `15m`: nothing when it is none, or more than a thousand years.
std::optional<seconds> readSpan(std::string_view text) {
    const auto unit = text.empty() ? std::nullopt : unitOf(text.back());
    if (!unit) return std::nullopt;
    text.remove_suffix(1);
    std::uint32_t count = 0;
    const char* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, count);
    if (error != std::errc() || end != last || count > years(1000) / *unit) return std::nullopt;
    return count * *unit;
}

}  // namespace

std::string formatLocal(Timestamp time) {
    const std::time_t seconds = system_clock::to_time_t(floor<std::chrono::seconds>(time));
    std::tm fields{};
    ::localtime_r(&seconds, &fields);
    std::array<char, 32> text{};
    const auto length = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &fields);
    return {text.data(), length};
}

std::string formatLocalMilliseconds(Timestamp time) {
    const auto fraction = floor<milliseconds>(time) - floor<seconds>(time);
    std::array<char, 8> decimals{};
    std::snprintf(decimals.data(), decimals.size(), ".%03d", static_cast<int>(fraction.count()));
    return formatLocal(time) + decimals.data();
}

std::string formatSpan(seconds span) {
    if (span < 1min) return std::to_string(span.count()) + " s";
    if (span < 1h) return std::to_string(floor<minutes>(span).count()) + " min";
    if (span < days(2)) return std::to_string(floor<hours>(span).count()) + " h";
    return std::to_string(floor<days>(span).count()) + " d";
}

std::string formatAge(Timestamp time, Timestamp now) {
    const auto age = floor<seconds>(now - time);
    return age < 1s ? "just now" : formatSpan(age) + " ago";
}

Result<Timestamp> parseLocal(std::string_view text) {
    auto time = parseTimestamp(text);
    if (!time || !isWithoutOffset(text)) return time;
    // What was read as UTC are the fields of a local time.
    const auto whole = floor<seconds>(*time);
    const std::time_t as_utc = system_clock::to_time_t(whole);
    std::tm fields{};
    ::gmtime_r(&as_utc, &fields);
    fields.tm_isdst = -1;
    return floor<microseconds>(system_clock::from_time_t(std::mktime(&fields))) + (*time - whole);
}

Result<Timestamp> parseMoment(std::string_view text, Timestamp now) {
    if (const auto ago = readSpan(text)) return now - *ago;
    auto time = parseLocal(text);
    if (time) return time;
    return Error{Error::Kind::Invalid,
                 "\"" + std::string(text) +
                     "\" is no time: write 15m for 15 minutes ago (s, m, h or d), 2026-11-23, or "
                     "\"2026-11-23 16:40:03\""};
}

}  // namespace hub::ctl
