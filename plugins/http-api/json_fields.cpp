#include "json_fields.h"

#include "hub/http.h"

namespace hub::http_api {

void appendTimeField(std::string& json, std::string_view name, std::optional<Timestamp> time) {
    json.append(",\"").append(name).append("\":");
    if (!time) {
        json += "null";
        return;
    }
    json += '"';
    appendTimestamp(json, *time);
    json += '"';
}

void appendListEnd(std::string& json, std::size_t total, std::string_view next) {
    json.append(R"(,"total":)").append(std::to_string(total)).append(R"(,"next":)");
    if (next.empty()) {
        json += "null";
    } else {
        appendJsonString(json, next);
    }
    json += '}';
}

}  // namespace hub::http_api
