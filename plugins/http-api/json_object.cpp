#include "json_object.h"

#include <simdjson.h>

#include <charconv>
#include <utility>

namespace hub::http_api {

namespace {

namespace ondemand = simdjson::ondemand;
using simdjson::error_code;
using Type = JsonMember::Type;

std::string_view trimmed(std::string_view text) {
    const std::size_t last = text.find_last_not_of(" \t\n\r");
    return text.substr(0, last + 1);
}

Type typeOf(ondemand::json_type type) {
    switch (type) {
        case ondemand::json_type::object:
            return Type::Object;
        case ondemand::json_type::array:
            return Type::Array;
        case ondemand::json_type::string:
            return Type::String;
        case ondemand::json_type::number:
            return Type::Number;
        case ondemand::json_type::boolean:
            return Type::Boolean;
        case ondemand::json_type::null:
            return Type::Null;
    }
    return Type::Null;
}

// True for an exponent of more than 18 digits: simdjson 3.0 lets one of 19 overflow.
bool hasHugeExponent(std::string_view number) {
    constexpr std::size_t kMaxDigits = 18;
    const std::size_t e = number.find_first_of("eE");
    if (e == std::string_view::npos) return false;
    std::string_view digits = number.substr(e + 1);
    if (digits.starts_with('-') || digits.starts_with('+')) digits.remove_prefix(1);
    return digits.size() > kMaxDigits;
}

// One document. simdjson's on-demand parser validates only what it is asked for: so all is asked
// for.
class Reader {
public:
    Reader(std::string_view text, int max_depth)
        : source_(text), padded_(text), max_depth_(max_depth) {}

    error_code read(std::vector<JsonMember>& members) {
        if (const auto code = parser_.iterate(padded_).get(cursor_)) return code;
        ondemand::json_type type{};
        if (const auto code = cursor_.type().get(type)) return code;
        if (type != ondemand::json_type::object) return simdjson::INCORRECT_TYPE;
        ondemand::object object;
        if (const auto code = cursor_.get_object().get(object)) return code;
        const auto code = eachField(object, [&](std::string_view name, ondemand::value value) {
            return readMember(members.emplace_back(JsonMember{std::string(name), {}, {}}), value);
        });
        if (code) return code;
        const bool at_end = cursor_.current_location().error() == simdjson::OUT_OF_BOUNDS;
        return at_end ? simdjson::SUCCESS : simdjson::TRAILING_CONTENT;
    }

private:
    error_code readMember(JsonMember& member, ondemand::value value) {
        ondemand::json_type type{};
        if (const auto code = value.type().get(type)) return code;
        member.type = typeOf(type);
        const std::string_view token = value.raw_json_token();
        if (const auto code = check(value, 2)) return code;
        std::string_view raw = token;
        if (member.type == Type::Object || member.type == Type::Array) {
            // The cursor is at the token behind the closing brace.
            const char* next = nullptr;
            if (const auto code = cursor_.current_location().get(next)) return code;
            raw = {token.data(), next};
        }
        const auto offset = static_cast<std::size_t>(raw.data() - padded_.data());
        member.raw = source_.substr(offset, trimmed(raw).size());
        return simdjson::SUCCESS;
    }

    error_code check(ondemand::value value, int depth) {
        ondemand::json_type type{};
        if (const auto code = value.type().get(type)) return code;
        switch (type) {
            case ondemand::json_type::object:
                return checkObject(value, depth);
            case ondemand::json_type::array:
                return checkArray(value, depth);
            case ondemand::json_type::string:
                return value.get_string().error();
            case ondemand::json_type::number: {
                // A double accepts integers of any length, and refuses what is beyond its range.
                const std::string_view token = trimmed(value.raw_json_token());
                const bool bad = value.get_double().error() != simdjson::SUCCESS;
                return bad || hasHugeExponent(token) ? simdjson::NUMBER_ERROR : simdjson::SUCCESS;
            }
            case ondemand::json_type::boolean:
                return value.get_bool().error();
            case ondemand::json_type::null:
                return value.is_null().error();
        }
        return simdjson::TAPE_ERROR;
    }

    error_code checkObject(ondemand::value value, int depth) {
        if (depth > max_depth_) return simdjson::DEPTH_ERROR;
        ondemand::object object;
        if (const auto code = value.get_object().get(object)) return code;
        return eachField(object, [&](std::string_view, ondemand::value member) {
            return check(member, depth + 1);
        });
    }

    error_code checkArray(ondemand::value value, int depth) {
        if (depth > max_depth_) return simdjson::DEPTH_ERROR;
        ondemand::array array;
        if (const auto code = value.get_array().get(array)) return code;
        for (auto result : array) {
            ondemand::value element;
            if (const auto code = std::move(result).get(element)) return code;
            if (const auto code = check(element, depth + 1)) return code;
        }
        return simdjson::SUCCESS;
    }

    template <class Visit>
    error_code eachField(ondemand::object object, Visit visit) {
        for (auto result : object) {
            ondemand::field field;
            if (const auto code = std::move(result).get(field)) return code;
            std::string_view name;
            if (const auto code = field.unescaped_key().get(name)) return code;
            if (const auto code = visit(name, field.value())) return code;
        }
        return simdjson::SUCCESS;
    }

    const std::string_view source_;
    const simdjson::padded_string padded_;
    const int max_depth_;
    ondemand::parser parser_;
    ondemand::document cursor_;
};

std::string describe(error_code code, int max_depth) {
    switch (static_cast<int>(code)) {
        case simdjson::EMPTY:
            return "it is empty";
        case simdjson::DEPTH_ERROR:
            return "it is nested deeper than " + std::to_string(max_depth) + " levels";
        case simdjson::INCORRECT_TYPE:
            return "it is another kind of value";
        case simdjson::UTF8_ERROR:
            return "it is not valid UTF-8";
        case simdjson::UNCLOSED_STRING:
            return "a string is not closed";
        case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
            return "an object or a list is not closed";
        case simdjson::TRAILING_CONTENT:
            return "something stands behind its end";
        case simdjson::STRING_ERROR:
        case simdjson::UNESCAPED_CHARS:
            return "a string has a bad escape or a bare control character";
        case simdjson::NUMBER_ERROR:
            return "a number is malformed or too large";
    }
    return "it is not JSON";
}

}  // namespace

Result<std::vector<JsonMember>> readJsonObject(std::string_view text, int max_depth) {
    std::vector<JsonMember> members;
    // simdjson copies what it is given, and there may be nothing to copy from.
    const error_code code = text.empty() ? simdjson::EMPTY : Reader(text, max_depth).read(members);
    if (code) return Error{Error::Kind::Invalid, describe(code, max_depth)};
    return members;
}

std::optional<bool> booleanIn(const JsonMember& member) {
    if (member.type != Type::Boolean) return std::nullopt;
    return member.raw == "true";
}

std::optional<double> numberIn(const JsonMember& member) {
    if (member.type != Type::Number) return std::nullopt;
    // What is too small for a double leaves it as it is.
    double number = 0;
    std::from_chars(member.raw.data(), member.raw.data() + member.raw.size(), number);
    return number;
}

std::optional<std::string> textIn(const JsonMember& member) {
    if (member.type != Type::String) return std::nullopt;
    simdjson::dom::parser parser;
    std::string_view text;
    if (parser.parse(member.raw.data(), member.raw.size()).get(text)) return std::nullopt;
    return std::string(text);
}

std::optional<std::vector<std::string>> textsIn(const JsonMember& member) {
    if (member.type != Type::Array) return std::nullopt;
    simdjson::dom::parser parser;
    simdjson::dom::array array;
    if (parser.parse(member.raw.data(), member.raw.size()).get(array)) return std::nullopt;
    std::vector<std::string> texts;
    for (const simdjson::dom::element element : array) {
        std::string_view text;
        if (element.get(text)) return std::nullopt;
        texts.emplace_back(text);
    }
    return texts;
}

}  // namespace hub::http_api
