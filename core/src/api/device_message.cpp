#include "hub/device_message.h"

#include "device_document.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

namespace hub {

namespace {

using Shape = DocumentValue::Shape;

constexpr std::size_t kMaxWordBytes = 64;
constexpr std::size_t kMaxMessageIdBytes = 128;

// Last levels of topics, and names of feed events, under which only the hub itself speaks.
constexpr std::array<std::string_view, 6> kReservedNames{"command",      "connected", "connection",
                                                         "disconnected", "forgotten", "lagged"};

bool isReserved(std::string_view name) {
    return std::find(kReservedNames.begin(), kReservedNames.end(), name) != kReservedNames.end();
}

bool isInteger(const DocumentValue& value) {
    if (value.shape != Shape::Number) return false;
    const std::size_t first = value.raw.starts_with('-') ? 1 : 0;
    return value.raw.find_first_not_of("0123456789", first) == std::string_view::npos;
}

bool isMessageId(const DocumentValue& value) {
    if (isInteger(value)) return value.raw.size() <= kMaxMessageIdBytes;
    return value.shape == Shape::String && value.text.size() <= kMaxMessageIdBytes;
}

// C0 with DEL, and C1, which UTF-8 writes as 0xC2 0x80 to 0xC2 0x9F.
bool hasControlCharacter(std::string_view text) {
    unsigned char previous = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7F || (previous == 0xC2 && byte < 0xA0)) return true;
        previous = byte;
    }
    return false;
}

MessageType typeOf(std::string_view name) {
    if (name == "status") return MessageType::Status;
    if (name == "heartbeat") return MessageType::Heartbeat;
    if (name == "registration") return MessageType::Registration;
    if (name == "command_ack") return MessageType::CommandAck;
    if (name == "alert") return MessageType::Alert;
    return MessageType::Other;
}

std::string inQuotes(std::string_view field) { return std::string{'"'}.append(field).append("\""); }

constexpr std::string_view kTimeRule =
    " must be an ISO 8601 time or an integer of milliseconds since 1970";

// False for a `ts` that is no time. An absent one is none, which is fine.
bool readTime(const DocumentValue& value, std::optional<Timestamp>& time) {
    if (value.shape == Shape::Absent) return true;
    if (value.shape != Shape::String && !isInteger(value)) return false;
    const auto parsed = parseTimestamp(value.shape == Shape::String ? value.text : value.raw);
    if (parsed) time = *parsed;
    return parsed.ok();
}

std::string nameOfReading(std::size_t index) { return "readings[" + std::to_string(index) + "]"; }

}  // namespace

struct [[gnu::visibility("hidden")]] DeviceMessageDecoder::Parser {
    bool decode(std::string_view text, std::string_view topic_name);

    DeviceMessage message;
    DecodeError error;

private:
    bool checkName();
    bool checkCommonFields();
    bool checkFieldsOfType();
    bool checkMetadata();
    bool checkStatus();
    bool checkReading(const DocumentReading& reading, std::size_t index);
    bool checkCommandAck();
    bool checkObject(Field field, std::string_view name);
    bool checkText(Field field, std::string_view name);
    bool checkWord(std::string_view subject, std::string_view word);
    bool refuse(std::string sentence);

    DeviceDocument document_;
    std::string topic_name_;
    std::vector<Reading> readings_;
    std::vector<std::string_view> tags_;
};

bool DeviceMessageDecoder::Parser::decode(std::string_view text, std::string_view topic_name) {
    message = {};
    error.message.clear();
    error.message_id = {};
    readings_.clear();
    tags_.clear();
    topic_name_.assign(topic_name);

    const bool well_formed = document_.read(text);
    const DocumentValue& id = document_.field(Field::MessageId);
    if (isMessageId(id)) message.message_id = error.message_id = id.raw;
    if (!well_formed) return refuse(document_.fault());
    message.document = document_.text();
    return checkName() && checkCommonFields() && checkFieldsOfType();
}

bool DeviceMessageDecoder::Parser::checkName() {
    std::string_view source = "the last level of the topic";
    message.name = topic_name_;
    if (topic_name_.empty()) {
        source = "\"message_type\"";
        const DocumentValue& type = document_.field(Field::MessageType);
        if (type.shape == Shape::Absent) return refuse("a message needs \"message_type\"");
        message.name = type.text;
    } else if (!simdjson::validate_utf8(topic_name_.data(), topic_name_.size())) {
        return refuse("the last level of the topic must be valid UTF-8");
    }
    message.type = typeOf(message.name);
    if (message.type != MessageType::Other) return true;
    if (!checkWord(source, message.name)) return false;
    if (message.name.find_first_of("/+#") != std::string_view::npos) {
        return refuse(std::string{source}.append(R"( must not contain "/", "+" or "#")"));
    }
    if (!isReserved(message.name)) return true;
    return refuse(std::string{source}.append(" must not be ").append(inQuotes(message.name)) +
                  ", which is the hub's own word");
}

bool DeviceMessageDecoder::Parser::checkCommonFields() {
    const DocumentValue& device_type = document_.field(Field::DeviceType);
    if (device_type.shape != Shape::Absent && !checkWord("\"device_type\"", device_type.text)) {
        return false;
    }
    message.device_type = device_type.text;
    const DocumentValue& id = document_.field(Field::MessageId);
    if (id.shape != Shape::Absent && !isMessageId(id)) {
        return refuse("\"msg_id\" must be a string of at most 128 bytes or an integer");
    }
    return true;
}

bool DeviceMessageDecoder::Parser::checkFieldsOfType() {
    if (message.type == MessageType::Other) {
        // What the hub does not know it does not judge.
        const DocumentValue& metadata = document_.field(Field::Metadata);
        if (metadata.shape == Shape::Object) message.metadata = metadata.raw;
        return true;
    }
    if (!checkMetadata() || !checkObject(Field::Payload, "payload")) return false;
    switch (message.type) {
        case MessageType::Registration:
            if (!message.device_type.empty()) return true;
            return refuse("a registration needs \"device_type\"");
        case MessageType::Status:
            return checkStatus();
        case MessageType::CommandAck:
            return checkCommandAck();
        case MessageType::Alert:
            return checkText(Field::AlertType, "alert_type") &&
                   checkText(Field::Message, "message");
        case MessageType::Heartbeat:
        case MessageType::Other:
            return true;
    }
    return true;
}

bool DeviceMessageDecoder::Parser::checkMetadata() {
    if (!checkObject(Field::Metadata, "metadata")) return false;
    message.metadata = document_.field(Field::Metadata).raw;
    if (message.metadata.size() > kMaxMetadataBytes) {
        return refuse("\"metadata\" must have at most " + std::to_string(kMaxMetadataBytes) +
                      " bytes");
    }
    const auto tags = document_.tags();
    const Shape shape = document_.tagsShape();
    if (shape == Shape::Absent) return true;
    if (shape != Shape::Array || tags.size() > kMaxTags) {
        return refuse("\"metadata.tags\" must be a list of at most " + std::to_string(kMaxTags) +
                      " words");
    }
    for (const DocumentValue& tag : tags) {
        const std::string subject = "\"metadata.tags[" + std::to_string(tags_.size()) + "]\"";
        if (!checkWord(subject, tag.text)) return false;
        if (tag.text.find(',') != std::string_view::npos) {
            return refuse(subject + " must not contain a comma");
        }
        tags_.push_back(tag.text);
    }
    message.tags = tags_;
    return true;
}

bool DeviceMessageDecoder::Parser::checkStatus() {
    const DocumentValue& list = document_.field(Field::Readings);
    const DocumentValue& payload = document_.field(Field::Payload);
    if (list.shape == Shape::Absent && payload.shape == Shape::Absent) {
        return refuse("a status needs \"payload\" or \"readings\"");
    }
    if (list.shape != Shape::Absent) {
        const auto readings = document_.readings();
        if (readings.empty() || readings.size() > kMaxReadings) {
            return refuse("\"readings\" must be a list of 1 to " + std::to_string(kMaxReadings) +
                          " objects");
        }
        for (std::size_t i = 0; i < readings.size(); ++i) {
            if (!checkReading(readings[i], i)) return false;
        }
    }
    // A payload beside readings is the newest: those were gathered before.
    if (payload.shape != Shape::Absent) {
        Reading& newest = readings_.emplace_back(Reading{payload.raw, std::nullopt});
        if (!readTime(document_.field(Field::Time), newest.device_time)) {
            return refuse("\"ts\"" + std::string{kTimeRule});
        }
    }
    message.readings = readings_;
    return true;
}

bool DeviceMessageDecoder::Parser::checkReading(const DocumentReading& reading, std::size_t index) {
    if (reading.shape != Shape::Object) {
        return refuse(inQuotes(nameOfReading(index)) + " must be a JSON object");
    }
    if (reading.payload.shape != Shape::Object) {
        return refuse(inQuotes(nameOfReading(index) + ".payload") + " must be a JSON object");
    }
    Reading& kept = readings_.emplace_back();
    kept.payload = reading.payload.raw;
    if (readTime(reading.time, kept.device_time)) return true;
    return refuse(inQuotes(nameOfReading(index) + ".ts") + std::string{kTimeRule});
}

bool DeviceMessageDecoder::Parser::checkCommandAck() {
    const DocumentValue& id = document_.field(Field::CommandId);
    if (id.shape == Shape::Absent) return refuse("a command_ack needs \"command_id\"");
    if (id.text.empty()) return refuse("\"command_id\" must be a string that is not empty");
    message.command_id = id.text;
    const DocumentValue& payload = document_.field(Field::Payload);
    const DocumentValue& said = document_.field(Field::Message);
    message.command_response = said.raw;
    if (payload.shape != Shape::Absent) {
        message.command_response = payload.raw;
        message.command_reason = said.shape == Shape::String ? said.text : said.raw;
    }

    const DocumentValue& status = document_.field(Field::Status);
    message.command_succeeded = status.text != "error";
    const bool known = status.text == "success" || status.text == "error";
    if (status.shape == Shape::Absent || known) return true;
    return refuse(R"("status" must be "success" or "error")");
}

bool DeviceMessageDecoder::Parser::checkObject(Field field, std::string_view name) {
    const Shape shape = document_.field(field).shape;
    if (shape == Shape::Absent || shape == Shape::Object) return true;
    return refuse(inQuotes(name) + " must be a JSON object");
}

bool DeviceMessageDecoder::Parser::checkText(Field field, std::string_view name) {
    const Shape shape = document_.field(field).shape;
    if (shape == Shape::Absent || shape == Shape::String) return true;
    return refuse(inQuotes(name) + " must be a string");
}

// `subject` is what the sentence says of a bad word.
bool DeviceMessageDecoder::Parser::checkWord(std::string_view subject, std::string_view word) {
    if (word.empty() || word.size() > kMaxWordBytes) {
        return refuse(std::string{subject}.append(" must be a string of 1 to 64 bytes"));
    }
    if (!hasControlCharacter(word)) return true;
    return refuse(std::string{subject}.append(" must not contain control characters"));
}

bool DeviceMessageDecoder::Parser::refuse(std::string sentence) {
    error.message = std::move(sentence);
    return false;
}

DeviceMessageDecoder::DeviceMessageDecoder() : parser_{std::make_unique<Parser>()} {}

DeviceMessageDecoder::~DeviceMessageDecoder() = default;

bool DeviceMessageDecoder::decode(std::string_view text, std::string_view topic_name) {
    return parser_->decode(text, topic_name);
}

const DeviceMessage& DeviceMessageDecoder::message() const noexcept { return parser_->message; }

const DecodeError& DeviceMessageDecoder::error() const noexcept { return parser_->error; }

}  // namespace hub
