#pragma once

#include "hub/devices.h"
#include "hub/history.h"
#include "hub/http.h"

namespace hub::http_api {

// Both list what the store has kept of one device, newest first, with `limit`, `cursor`, `since`
// and `until`. An unknown device has an empty list. Without a store (`history` null), or when it
// cannot be read, they answer 503.

// GET /api/state-history/{id}
[[nodiscard]] HttpResponse listStates(const Devices& devices, const History* history,
                                      const HttpRequest& request);

// GET /api/device-connection-history/{id}
[[nodiscard]] HttpResponse listConnections(const Devices& devices, const History* history,
                                           const HttpRequest& request);

}  // namespace hub::http_api
