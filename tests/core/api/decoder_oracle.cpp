#include "decoder_oracle.h"

#include <simdjson.h>

#include <algorithm>
#include <array>

namespace hub {

namespace {

constexpr std::array<std::string_view, 6> kWordsOfTheHub{"command",      "connected", "connection",
                                                         "disconnected", "forgotten", "lagged"};

bool isDigit(char c) { return c >= '0' && c <= '9'; }

// The decoder takes integers of any length, the reference 64 bits: a long run of digits is cut,
// which leaves well formed what was and malformed what was not.
std::string withShortNumbers(std::string_view text) {
    constexpr std::size_t kMaxDigits = 18;
    std::string out;
    std::size_t digits = 0;
    for (const char c : text) {
        digits = isDigit(c) ? digits + 1 : 0;
        if (digits <= kMaxDigits) out += c;
    }
    return out;
}

}  // namespace

struct DecoderOracle::Reference {
    bool isJson(const std::string& text) { return parser.parse(text).error() == simdjson::SUCCESS; }

    bool isObject(std::string_view text) {
        return parser.parse(withShortNumbers(text)).get_object().error() == simdjson::SUCCESS;
    }

    // Whether they are what `metadata` says, where it can tell: of an Other message none are read.
    bool hasTags(std::string_view metadata, std::span<const std::string_view> tags) {
        const std::string shortened = withShortNumbers(metadata);
        if (tags.empty() || shortened.size() != metadata.size()) return true;
        simdjson::dom::array list;
        if (parser.parse(shortened)["tags"].get(list)) return false;
        const auto says = [](simdjson::dom::element element, std::string_view tag) {
            std::string_view text;
            return !element.get(text) && text == tag;
        };
        return std::equal(list.begin(), list.end(), tags.begin(), tags.end(), says);
    }

    simdjson::dom::parser parser;
};

DecoderOracle::DecoderOracle() : reference_{std::make_unique<Reference>()} {}

DecoderOracle::~DecoderOracle() = default;

std::string DecoderOracle::objection(std::string_view text, std::string_view topic_name) {
    accepted_ = decoder_.decode(text, topic_name);
    if (accepted_) return objectionToMessage(decoder_.message());

    const std::string& sentence = decoder_.error().message;
    if (sentence.empty()) return "refused without a reason";
    if (!simdjson::validate_utf8(sentence.data(), sentence.size())) return "a reason not in UTF-8";
    // With long runs of digits the decoder is stricter: it takes no exponent of 19 of them.
    const std::string shortened = withShortNumbers(text);
    const bool comparable = shortened.size() == text.size();
    if (comparable && sentence.starts_with("not JSON") && reference_->isJson(shortened)) {
        return "refused although it is JSON: " + sentence;
    }
    const std::string id{decoder_.error().message_id};
    if (!id.empty() && !reference_->isJson(withShortNumbers(id))) return "bad message id " + id;
    return "";
}

std::string DecoderOracle::objectionToMessage(const DeviceMessage& message) {
    if (!reference_->isObject(message.document)) return "accepted although it is no JSON object";
    if (message.name.empty()) return "accepted without a name";
    if (std::find(kWordsOfTheHub.begin(), kWordsOfTheHub.end(), message.name) !=
        kWordsOfTheHub.end()) {
        return "accepted under a word of the hub: " + std::string{message.name};
    }
    if (!message.metadata.empty() && !reference_->isObject(message.metadata)) {
        return "metadata is no object: " + std::string{message.metadata};
    }
    if (!reference_->hasTags(message.metadata, message.tags)) {
        return "other tags than in " + std::string{message.metadata};
    }
    if (!message.message_id.empty() && !reference_->isJson(withShortNumbers(message.message_id))) {
        return "bad message id " + std::string{message.message_id};
    }
    if (message.command_response == "null") return "a null taken for a response";
    if (message.readings.empty() == (message.type == MessageType::Status)) {
        return "readings do not fit the type";
    }
    const auto isObject = [this](const Reading& r) { return reference_->isObject(r.payload); };
    if (!std::all_of(message.readings.begin(), message.readings.end(), isObject)) {
        return "a reading's payload is no object";
    }
    return "";
}

}  // namespace hub
