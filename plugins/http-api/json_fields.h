#pragma once

#include "hub/http.h"
#include "hub/time.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace hub::http_api {

// Appends the time as a JSON string, or null.
void appendTime(std::string& json, std::optional<Timestamp> time);

// Appends `,"name":` and the time or text; null for nothing. `name` must need no escaping.
void appendTimeField(std::string& json, std::string_view name, std::optional<Timestamp> time);
void appendTextField(std::string& json, std::string_view name, std::string_view text);

// Appends what ends every list: `total`, the items in this answer, and `next`, the cursor (null
// when it is empty), and closes the object.
void appendListEnd(std::string& json, std::size_t total, std::string_view next);

// Lets a client that asks again learn that the body, which is whole, has not changed.
void addEntityTag(HttpResponse& response);

// The answer that lists `items` under `name`. `append(json, item)` writes an item; `next` as in
// appendListEnd.
template <class Items, class Append>
[[nodiscard]] HttpResponse listOf(std::string_view name, const Items& items, std::string_view next,
                                  Append append) {
    HttpResponse response;
    response.body.append("{\"").append(name).append("\":[");
    bool first = true;
    for (const auto& item : items) {
        if (!first) response.body += ',';
        first = false;
        append(response.body, item);
    }
    response.body += ']';
    appendListEnd(response.body, items.size(), next);
    return response;
}

}  // namespace hub::http_api
