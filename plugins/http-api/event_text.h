#pragma once

#include "hub/event.h"

#include <string>

namespace hub::http_api {

// Each appends one event as a live feed tells it, without a line break within the JSON.

// A Server-Sent Event (WHATWG HTML, 9.2): `id`, `event` and `data`.
void appendServerSentEvent(std::string& text, const Event& event);

// One JSON object, which names the event too.
void appendEventMessage(std::string& text, const Event& event);

}  // namespace hub::http_api
