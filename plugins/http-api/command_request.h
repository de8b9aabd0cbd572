#pragma once

#include "hub/commands.h"
#include "hub/http.h"
#include "hub/result.h"

namespace hub::http_api {

// Reads what POST /api/command asks for, in either of its forms: `device_type` and `command_name`
// in the query with the payload as the body (an object, `null` or nothing), or everything in one
// JSON object. The payload stays as it was sent. Error Invalid names the parameter, the member or
// the header that is wrong, and what would be right.
[[nodiscard]] Result<CommandRequest> readCommandRequest(const HttpRequest& request);

}  // namespace hub::http_api
