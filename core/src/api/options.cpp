#include "hub/options.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <vector>

namespace hub {

namespace {

std::optional<std::int64_t> parseWhole(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

// A whole number without a sign times `unit`.
std::optional<std::int64_t> parseAmount(std::string_view digits, std::int64_t unit) {
    if (digits.starts_with('-')) return std::nullopt;
    const auto count = parseWhole(digits);
    if (!count || *count > std::numeric_limits<std::int64_t>::max() / unit) return std::nullopt;
    return *count * unit;
}

std::optional<std::int64_t> parseFlag(std::string_view text) {
    if (text == "true") return 1;
    if (text == "false") return 0;
    return std::nullopt;
}

// Seconds with at most three decimals, as milliseconds.
std::optional<std::int64_t> parseSeconds(std::string_view text) {
    constexpr std::int64_t kUnits[] = {1000, 100, 10, 1};
    const std::size_t point = text.find('.');
    const auto seconds = parseAmount(text.substr(0, point), kUnits[0]);
    if (!seconds || point == std::string_view::npos) return seconds;
    const std::string_view decimals = text.substr(point + 1);
    if (decimals.empty() || decimals.size() > 3) return std::nullopt;
    const auto milliseconds = parseAmount(decimals, kUnits[decimals.size()]);
    if (!milliseconds || *seconds > std::numeric_limits<std::int64_t>::max() - 1000) {
        return std::nullopt;
    }
    return *seconds + *milliseconds;
}

std::optional<std::int64_t> parseDuration(std::string_view text) {
    std::int64_t seconds = 1;
    if (text.ends_with('m')) seconds = 60;
    if (text.ends_with('h')) seconds = 60 * 60;
    if (text.ends_with('d')) seconds = 24 * 60 * 60;
    if (seconds > 1 || text.ends_with('s')) text.remove_suffix(1);
    const auto milliseconds = parseSeconds(text);
    if (!milliseconds || *milliseconds > std::numeric_limits<std::int64_t>::max() / seconds) {
        return std::nullopt;
    }
    return *milliseconds * seconds;
}

std::optional<std::int64_t> parseBytes(std::string_view text) {
    std::int64_t unit = 1;
    if (text.ends_with('k')) unit = 1024;
    if (text.ends_with('M')) unit = 1024 * 1024;
    if (text.ends_with('G')) unit = 1024 * 1024 * 1024;
    if (unit > 1) text.remove_suffix(1);
    return parseAmount(text, unit);
}

std::optional<std::int64_t> parseValue(Option::Type type, std::string_view text) {
    switch (type) {
        case Option::Type::Text:
            return 0;
        case Option::Type::Flag:
            return parseFlag(text);
        case Option::Type::Number:
            return parseWhole(text);
        case Option::Type::Duration:
            return parseDuration(text);
        case Option::Type::Bytes:
            return parseBytes(text);
    }
    return std::nullopt;
}

bool isRanged(const Option& option) {
    const bool numeric = option.type != Option::Type::Text && option.type != Option::Type::Flag;
    return numeric && (option.min != 0 || option.max != 0);
}

bool inRange(const Option& option, std::int64_t value) {
    if (!isRanged(option)) return true;
    const std::int64_t unit = option.type == Option::Type::Duration ? 1000 : 1;
    return value >= option.min * unit && value <= option.max * unit;
}

std::string_view nameOf(Option::Type type) {
    switch (type) {
        case Option::Type::Text:
            return "a text";
        case Option::Type::Flag:
            return "true or false";
        case Option::Type::Number:
            return "a whole number";
        case Option::Type::Duration:
            return "a number of seconds (or such as 15m, 12h or 30d)";
        case Option::Type::Bytes:
            return "a number of bytes (such as 4096, 64k, 16M or 1G)";
    }
    return "a value";
}

std::string inQuotes(std::string_view text) { return std::string{'"'}.append(text).append("\""); }

std::string describeBadValue(const Option& option, std::string_view text) {
    std::string sentence{option.name};
    sentence.append(": ").append(inQuotes(text)).append(" is not ").append(nameOf(option.type));
    if (isRanged(option)) {
        sentence.append(" between ").append(std::to_string(option.min));
        sentence.append(" and ").append(std::to_string(option.max));
    }
    return sentence;
}

std::string describeUnknownKey(std::string_view key, std::span<const Option> declared) {
    std::vector<std::string_view> names;
    names.reserve(declared.size());
    for (const Option& option : declared) names.push_back(option.name);
    return "unknown key " + inQuotes(key) + didYouMean(key, names);
}

// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b` (optimal
// string alignment).
std::size_t editDistance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before_last(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        before_last.swap(last);
        last.swap(row);
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
        }
    }
    return row[b.size()];
}

// "" when none of `words` is near.
std::string_view nearestWord(std::string_view word, std::span<const std::string_view> words) {
    std::string_view nearest;
    std::size_t fewest = 0;
    for (const std::string_view candidate : words) {
        // More than a third of the letters changed is another word, not a slip.
        const std::size_t allowed = std::max(word.size(), candidate.size()) / 3;
        const std::size_t edits = editDistance(word, candidate);
        if (edits > allowed || (!nearest.empty() && edits >= fewest)) continue;
        nearest = candidate;
        fewest = edits;
    }
    return nearest;
}

}  // namespace

Options::Options(std::span<const Option> declared,
                 const std::map<std::string, std::string>& given) {
    for (const auto& [key, text] : given) {
        const auto matches = [&key = key](const Option& option) { return option.name == key; };
        if (std::none_of(declared.begin(), declared.end(), matches)) {
            throw std::invalid_argument(describeUnknownKey(key, declared));
        }
    }
    for (const Option& option : declared) {
        const auto found = given.find(std::string{option.name});
        Value value{option.type, std::string{option.default_value}};
        if (found != given.end()) value.text = found->second;
        const auto number = parseValue(option.type, value.text);
        if (!number || !inRange(option, *number)) {
            throw std::invalid_argument(describeBadValue(option, value.text));
        }
        value.number = *number;
        values_.emplace(option.name, std::move(value));
    }
}

const std::string& Options::text(std::string_view name) const {
    return find(name, Option::Type::Text).text;
}

bool Options::flag(std::string_view name) const {
    return find(name, Option::Type::Flag).number != 0;
}

std::int64_t Options::number(std::string_view name) const {
    return find(name, Option::Type::Number).number;
}

std::chrono::milliseconds Options::duration(std::string_view name) const {
    return std::chrono::milliseconds{find(name, Option::Type::Duration).number};
}

std::size_t Options::bytes(std::string_view name) const {
    return static_cast<std::size_t>(find(name, Option::Type::Bytes).number);
}

const Options::Value& Options::find(std::string_view name, Option::Type type) const {
    const auto found = values_.find(name);
    if (found == values_.end()) {
        throw std::logic_error("option " + inQuotes(name) + " was read but not declared");
    }
    if (found->second.type != type) {
        throw std::logic_error("option " + inQuotes(name) +
                               " was read as another type than declared");
    }
    return found->second;
}

std::string didYouMean(std::string_view word, std::span<const std::string_view> words) {
    const std::string_view nearest = nearestWord(word, words);
    return nearest.empty() ? "" : "; did you mean " + inQuotes(nearest) + "?";
}

}  // namespace hub
