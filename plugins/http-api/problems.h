#pragma once

#include "hub/http.h"

#include <string_view>

namespace hub::http_api {

// What more than one route answers when it cannot do what was asked.

// 404 with `"unknown":"device"`: no device of this id was ever heard of, or it was forgotten.
[[nodiscard]] HttpResponse unknownDevice(std::string_view id);
// Likewise for one that a command is for: an error of the ledger.
[[nodiscard]] HttpResponse unknownTarget(const Error& error);

// 404 with `"unknown":"command"`: there is no command of this id, or it is not kept any more.
[[nodiscard]] HttpResponse unknownCommand(std::string_view id);

// 503: there is nothing to read history from.
[[nodiscard]] HttpResponse withoutStore();

// For an error of History.
[[nodiscard]] HttpResponse unreadableHistory(Error error);

}  // namespace hub::http_api
