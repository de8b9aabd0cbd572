#pragma once

#include "hub/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hub::http_api {

// One member of a JSON object that was read.
struct JsonMember {
    enum class Type : std::uint8_t { Null, Boolean, Number, String, Array, Object };

    std::string name;
    Type type = Type::Null;
    std::string_view raw;  // the value as it stands in the document
};

// How deep a document from outside may be nested.
inline constexpr int kMaxJsonDepth = 32;

// The members of `text`, which must be one JSON object (RFC 8259): valid to its last byte, in all
// its strings and numbers too, and at most `max_depth` deep. In their order, a repeated name as
// often as it stands there; the views point into `text`. Error Invalid says what else it is, as in
// "an object or a list is not closed".
[[nodiscard]] Result<std::vector<JsonMember>> readJsonObject(std::string_view text,
                                                             int max_depth = kMaxJsonDepth);

// What a member holds; nothing when it is of another type.
[[nodiscard]] std::optional<bool> booleanIn(const JsonMember& member);
[[nodiscard]] std::optional<double> numberIn(const JsonMember& member);
[[nodiscard]] std::optional<std::string> textIn(const JsonMember& member);
// All elements of an array, which must be strings.
[[nodiscard]] std::optional<std::vector<std::string>> textsIn(const JsonMember& member);

}  // namespace hub::http_api
