#pragma once

#include <string_view>

#include "hub/http.h"
#include "hub/hub_services.h"
#include "hub/time.h"

namespace hub::http_api {

// GET /health: the process answers.
[[nodiscard]] HttpResponse showHealth(Timestamp now, std::string_view version);

// GET /readyz: 200 when the hub takes in and keeps what devices say, 503 with the reason otherwise.
[[nodiscard]] HttpResponse showReadiness(const Readiness& readiness);

}  // namespace hub::http_api
