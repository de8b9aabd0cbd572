#include "ctl/field_text.h"

#include "ctl/local_time.h"
#include "ctl/rest_client.h"

#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>

namespace hub::ctl {

namespace {

std::optional<Timestamp> timeOf(const JsonObject& object, std::string_view field) {
    const auto time = parseTimestamp(object.text(field));
    return time ? std::optional(*time) : std::nullopt;
}

}  // namespace

std::string timeText(const JsonObject& object, std::string_view field) {
    const auto time = timeOf(object, field);
    return time ? formatLocal(*time) : "";
}

std::string exactTimeText(const JsonObject& object, std::string_view field) {
    const auto time = timeOf(object, field);
    return time ? formatLocalMilliseconds(*time) : "";
}

std::string ageText(const JsonObject& object, std::string_view field, Timestamp now) {
    const auto time = timeOf(object, field);
    return time ? formatAge(*time, now) : "";
}

std::string timeAndAgeText(const JsonObject& object, std::string_view field, Timestamp now) {
    const auto time = timeOf(object, field);
    return time ? formatLocal(*time) + " (" + formatAge(*time, now) + ")" : "";
}

std::string durationText(std::string_view seconds) {
    constexpr double kLongest = 1e9;
    double value = 0;
    const auto [end, error] =
        std::from_chars(seconds.data(), seconds.data() + seconds.size(), value);
    const bool usable = error == std::errc() && end == seconds.data() + seconds.size() &&
                        value >= 0 && value < kLongest;
    return usable ? formatSpan(std::chrono::seconds(static_cast<std::int64_t>(value))) : "";
}

std::string fieldsText(std::string_view json) {
    const auto object = JsonObject::read(json);
    if (!object) return std::string(json);
    std::string line;
    for (const JsonObject::Field& field : object->fields()) {
        if (!line.empty()) line += ' ';
        line.append(field.name).append(1, '=');
        // A word needs no quotes; what could be taken for something else keeps them.
        const bool word =
            !field.decoded.empty() && field.decoded.find_first_of(" =\"{}[],") == std::string::npos;
        line += word ? std::string_view(field.decoded) : field.json;
    }
    return line;
}

std::string presenceText(const JsonObject& device) {
    if (device.text("is_online") == "true") return "online";
    const std::string_view reason = device.text("offline_reason");
    return reason.empty() ? "offline" : "offline (" + std::string(reason) + ")";
}

std::string devicePath(std::string_view id) { return "/api/devices/" + percentEncoded(id); }

}  // namespace hub::ctl
