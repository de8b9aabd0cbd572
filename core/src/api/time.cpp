#include "hub/time.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>

namespace hub {

namespace {

using namespace std::chrono;

constexpr Timestamp kFirst{sys_days{year{0} / January / 1}};
constexpr Timestamp kLast{sys_days{year{9999} / December / 31} + days{1} - microseconds{1}};

// "00" to "99" in a row: half the divisions of writing digit by digit.
constexpr auto kPairs = [] {
    std::array<char, 200> pairs{};
    for (std::size_t i = 0; i < 100; ++i) {
        pairs[2 * i] = static_cast<char>('0' + i / 10);
        pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
    }
    return pairs;
}();

void writePair(char* out, unsigned value) { std::memcpy(out, &kPairs[std::size_t{2} * value], 2); }

// Reads a timestamp from its front to its end. A step that does not find what it wants marks the
// whole as failed, and the steps behind it do nothing.
class TimestampReader {
public:
    explicit TimestampReader(std::string_view text) : rest_{text} {}

    std::optional<Timestamp> read() {
        const Timestamp day = date();
        if (rest_.empty()) return checked(day);
        if (!take(' ')) expect('T');
        const auto time_of_day = timeOfDay();
        const auto offset = utcOffset();
        if (!rest_.empty()) failed_ = true;
        return checked(day + time_of_day - offset);
    }

private:
    std::optional<Timestamp> checked(Timestamp time) const {
        if (failed_ || time < kFirst || time > kLast) return std::nullopt;
        return time;
    }

    Timestamp date() {
        const year year{number(4, 9999)};
        expect('-');
        const month month{static_cast<unsigned>(number(2, 12))};
        expect('-');
        const year_month_day date{year, month, day{static_cast<unsigned>(number(2, 31))}};
        if (!date.ok()) failed_ = true;
        return failed_ ? Timestamp{} : Timestamp{sys_days{date}};
    }

    microseconds timeOfDay() {
        const hours hour{number(2, 23)};
        expect(':');
        const minutes minute{number(2, 59)};
        expect(':');
        const seconds second{number(2, 59)};
        return hour + minute + second + fraction();
    }

    // Up to nine decimals, of which the first six count.
    microseconds fraction() {
        if (!take('.')) return {};
        constexpr int kMaxDecimals = 9;
        constexpr int kDecimals = 6;
        int value = 0;
        int count = 0;
        for (; count < kMaxDecimals && !rest_.empty() && isDigit(rest_.front()); ++count) {
            if (count < kDecimals) value = value * 10 + (rest_.front() - '0');
            rest_.remove_prefix(1);
        }
        if (count == 0) failed_ = true;
        for (; count < kDecimals; ++count) value *= 10;
        return microseconds{value};
    }

    minutes utcOffset() {
        if (rest_.empty() || take('Z')) return {};
        const int sign = take('-') ? -1 : 1;
        if (sign > 0) expect('+');
        const hours hour{number(2, 23)};
        expect(':');
        return sign * (hour + minutes{number(2, 59)});
    }

    int number(std::size_t digits, int max) {
        int value = 0;
        if (rest_.size() < digits) failed_ = true;
        if (failed_) return 0;
        for (const char c : rest_.substr(0, digits)) {
            if (!isDigit(c)) failed_ = true;
            value = value * 10 + (c - '0');
        }
        rest_.remove_prefix(digits);
        if (value > max) failed_ = true;
        return failed_ ? 0 : value;
    }

    bool take(char c) {
        if (rest_.empty() || rest_.front() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }

    void expect(char c) {
        if (!take(c)) failed_ = true;
    }

    static bool isDigit(char c) { return c >= '0' && c <= '9'; }

    std::string_view rest_;
    bool failed_ = false;
};

std::optional<Timestamp> readMilliseconds(std::string_view digits) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    constexpr auto kMax = floor<milliseconds>(kLast).time_since_epoch().count();
    if (value > static_cast<std::uint64_t>(kMax)) return std::nullopt;
    return Timestamp{milliseconds{value}};
}

}  // namespace

Timestamp SystemClock::wall() const noexcept { return floor<microseconds>(system_clock::now()); }

SteadyTime SystemClock::steady() const noexcept { return steady_clock::now(); }

std::string formatTimestamp(Timestamp time) {
    std::string text;
    appendTimestamp(text, time);
    return text;
}

void appendTimestamp(std::string& out, Timestamp time) {
    time = std::clamp(time, kFirst, kLast);
    const auto midnight = floor<days>(time);
    const year_month_day date{midnight};
    const hh_mm_ss clock{time - midnight};

    // Written in place: to copy what was just written in pieces stalls the processor.
    const std::size_t begin = out.size();
    out += "0000-00-00T00:00:00.000000Z";
    char* const text = out.data() + begin;
    const auto unsignedCount = [](auto duration) {
        return static_cast<unsigned>(duration.count());
    };
    const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
    writePair(text, year / 100);
    writePair(text + 2, year % 100);
    writePair(text + 5, static_cast<unsigned>(date.month()));
    writePair(text + 8, static_cast<unsigned>(date.day()));
    writePair(text + 11, unsignedCount(clock.hours()));
    writePair(text + 14, unsignedCount(clock.minutes()));
    writePair(text + 17, unsignedCount(clock.seconds()));
    const unsigned fraction = unsignedCount(clock.subseconds());
    writePair(text + 20, fraction / 10'000);
    writePair(text + 22, fraction / 100 % 100);
    writePair(text + 24, fraction % 100);
}

Result<Timestamp> parseTimestamp(std::string_view text) {
    const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
    const bool digits_only = std::all_of(text.begin(), text.end(), isDigit);
    const auto time = digits_only ? readMilliseconds(text) : TimestampReader{text}.read();
    if (time) return *time;
    return Error{Error::Kind::Invalid,
                 "not a time: write ISO 8601 such as 2026-11-23T16:40:03Z, "
                 "2026-11-23T18:40:03.5+02:00 or 2026-11-23, or milliseconds since 1970, "
                 "in the years 0000 to 9999"};
}

}  // namespace hub
