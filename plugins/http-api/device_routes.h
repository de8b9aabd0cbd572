#pragma once

#include "hub/devices.h"
#include "hub/http.h"

namespace hub::http_api {

// GET /api/devices: every known device that the filters let through, in the order of first
// registration, or `limit` of them from `cursor` on.
[[nodiscard]] HttpResponse listDevices(const Devices& devices, const HttpRequest& request);

// GET /api/devices/{id}: one of them, or 404.
[[nodiscard]] HttpResponse showDevice(const Devices& devices, const HttpRequest& request);

// DELETE /api/devices/{id}: forgets the device and its history. 204 when that is on disk, 404, or
// 503 when it is not yet.
[[nodiscard]] HttpResponse forgetDevice(Devices& devices, const HttpRequest& request);

// POST /api/devices/{id}/kick: has its link closed. 202, 404, or 409 when it is offline.
[[nodiscard]] HttpResponse kickDevice(Devices& devices, const HttpRequest& request);

}  // namespace hub::http_api
