#include "ctl/json_object.h"

#include <simdjson.h>

#include <algorithm>
#include <utility>

namespace hub::ctl {

namespace {

namespace ondemand = simdjson::ondemand;

Error unreadable(simdjson::error_code code) {
    return {Error::Kind::Invalid, simdjson::error_message(code)};
}

// Whether nothing stands behind the document's one value, which has been read.
bool atEnd(ondemand::document& document) {
    return document.current_location().error() == simdjson::OUT_OF_BOUNDS;
}

// A document whose values are found again in the text it was copied from, because simdjson reads
// only what has room behind its end.
class Document {
public:
    explicit Document(std::string_view json) : json_(json), padded_(json) {}

    simdjson::simdjson_result<ondemand::document> iterate() { return parser_.iterate(padded_); }

    // Finds the end of `value`, which the document moves past.
    simdjson::error_code locate(ondemand::value value, std::string_view& where) const {
        ondemand::json_type type{};
        if (const auto error = value.type().get(type)) return error;
        std::string_view copy;
        auto error = simdjson::SUCCESS;
        switch (type) {
            case ondemand::json_type::object: {
                ondemand::object object;
                error = value.get_object().get(object);
                if (!error) error = object.raw_json().get(copy);
                break;
            }
            case ondemand::json_type::array: {
                ondemand::array array;
                error = value.get_array().get(array);
                if (!error) error = array.raw_json().get(copy);
                break;
            }
            case ondemand::json_type::number:
            case ondemand::json_type::string:
            case ondemand::json_type::boolean:
            case ondemand::json_type::null:
                copy = value.raw_json_token();
                break;
        }
        // It reaches to the next token, over the white space between.
        copy = copy.substr(0, copy.find_last_not_of(" \t\r\n") + 1);
        if (error == simdjson::SUCCESS) {
            where =
                json_.substr(static_cast<std::size_t>(copy.data() - padded_.data()), copy.size());
        }
        return error;
    }

private:
    std::string_view json_;
    simdjson::padded_string padded_;
    ondemand::parser parser_;
};

}  // namespace

Result<JsonObject> JsonObject::read(std::string_view json) {
    Document text(json);
    ondemand::document document;
    ondemand::object object;
    if (const auto error = text.iterate().get(document)) return unreadable(error);
    if (const auto error = document.get_object().get(object)) return unreadable(error);
    JsonObject result;
    for (auto entry : object) {
        ondemand::field field;
        std::string_view name;
        if (const auto error = std::move(entry).get(field)) return unreadable(error);
        if (const auto error = field.unescaped_key().get(name)) return unreadable(error);
        Field& kept = result.fields_.emplace_back();
        kept.name = name;
        ondemand::value value = field.value();
        if (const auto error = text.locate(value, kept.json)) return unreadable(error);
        if (!kept.json.starts_with('"')) continue;
        std::string_view decoded;
        if (const auto error = value.get_string().get(decoded)) return unreadable(error);
        kept.decoded = decoded;
    }
    if (!atEnd(document)) return unreadable(simdjson::TRAILING_CONTENT);
    return result;
}

std::optional<std::string_view> JsonObject::json(std::string_view name) const {
    const Field* field = find(name);
    return field ? std::optional(field->json) : std::nullopt;
}

std::string_view JsonObject::text(std::string_view name) const {
    const Field* field = find(name);
    return field ? field->text() : std::string_view();
}

std::string_view JsonObject::Field::text() const {
    if (json == "null") return {};
    return json.starts_with('"') ? std::string_view(decoded) : json;
}

const JsonObject::Field* JsonObject::find(std::string_view name) const {
    const auto found = std::ranges::find(fields_, name, &Field::name);
    return found != fields_.end() ? &*found : nullptr;
}

Result<void> checkJsonObject(std::string_view json) {
    simdjson::dom::parser parser;
    simdjson::dom::element document;
    if (const auto error = parser.parse(simdjson::padded_string(json)).get(document)) {
        return unreadable(error);
    }
    if (!document.is_object()) return Error{Error::Kind::Invalid, "it does not begin with {"};
    return {};
}

Result<std::vector<std::string_view>> readJsonArray(std::string_view json) {
    Document text(json);
    ondemand::document document;
    ondemand::array array;
    if (const auto error = text.iterate().get(document)) return unreadable(error);
    if (const auto error = document.get_array().get(array)) return unreadable(error);
    std::vector<std::string_view> elements;
    for (auto entry : array) {
        ondemand::value value;
        if (const auto error = std::move(entry).get(value)) return unreadable(error);
        if (const auto error = text.locate(value, elements.emplace_back())) {
            return unreadable(error);
        }
    }
    if (!atEnd(document)) return unreadable(simdjson::TRAILING_CONTENT);
    return elements;
}

Result<std::vector<std::string>> readJsonStrings(std::string_view json) {
    ondemand::parser parser;
    const simdjson::padded_string padded(json);
    ondemand::document document;
    ondemand::array array;
    if (const auto error = parser.iterate(padded).get(document)) return unreadable(error);
    if (const auto error = document.get_array().get(array)) return unreadable(error);
    std::vector<std::string> strings;
    for (auto element : array) {
        std::string_view text;
        if (const auto error = element.get_string().get(text)) return unreadable(error);
        strings.emplace_back(text);
    }
    return strings;
}

}  // namespace hub::ctl
