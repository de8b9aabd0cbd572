#pragma once

#include "hub/http.h"

namespace hub::http_api {

// GET /api/openapi.json: all of this plugin's routes as OpenAPI 3.1.
[[nodiscard]] HttpResponse showOpenApi();

}  // namespace hub::http_api
