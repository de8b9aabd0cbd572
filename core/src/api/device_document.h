#pragma once

#include "hub/device_message.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace hub {

// The fields of a device's document that mean something to the hub.
enum class Field : std::uint8_t {
    MessageType,
    DeviceType,
    MessageId,
    Metadata,
    Payload,
    Readings,
    CommandId,
    Status,
    AlertType,
    Message,
    Time,
};

// One value of a document. Its views point into the document that was read. A null says nothing, as
// an absent value does: libraries write it for what a firmware has not set.
struct DocumentValue {
    enum class Shape : std::uint8_t { Absent, Object, Array, String, Number, Boolean };

    Shape shape = Shape::Absent;
    std::string_view raw;   // as the device wrote it; empty for an array and for what is absent
    std::string_view text;  // String only: unescaped
};

// One element of `readings`.
struct DocumentReading {
    DocumentValue::Shape shape = DocumentValue::Shape::Absent;
    DocumentValue payload;
    DocumentValue time;
};

// The JSON half of DeviceMessageDecoder: reads a document to its last byte and keeps the values of
// the fields above, without judging them. Of a repeated field the first that is not null counts.
// Everything it returns is valid until the next `read`.
class DeviceDocument {
public:
    DeviceDocument();
    ~DeviceDocument();
    DeviceDocument(const DeviceDocument&) = delete;
    DeviceDocument& operator=(const DeviceDocument&) = delete;

    // True when `text` is one JSON object, valid to its last byte and at most
    // DeviceMessageDecoder::kMaxDepth deep. Otherwise what was read before the fault is kept.
    [[nodiscard]] bool read(std::string_view text);

    // After a failed `read`: one sentence for the author of the device's firmware.
    [[nodiscard]] std::string fault() const;

    // The document without surrounding white space.
    [[nodiscard]] std::string_view text() const noexcept;
    [[nodiscard]] const DocumentValue& field(Field field) const noexcept;
    // The elements of `readings`, at most one more than DeviceMessageDecoder::kMaxReadings.
    [[nodiscard]] std::span<const DocumentReading> readings() const noexcept;
    // What stands under `tags` in an object `metadata`, and its elements when that is a list: at
    // most one more than DeviceMessageDecoder::kMaxTags.
    [[nodiscard]] DocumentValue::Shape tagsShape() const noexcept;
    [[nodiscard]] std::span<const DocumentValue> tags() const noexcept;

private:
    struct Reader;
    std::unique_ptr<Reader> reader_;
};

}  // namespace hub
