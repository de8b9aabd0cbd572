#pragma once

#include "hub/api.h"
#include "hub/result.h"
#include "hub/time.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace hub {

enum class MessageType : std::uint8_t {
    Registration,
    Heartbeat,
    Status,
    CommandAck,
    Alert,
    Other,  // any other `message_type`: kept as a device event under that name
};

// One state snapshot of a status message.
struct Reading {
    std::string_view payload;              // a JSON object as the device wrote it
    std::optional<Timestamp> device_time;  // the reading's `ts`, or the message's beside `payload`
};

// One document of a device, checked. All views point into the decoder and are valid until its next
// call.
struct DeviceMessage {
    MessageType type = MessageType::Other;
    std::string_view name;         // the message type as a word: `status`, `collision`, ...
    std::string_view document;     // the whole document, without surrounding white space
    std::string_view device_type;  // empty when absent
    std::string_view metadata;     // a JSON object as text, empty when absent
    std::span<const std::string_view> tags;  // the words of `metadata.tags`; not of an Other
    std::string_view message_id;        // the `msg_id` as JSON, quotes included; empty when absent
    std::span<const Reading> readings;  // Status only: at least one
    std::string_view command_id;        // CommandAck only
    bool command_succeeded = true;      // CommandAck only: `status` is not `error`
    std::string_view command_response;  // CommandAck only: `payload`, or else `message`, as JSON
    std::string_view command_reason;    // CommandAck only: `message` as text, beside a `payload`
};

// What is wrong with a document, and the `msg_id` it carried if that much could be read: the answer
// to the device names it.
struct DecodeError {
    std::string message;
    std::string_view message_id;
};

// Reads the JSON documents that devices send (the WebSocket form, with `message_type`; and the MQTT
// form, where the topic has said it). One decoder for every transport, so that the rules are the
// same everywhere:
//   - one JSON object, valid to its last byte (strings, numbers, UTF-8), at most kMaxDepth deep;
//   - `message_type` and `device_type` 1 to 64 bytes without control characters; the former also
//     without `/`, `+` and `#`, since it becomes a topic level, and none of the hub's own words
//     for events: `command`, `connected`, `connection`, `disconnected`, `forgotten`, `lagged`;
//   - `msg_id` a string of at most 128 bytes, or an integer;
//   - `metadata` an object of at most kMaxMetadataBytes; its `tags`, where present, a list of at
//     most kMaxTags words of 1 to 64 bytes without control characters and commas;
//   - `payload` an object; `readings` a list of 1 to kMaxReadings objects; with both,
//     `payload` is the newest; `ts` an ISO 8601 time or integer milliseconds since 1970;
//   - `registration` needs `device_type`, `status` needs `payload` or `readings`,
//     `command_ack` needs `command_id`, and its `status`, where present, is `success` or `error`;
//     `alert_type` and `message` of an `alert` are strings where present;
//   - fields it does not know are allowed; a field that is null counts as absent, and of a repeated
//     one the first that is not.
// Never throws on what a device sent. One thread at a time; keep one per thread.
class HUB_API DeviceMessageDecoder {
public:
    static constexpr int kMaxDepth = 32;
    static constexpr std::size_t kMaxReadings = 1000;
    static constexpr std::size_t kMaxMetadataBytes = 16 * 1024;
    static constexpr std::size_t kMaxTags = 64;

    DeviceMessageDecoder();
    ~DeviceMessageDecoder();
    DeviceMessageDecoder(const DeviceMessageDecoder&) = delete;
    DeviceMessageDecoder& operator=(const DeviceMessageDecoder&) = delete;

    // Reads `text`. With an empty `topic_name` the document must carry `message_type`; otherwise
    // `topic_name` is the message type and one inside the document is ignored.
    // True: `message()` is what was read. False: `error()` says what is wrong.
    [[nodiscard]] bool decode(std::string_view text, std::string_view topic_name = {});

    [[nodiscard]] const DeviceMessage& message() const noexcept;
    [[nodiscard]] const DecodeError& error() const noexcept;

private:
    struct Parser;
    std::unique_ptr<Parser> parser_;
};

}  // namespace hub
