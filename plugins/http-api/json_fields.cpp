#include "json_fields.h"

namespace hub::http_api {

namespace {

void appendName(std::string& json, std::string_view name) {
    json.append(",\"").append(name).append("\":");
}

}  // namespace

void appendTime(std::string& json, std::optional<Timestamp> time) {
    if (!time) {
        json += "null";
        return;
    }
    json += '"';
    appendTimestamp(json, *time);
    json += '"';
}

void appendTimeField(std::string& json, std::string_view name, std::optional<Timestamp> time) {
    appendName(json, name);
    appendTime(json, time);
}

void appendTextField(std::string& json, std::string_view name, std::string_view text) {
    appendName(json, name);
    if (text.empty()) {
        json += "null";
    } else {
        appendJsonString(json, text);
    }
}

void appendListEnd(std::string& json, std::size_t total, std::string_view next) {
    json.append(R"(,"total":)").append(std::to_string(total));
    appendTextField(json, "next", next);
    json += '}';
}

void addEntityTag(HttpResponse& response) {
    response.headers.emplace_back("ETag", entityTagOf(response.body));
}

}  // namespace hub::http_api
