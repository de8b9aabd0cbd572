#include "event_text.h"

#include "hub/http.h"
#include "json_fields.h"

#include <algorithm>
#include <cstddef>

namespace hub::http_api {

namespace {

// Both end the object that begins with what the feed's own form adds.
void appendMembers(std::string& text, const Event& event) {
    text.append(R"("sequence":)").append(std::to_string(event.sequence));
    appendTextField(text, "topic", topicOf(event));
    appendTextField(text, "device_id", event.device_id);
    appendTimeField(text, "timestamp", event.time);
    text += R"(,"payload":)";
    // In JSON a bare line break is white space.
    const std::size_t begin = text.size();
    text.append(event.payload);
    std::replace_if(
        text.begin() + static_cast<std::ptrdiff_t>(begin), text.end(),
        [](char c) { return c == '\n' || c == '\r'; }, ' ');
    text += '}';
}

}  // namespace

void appendServerSentEvent(std::string& text, const Event& event) {
    text.append("id: ").append(std::to_string(event.sequence));
    text.append("\nevent: ").append(event.name).append("\ndata: {");
    appendMembers(text, event);
    text += "\n\n";
}

void appendEventMessage(std::string& text, const Event& event) {
    text += R"({"event":)";
    appendJsonString(text, event.name);
    text += ',';
    appendMembers(text, event);
}

}  // namespace hub::http_api
