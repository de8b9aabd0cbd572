#include "ctl/import/json_repair.h"

#include "hub/device_message.h"

#include <simdjson.h>

#include <algorithm>
#include <array>

namespace hub::ctl::importer {

namespace {

constexpr std::size_t kSmallestCapacity = 4096;

// A piece of JSON that begins at `text`: a string whole, one of the words Python adds, or one byte.
struct Piece {
    std::size_t length = 1;
    bool is_no_number = false;
};

Piece pieceAt(std::string_view text) {
    constexpr std::array<std::string_view, 3> kNoNumbers{"NaN", "Infinity", "-Infinity"};
    for (const std::string_view word : kNoNumbers) {
        if (text.starts_with(word)) return {word.size(), true};
    }
    if (text.front() != '"') return {};
    std::size_t end = 1;
    while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
    return {std::min(end + 1, text.size()), false};
}

std::string withNulls(std::string_view text) {
    std::string out;
    out.reserve(text.size() + 8);
    while (!text.empty()) {
        const Piece piece = pieceAt(text);
        out += piece.is_no_number ? "null" : text.substr(0, piece.length);
        text.remove_prefix(piece.length);
    }
    return out;
}

}  // namespace

struct JsonRepair::Parser {
    simdjson::dom::parser parser;
    simdjson::dom::element document;
    std::string padded;  // what is parsed, with the room behind it that simdjson reads
};

JsonRepair::JsonRepair() : parser_(std::make_unique<Parser>()) {}

JsonRepair::~JsonRepair() = default;

JsonRepair::Verdict JsonRepair::judge(std::string_view text, std::string_view& object) {
    object = text;
    if (isObject(text)) return Verdict::Sound;
    if (text.find("NaN") == text.npos && text.find("Infinity") == text.npos) {
        return Verdict::Hopeless;
    }
    repaired_ = withNulls(text);
    object = repaired_;
    return isObject(repaired_) ? Verdict::Repaired : Verdict::Hopeless;
}

std::string_view JsonRepair::member(std::string_view name) const {
    std::string_view text;
    const bool found = parser_->document.at_key(name).get(text) == simdjson::SUCCESS;
    return found ? text : std::string_view();
}

bool JsonRepair::isObject(std::string_view text) {
    std::string& padded = parser_->padded;
    if (padded.size() < text.size() + simdjson::SIMDJSON_PADDING) {
        padded.resize(text.size() + simdjson::SIMDJSON_PADDING);
    }
    text.copy(padded.data(), text.size());
    simdjson::dom::parser& parser = parser_->parser;
    // Grown here: simdjson itself would do it with another depth.
    const std::size_t capacity = std::max(text.size(), kSmallestCapacity);
    if (parser.capacity() < capacity &&
        parser.allocate(capacity, DeviceMessageDecoder::kMaxDepth) != simdjson::SUCCESS) {
        return false;
    }
    return parser.parse(padded.data(), text.size(), false).get(parser_->document) ==
               simdjson::SUCCESS &&
           parser_->document.is_object();
}

}  // namespace hub::ctl::importer
