#pragma once

#include "hub/http.h"

#include <string>
#include <string_view>
#include <variant>

namespace hub::websocket {

// Judges the opening handshake of a client (RFC 6455, 4.2): the head of the 101 response that
// accepts it, or the response that refuses it: 405 for a method other than GET, 426 for a version
// other than 13, 400 for anything else.
//
// No extension is ever accepted. Of subprotocols only `arduino` is, which the Arduino WebSocket
// library insists on; like its demand for the exact words `Connection: Upgrade` and
// `Upgrade: websocket`, it costs nobody else anything.
[[nodiscard]] std::variant<std::string, HttpResponse> answerHandshake(const HttpRequest& request);

// The `Sec-WebSocket-Accept` that proves to have read `key` (RFC 6455, 4.2.2).
[[nodiscard]] std::string acceptKey(std::string_view key);

}  // namespace hub::websocket
