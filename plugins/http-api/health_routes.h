#pragma once

#include "hub/http.h"
#include "hub/hub_services.h"
#include "hub/time.h"

#include <string_view>

namespace hub::http_api {

// GET /health: the process answers.
[[nodiscard]] HttpResponse showHealth(Timestamp now, std::string_view version);

// GET /livez: 200 while the hub's threads do their work, 503 when only a restart can help.
[[nodiscard]] HttpResponse showLiveness(bool alive);

// GET /readyz: 200 when the hub takes in and keeps what devices say, 503 with the reasons
// otherwise.
[[nodiscard]] HttpResponse showReadiness(const Readiness& readiness);

}  // namespace hub::http_api
