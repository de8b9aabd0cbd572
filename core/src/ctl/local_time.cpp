#include "ctl/local_time.h"

#include <array>
#include <cstdio>
#include <ctime>

namespace hub::ctl {

namespace {

using namespace std::chrono;

constexpr std::string_view::size_type kDateLength = 10;  // of `2026-11-23`

bool isWithoutOffset(std::string_view text) {
    if (text.find_first_not_of("0123456789") == std::string_view::npos) return false;
    if (text.size() <= kDateLength) return true;
    return text.substr(kDateLength).find_first_of("Z+-") == std::string_view::npos;
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

}  // namespace hub::ctl
