#include "daemon/key_help.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

namespace hub::daemon {
namespace {

struct Unit {
    std::string_view suffix;
    std::int64_t size;
};
constexpr std::array kTimes{Unit{"d", 86'400}, Unit{"h", 3'600}, Unit{"m", 60}, Unit{"s", 1}};
constexpr std::array kSizes{Unit{"G", 1 << 30}, Unit{"M", 1 << 20}, Unit{"k", 1 << 10},
                            Unit{"", 1}};
constexpr std::array kNumbers{Unit{"", 1}};

// With the largest unit that leaves it whole.
std::string inUnits(std::int64_t value, std::span<const Unit> units) {
    if (value == 0) return "0";
    const auto unit = std::ranges::find_if(
        units, [value](const Unit& candidate) { return value % candidate.size == 0; });
    return std::to_string(value / unit->size).append(unit->suffix);
}

std::string rangeOf(const Option& option, std::span<const Unit> units) {
    if (option.min == 0 && option.max == 0) {
        return "";
    }
    return "; " + inUnits(option.min, units) + " to " + inUnits(option.max, units);
}

std::string formOf(const Option& option) {
    switch (option.type) {
        case Option::Type::Text:
            return "text";
        case Option::Type::Flag:
            return "true or false";
        case Option::Type::Number:
            return "number" + rangeOf(option, kNumbers);
        case Option::Type::Duration:
            return "seconds, or as in 90s, 15m, 12h, 30d" + rangeOf(option, kTimes);
        case Option::Type::Bytes:
            return "bytes, or as in 64k, 16M, 1G" + rangeOf(option, kSizes);
    }
    return "";
}

}  // namespace

std::string keyHelp(std::string_view heading, std::span<const Option> options) {
    if (options.empty()) {
        return "";
    }
    std::string text = "\nKeys of " + std::string(heading) + "\n";
    for (const Option& option : options) {
        text.append("  ").append(option.name).append(" = ").append(option.default_value);
        text.append("\n      ").append(option.meaning);
        text.append(" (").append(formOf(option)).append(")\n");
    }
    return text;
}

}  // namespace hub::daemon
