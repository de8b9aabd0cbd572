#pragma once

#include "hub/api.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace hub {

// One configuration key: its full name, what it may be, its default and its meaning. `--help`, the
// check for unknown keys and the checks of values all come from here.
struct Option {
    enum class Type : std::uint8_t {
        Text,
        Flag,      // true or false
        Number,    // a whole number in min..max
        Duration,  // seconds, or with s, m, h or d; decimals allowed; in min..max seconds
        Bytes,     // a whole number with an optional k, M or G (1024s), in min..max bytes
    };

    std::string_view name;  // `ws.message_limit`
    Type type = Type::Text;
    std::string_view default_value;  // as it would stand in the file
    std::string_view meaning;        // one sentence
    std::int64_t min = 0;
    std::int64_t max = 0;  // with min == max == 0: any value of the type
};

// The values of a set of options, all present and checked: asking for a name that was not declared,
// or for another type than the declared one, is a mistake of the caller and throws
// std::logic_error.
class HUB_API Options {
public:
    // Takes the values given for `declared` and the defaults for the rest. Throws
    // std::invalid_argument, naming key, value and what would be right, for a bad value, and for a
    // key not declared, naming the nearest one that is.
    Options(std::span<const Option> declared, const std::map<std::string, std::string>& given);

    [[nodiscard]] const std::string& text(std::string_view name) const;
    [[nodiscard]] bool flag(std::string_view name) const;
    [[nodiscard]] std::int64_t number(std::string_view name) const;
    [[nodiscard]] std::chrono::milliseconds duration(std::string_view name) const;
    [[nodiscard]] std::size_t bytes(std::string_view name) const;

private:
    struct Value {
        Option::Type type = Option::Type::Text;
        std::string text;
        std::int64_t number = 0;  // milliseconds for a Duration
    };
    const Value& find(std::string_view name, Option::Type type) const;

    std::map<std::string, Value, std::less<>> values_;
};

// The end of a sentence that refuses `word`: `; did you mean "port"?` for the one of `words` that
// is nearest to it (fewest edits), or "" when none is near.
[[nodiscard]] HUB_API std::string didYouMean(std::string_view word,
                                             std::span<const std::string_view> words);

}  // namespace hub
