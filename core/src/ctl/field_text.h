#pragma once

#include "ctl/json_object.h"
#include "hub/time.h"

#include <string>
#include <string_view>

namespace hub::ctl {

// The texts that several commands show for the fields of the hub's answers. A time that is null,
// absent or unreadable has no text.

// `2026-11-23 17:40:03`, in local time.
[[nodiscard]] std::string timeText(const JsonObject& object, std::string_view field);
// The same with milliseconds.
[[nodiscard]] std::string exactTimeText(const JsonObject& object, std::string_view field);
// `12 s ago`.
[[nodiscard]] std::string ageText(const JsonObject& object, std::string_view field, Timestamp now);
// `2026-11-23 17:40:03 (12 s ago)`.
[[nodiscard]] std::string timeAndAgeText(const JsonObject& object, std::string_view field,
                                         Timestamp now);

// `5 min`, for a number of seconds such as `301.25`; no text for anything else.
[[nodiscard]] std::string durationText(std::string_view seconds);

// The members of a JSON object on one line: `temperature=21.5 note="two words"`. A text that is no
// object is shown as it is.
[[nodiscard]] std::string fieldsText(std::string_view json);

// Of a device: `online`, or why it is not: `offline (timeout)`.
[[nodiscard]] std::string presenceText(const JsonObject& device);

// The path of what belongs to one device: `/api/devices/lamp`.
[[nodiscard]] std::string devicePath(std::string_view id);

}  // namespace hub::ctl
