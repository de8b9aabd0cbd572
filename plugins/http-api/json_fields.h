#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "hub/time.h"

namespace hub::http_api {

// Appends `,"name":` and the time, or null. `name` must need no escaping.
void appendTimeField(std::string& json, std::string_view name, std::optional<Timestamp> time);

// Appends what ends every list: `total`, the items in this answer, and `next`, the cursor (null
// when it is empty), and closes the object.
void appendListEnd(std::string& json, std::size_t total, std::string_view next);

}  // namespace hub::http_api
