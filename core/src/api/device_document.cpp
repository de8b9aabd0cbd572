#include "device_document.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>
#include <vector>

namespace hub {

namespace {

namespace ondemand = simdjson::ondemand;
using simdjson::error_code;
using Shape = DocumentValue::Shape;

constexpr std::size_t kInitialBytes = 4 * 1024;
constexpr std::size_t kKeptBytes = 64 * 1024;  // memory for a longer document is given back

// In the order of Field.
constexpr std::array<std::string_view, 11> kFieldNames{
    "message_type", "device_type", "msg_id",     "metadata", "payload", "readings",
    "command_id",   "status",      "alert_type", "message",  "ts"};

bool isSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::string_view withoutTrailingSpace(std::string_view text) {
    while (!text.empty() && isSpace(text.back())) text.remove_suffix(1);
    return text;
}

Shape shapeOf(ondemand::json_type type) {
    switch (type) {
        case ondemand::json_type::object:
            return Shape::Object;
        case ondemand::json_type::array:
            return Shape::Array;
        case ondemand::json_type::string:
            return Shape::String;
        case ondemand::json_type::number:
            return Shape::Number;
        case ondemand::json_type::boolean:
            return Shape::Boolean;
        case ondemand::json_type::null:
            return Shape::Absent;
    }
    return Shape::Absent;
}

std::string_view describe(error_code code) {
    switch (static_cast<int>(code)) {
        case simdjson::EMPTY:
            return "the message is empty";
        case simdjson::UTF8_ERROR:
            return "it is not valid UTF-8";
        case simdjson::UNCLOSED_STRING:
            return "a string is not closed";
        case simdjson::UNESCAPED_CHARS:
            return "a control character in a string is not escaped";
        case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
            return "an object or a list is not closed";
        case simdjson::TRAILING_CONTENT:
            return "something behind the end of the object";
        case simdjson::STRING_ERROR:
            return "a string with a bad escape";
        case simdjson::NUMBER_ERROR:
            return "a number that is malformed or too large";
        case simdjson::CAPACITY:
        case simdjson::MEMALLOC:
            return "it is too long";
    }
    return "something unexpected";
}

// True for `NaN`, `-inf`, ...: what printf and careless encoders make of a missing measurement.
bool isNotFinite(std::string_view text) {
    if (text.starts_with('-')) text.remove_prefix(1);
    constexpr std::array<std::string_view, 4> kWords{"NaN", "nan", "Inf", "inf"};
    return std::any_of(kWords.begin(), kWords.end(),
                       [&](std::string_view word) { return text.starts_with(word); });
}

// True for an exponent of more than 18 digits. simdjson 3.0 lets one of 19 overflow: it reads
// 1e9999999999999999999 as 0.
bool hasHugeExponent(std::string_view number) {
    constexpr std::size_t kMaxDigits = 18;
    if (number.size() <= kMaxDigits) return false;
    const std::size_t e = number.find_first_of("eE");
    if (e == std::string_view::npos) return false;
    const std::string_view exponent = withoutTrailingSpace(number.substr(e + 1));
    const bool is_signed = exponent.starts_with('-') || exponent.starts_with('+');
    return exponent.size() - (is_signed ? 1 : 0) > kMaxDigits;
}

}  // namespace

struct DeviceDocument::Reader {
    error_code read(std::string_view text);
    [[nodiscard]] std::string describeFault() const;

    std::string_view document;
    std::array<DocumentValue, kFieldNames.size()> fields;
    std::vector<DocumentReading> readings;
    Shape tags_shape = Shape::Absent;
    std::vector<DocumentValue> tags;

private:
    error_code load(std::string_view text);
    error_code reserve(std::size_t bytes);
    error_code readDocument();
    error_code readRoot(ondemand::object object);
    error_code readReadings(ondemand::value value, DocumentValue& list);
    error_code readReading(ondemand::value value);
    error_code readMetadata(ondemand::value value, DocumentValue& kept);
    error_code readTags(ondemand::value value);
    error_code readValue(ondemand::value value, int depth, DocumentValue& kept);
    error_code readObjectText(const char* begin, std::string_view& text);
    error_code readString(ondemand::value value, std::string_view& text);
    error_code readName(ondemand::field& field, std::string_view& name);
    error_code readNumber(ondemand::value value);
    error_code walk(ondemand::value value, int depth);
    template <class Visit>
    error_code eachField(ondemand::object object, Visit visit);
    error_code stoppedAt(const char* place, error_code code);

    // Memory that every document uses again.
    std::size_t capacity_ = 0;
    std::unique_ptr<char[]> buffer_;
    ondemand::parser parser_;

    // The document being read.
    ondemand::document cursor_;
    std::size_t skipped_ = 0;         // white space before it
    error_code fault_{};              // why reading failed
    const char* fault_at_ = nullptr;  // and where, if that is known
};

error_code DeviceDocument::Reader::read(std::string_view text) {
    document = {};
    fields = {};
    readings.clear();
    tags_shape = Shape::Absent;
    tags.clear();
    fault_at_ = nullptr;
    fault_ = load(text);
    if (!fault_) fault_ = readDocument();
    return fault_;
}

std::string DeviceDocument::Reader::describeFault() const {
    if (fault_ == simdjson::DEPTH_ERROR) {
        return "nested deeper than " + std::to_string(DeviceMessageDecoder::kMaxDepth) + " levels";
    }
    if (fault_ == simdjson::INCORRECT_TYPE) return "a message must be a JSON object";
    std::string sentence = "not JSON: ";
    if (!fault_at_) return sentence.append(describe(fault_));

    const auto offset = static_cast<std::size_t>(fault_at_ - document.data());
    const bool not_finite = isNotFinite(document.substr(std::min(offset, document.size())));
    sentence.append(not_finite ? "NaN or infinity (send null instead)" : describe(fault_));
    return sentence.append(" at byte ").append(std::to_string(skipped_ + offset));
}

error_code DeviceDocument::Reader::load(std::string_view text) {
    const auto first = std::find_if_not(text.begin(), text.end(), isSpace);
    skipped_ = static_cast<std::size_t>(first - text.begin());
    text = withoutTrailingSpace(text.substr(skipped_));
    if (text.empty()) return simdjson::EMPTY;
    if (const auto code = reserve(text.size())) return code;
    std::memcpy(buffer_.get(), text.data(), text.size());
    // simdjson looks a few bytes beyond the end: what an earlier document left there must not
    // continue a truncated one.
    std::memset(buffer_.get() + text.size(), 0, simdjson::SIMDJSON_PADDING);
    document = {buffer_.get(), text.size()};
    return simdjson::SUCCESS;
}

error_code DeviceDocument::Reader::reserve(std::size_t bytes) {
    const bool too_small = capacity_ < bytes;
    const bool too_large = capacity_ > kKeptBytes && bytes <= kKeptBytes;
    if (!too_small && !too_large) return simdjson::SUCCESS;
    capacity_ = 0;
    const std::size_t wanted = std::bit_ceil(std::max(bytes, kInitialBytes));
    buffer_ = std::make_unique<char[]>(wanted + simdjson::SIMDJSON_PADDING);
    parser_ = ondemand::parser{};
    if (const auto code = parser_.allocate(wanted)) return code;
    capacity_ = wanted;
    return simdjson::SUCCESS;
}

error_code DeviceDocument::Reader::readDocument() {
    const simdjson::padded_string_view padded{document,
                                              document.size() + simdjson::SIMDJSON_PADDING};
    if (const auto code = parser_.iterate(padded).get(cursor_)) return code;
    ondemand::json_type type{};
    if (const auto code = cursor_.type().get(type)) return stoppedAt(document.data(), code);
    if (type != ondemand::json_type::object) return simdjson::INCORRECT_TYPE;

    ondemand::object object;
    if (const auto code = cursor_.get_object().get(object)) return code;
    auto code = readRoot(object);
    const char* next = nullptr;
    const bool at_end = cursor_.current_location().get(next) == simdjson::OUT_OF_BOUNDS;
    if (!code && !at_end) code = simdjson::TRAILING_CONTENT;
    if (code && !at_end && !fault_at_) fault_at_ = next;
    return code;
}

error_code DeviceDocument::Reader::readRoot(ondemand::object object) {
    constexpr int kDepth = 2;
    return eachField(object, [this](std::string_view name, ondemand::value value) {
        const auto found = std::find(kFieldNames.begin(), kFieldNames.end(), name);
        if (found == kFieldNames.end()) return walk(value, kDepth);
        DocumentValue& kept = fields[static_cast<std::size_t>(found - kFieldNames.begin())];
        if (kept.shape != Shape::Absent) return walk(value, kDepth);
        if (name == kFieldNames[static_cast<std::size_t>(Field::Readings)]) {
            return readReadings(value, kept);
        }
        if (name == kFieldNames[static_cast<std::size_t>(Field::Metadata)]) {
            return readMetadata(value, kept);
        }
        return readValue(value, kDepth, kept);
    });
}

error_code DeviceDocument::Reader::readReadings(ondemand::value value, DocumentValue& list) {
    constexpr int kElementDepth = 3;
    ondemand::json_type type{};
    if (const auto code = value.type().get(type)) return code;
    list.shape = shapeOf(type);
    if (list.shape != Shape::Array) return walk(value, kElementDepth - 1);

    ondemand::array array;
    if (const auto code = value.get_array().get(array)) return code;
    for (auto result : array) {
        ondemand::value element;
        if (const auto code = std::move(result).get(element)) return code;
        const bool kept = readings.size() <= DeviceMessageDecoder::kMaxReadings;
        const auto code = kept ? readReading(element) : walk(element, kElementDepth);
        if (code) return code;
    }
    return simdjson::SUCCESS;
}

error_code DeviceDocument::Reader::readReading(ondemand::value value) {
    constexpr int kDepth = 3;
    DocumentReading& reading = readings.emplace_back();
    ondemand::json_type type{};
    if (const auto code = value.type().get(type)) return code;
    reading.shape = shapeOf(type);
    if (reading.shape != Shape::Object) return walk(value, kDepth);

    ondemand::object object;
    if (const auto code = value.get_object().get(object)) return code;
    return eachField(object, [&](std::string_view name, ondemand::value member) {
        DocumentValue* kept = nullptr;
        if (name == "payload") kept = &reading.payload;
        if (name == "ts") kept = &reading.time;
        const bool repeated = kept && kept->shape != Shape::Absent;
        return kept && !repeated ? readValue(member, kDepth + 1, *kept) : walk(member, kDepth + 1);
    });
}

error_code DeviceDocument::Reader::readMetadata(ondemand::value value, DocumentValue& kept) {
    constexpr int kDepth = 2;
    ondemand::json_type type{};
    if (const auto code = value.type().get(type)) return code;
    if (type != ondemand::json_type::object) return readValue(value, kDepth, kept);

    const char* const begin = value.raw_json_token().data();
    ondemand::object object;
    if (const auto code = value.get_object().get(object)) return code;
    const auto code = eachField(object, [this](std::string_view name, ondemand::value member) {
        const bool kept_already = tags_shape != Shape::Absent;
        return name == "tags" && !kept_already ? readTags(member) : walk(member, kDepth + 1);
    });
    if (code) return code;
    kept.shape = Shape::Object;
    return readObjectText(begin, kept.raw);
}

error_code DeviceDocument::Reader::readTags(ondemand::value value) {
    constexpr int kElementDepth = 4;
    ondemand::json_type type{};
    if (const auto code = value.type().get(type)) return code;
    tags_shape = shapeOf(type);
    if (tags_shape != Shape::Array) return walk(value, kElementDepth - 1);

    ondemand::array array;
    if (const auto code = value.get_array().get(array)) return code;
    for (auto result : array) {
        ondemand::value element;
        if (const auto code = std::move(result).get(element)) return code;
        const bool kept = tags.size() <= DeviceMessageDecoder::kMaxTags;
        const auto code = kept ? readValue(element, kElementDepth, tags.emplace_back())
                               : walk(element, kElementDepth);
        if (code) return code;
    }
    return simdjson::SUCCESS;
}

error_code DeviceDocument::Reader::readValue(ondemand::value value, int depth,
                                             DocumentValue& kept) {
    ondemand::json_type type{};
    if (const auto code = value.type().get(type)) return code;
    const std::string_view token = value.raw_json_token();
    const bool is_string = type == ondemand::json_type::string;
    const auto code = is_string ? readString(value, kept.text) : walk(value, depth);
    if (code) return code;
    kept.shape = shapeOf(type);
    const bool has_text = kept.shape != Shape::Array && kept.shape != Shape::Absent;
    if (has_text) kept.raw = withoutTrailingSpace(token);
    return kept.shape == Shape::Object ? readObjectText(token.data(), kept.raw) : simdjson::SUCCESS;
}

// Of an object that was just read: the cursor is at the token behind its closing brace.
error_code DeviceDocument::Reader::readObjectText(const char* begin, std::string_view& text) {
    const char* next = nullptr;
    if (cursor_.current_location().get(next)) return simdjson::INCOMPLETE_ARRAY_OR_OBJECT;
    text = withoutTrailingSpace({begin, next});
    return simdjson::SUCCESS;
}

// Stage one of simdjson has found the end of every string and refused bad UTF-8 and bare control
// characters: a string without a backslash is good as it stands.
error_code DeviceDocument::Reader::readString(ondemand::value value, std::string_view& text) {
    const std::string_view token = withoutTrailingSpace(value.raw_json_token());
    if (token.find('\\') == std::string_view::npos) {
        text = token.substr(1, token.size() - 2);
        return value.get_raw_json_string().error();
    }
    const auto code = value.get_string().get(text);
    return code ? stoppedAt(token.data(), code) : code;
}

// Asks for a double: that accepts integers of any length, and refuses what would read back as
// infinity.
error_code DeviceDocument::Reader::readNumber(ondemand::value value) {
    const std::string_view token = value.raw_json_token();
    const bool bad = value.get_double().error() != simdjson::SUCCESS || hasHugeExponent(token);
    return bad ? stoppedAt(token.data(), simdjson::NUMBER_ERROR) : simdjson::SUCCESS;
}

// Looks at everything in `value`: simdjson's on-demand parser validates only what it is asked for.
error_code DeviceDocument::Reader::walk(ondemand::value value, int depth) {
    ondemand::json_type type{};
    if (const auto code = value.type().get(type)) return code;
    switch (type) {
        case ondemand::json_type::object: {
            if (depth > DeviceMessageDecoder::kMaxDepth) return simdjson::DEPTH_ERROR;
            ondemand::object object;
            if (const auto code = value.get_object().get(object)) return code;
            return eachField(object, [&](std::string_view, ondemand::value member) {
                return walk(member, depth + 1);
            });
        }
        case ondemand::json_type::array: {
            if (depth > DeviceMessageDecoder::kMaxDepth) return simdjson::DEPTH_ERROR;
            ondemand::array array;
            if (const auto code = value.get_array().get(array)) return code;
            for (auto result : array) {
                ondemand::value element;
                if (const auto code = std::move(result).get(element)) return code;
                if (const auto code = walk(element, depth + 1)) return code;
            }
            return simdjson::SUCCESS;
        }
        case ondemand::json_type::string: {
            std::string_view text;
            return readString(value, text);
        }
        case ondemand::json_type::number:
            return readNumber(value);
        case ondemand::json_type::boolean:
            return value.get_bool().error() ? simdjson::TAPE_ERROR : simdjson::SUCCESS;
        case ondemand::json_type::null:
            return value.is_null().error() ? simdjson::TAPE_ERROR : simdjson::SUCCESS;
    }
    return simdjson::TAPE_ERROR;
}

// Calls `visit` with the name and the value of every field, until it returns an error.
template <class Visit>
error_code DeviceDocument::Reader::eachField(ondemand::object object, Visit visit) {
    for (auto result : object) {
        ondemand::field field;
        if (const auto code = std::move(result).get(field)) return code;
        std::string_view name;
        if (const auto code = readName(field, name)) return code;
        if (const auto code = visit(name, field.value())) return code;
    }
    return simdjson::SUCCESS;
}

error_code DeviceDocument::Reader::readName(ondemand::field& field, std::string_view& name) {
    const char* const begin = field.key().raw();
    const char* end = begin;
    while (*end != '"' && *end != '\\') ++end;
    if (*end == '"') {
        name = {begin, end};
        return simdjson::SUCCESS;
    }
    const auto code = field.unescaped_key().get(name);
    return code ? stoppedAt(begin - 1, code) : code;
}

// Notes the place of a fault that simdjson's own cursor has already passed.
error_code DeviceDocument::Reader::stoppedAt(const char* place, error_code code) {
    fault_at_ = place;
    return code;
}

DeviceDocument::DeviceDocument() : reader_{std::make_unique<Reader>()} {}

DeviceDocument::~DeviceDocument() = default;

bool DeviceDocument::read(std::string_view text) {
    return reader_->read(text) == simdjson::SUCCESS;
}

std::string DeviceDocument::fault() const { return reader_->describeFault(); }

std::string_view DeviceDocument::text() const noexcept { return reader_->document; }

const DocumentValue& DeviceDocument::field(Field field) const noexcept {
    return reader_->fields[static_cast<std::size_t>(field)];
}

std::span<const DocumentReading> DeviceDocument::readings() const noexcept {
    return reader_->readings;
}

DocumentValue::Shape DeviceDocument::tagsShape() const noexcept { return reader_->tags_shape; }

std::span<const DocumentValue> DeviceDocument::tags() const noexcept { return reader_->tags; }

}  // namespace hub
