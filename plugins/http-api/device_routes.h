#pragma once

#include "hub/devices.h"
#include "hub/http.h"

namespace hub::http_api {

// GET /api/devices: every known device in the order of first registration, or `limit` of them from
// `cursor` on.
[[nodiscard]] HttpResponse listDevices(const Devices& devices, const HttpRequest& request);

// GET /api/devices/{id}: one of them, or 404.
[[nodiscard]] HttpResponse showDevice(const Devices& devices, const HttpRequest& request);

}  // namespace hub::http_api
