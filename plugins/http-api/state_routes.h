#pragma once

#include "hub/devices.h"
#include "hub/history.h"
#include "hub/http.h"

namespace hub::http_api {

// Both show the newest stored state, or with `at` the one that was newest at that time: by when the
// hub took it in, not by the devices' clocks. Without a store (`history` null), or when it cannot
// be read, they answer 503.

// GET /api/devices/{id}/state: 404 for an unknown device and for one without such a state.
[[nodiscard]] HttpResponse showState(const Devices& devices, const History* history,
                                     const HttpRequest& request);

// GET /api/state: that of every device, in the order of first registration, `limit` of them from
// `cursor` on; devices without one are left out.
[[nodiscard]] HttpResponse listFleetStates(const Devices& devices, const History* history,
                                           const HttpRequest& request);

}  // namespace hub::http_api
