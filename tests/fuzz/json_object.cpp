// Feeds the reader of JSON objects from outside (the body of POST /api/command) with anything, and
// compares its verdict with simdjson's DOM parser. What it takes must hold what it says.
#include "json_object.h"

#include <simdjson.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using hub::http_api::JsonMember;
using Type = JsonMember::Type;

// The reference takes integers of 64 bits and any exponent: with a long run of digits it cannot
// tell.
bool isComparable(std::string_view text) {
    constexpr std::size_t kMaxDigits = 18;
    std::size_t digits = 0;
    return std::ranges::none_of(text, [&digits](char c) {
        digits = c >= '0' && c <= '9' ? digits + 1 : 0;
        return digits > kMaxDigits;
    });
}

bool isJson(std::string_view text, bool want_object) {
    if (text.empty()) return false;
    simdjson::dom::parser parser;
    simdjson::dom::element element;
    if (parser.parse(text.data(), text.size()).get(element)) return false;
    return !want_object || element.is_object();
}

std::string objectionTo(const JsonMember& member, std::string_view text) {
    if (member.raw.data() < text.data() ||
        member.raw.data() + member.raw.size() > text.data() + text.size()) {
        return "outside of the text";
    }
    if (hub::http_api::booleanIn(member).has_value() != (member.type == Type::Boolean)) {
        return "a boolean that is none";
    }
    if (hub::http_api::numberIn(member).has_value() != (member.type == Type::Number)) {
        return "a number that is none";
    }
    if (hub::http_api::textIn(member).has_value() != (member.type == Type::String)) {
        return "a text that is none";
    }
    if (hub::http_api::textsIn(member) && member.type != Type::Array) return "texts of no list";
    return isComparable(text) && !isJson(member.raw, member.type == Type::Object) ? "no value" : "";
}

std::string objection(std::string_view text) {
    const auto members = hub::http_api::readJsonObject(text);
    if (!members) {
        const std::string& why = members.error().message;
        const bool too_deep = why.starts_with("it is nested deeper");
        return !too_deep && isComparable(text) && isJson(text, true) ? "refused: " + why : "";
    }
    if (isComparable(text) && !isJson(text, true)) return "taken although it is no JSON object";
    for (const JsonMember& member : *members) {
        const std::string wrong = objectionTo(member, text);
        if (!wrong.empty()) return "member \"" + member.name + "\": " + wrong;
    }
    return "";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string wrong = objection({reinterpret_cast<const char*>(bytes), size});
    if (wrong.empty()) return 0;
    std::fprintf(stderr, "%s\n", wrong.c_str());
    std::abort();
}
