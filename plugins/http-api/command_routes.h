#pragma once

#include "hub/commands.h"
#include "hub/devices.h"
#include "hub/history.h"
#include "hub/http.h"

namespace hub::http_api {

// POST /api/command: has the ledger record and send it. 200 with how it stands with each device;
// 409 when guards refused it for all of them, 404 for a device that is not known, 413 for a payload
// that is too long, 503 when it cannot be stored. A repeat with the same `Idempotency-Key` has the
// same bytes, and the header `Idempotency-Replayed`.
[[nodiscard]] HttpResponse submitCommand(Commands& commands, const HttpRequest& request);

// DELETE /api/commands/{id}: cancels what is open of it. 409 when nothing is, 404, 503.
[[nodiscard]] HttpResponse cancelCommand(Commands& commands, const HttpRequest& request);

// These read what is stored; without a store (`history` null), or when it cannot be read, 503.

// GET /api/commands/{id}: the command and how it went with each of its devices, with `limit` and
// `cursor` for these; or 404.
[[nodiscard]] HttpResponse showCommand(const History* history, const HttpRequest& request);

// GET /api/commands, where one would look for the list: a 404 that says where it is.
[[nodiscard]] HttpResponse noCommandList();

// GET /api/command-logs: the commands, newest first, with `status`, `device_type`, `device_id`,
// `since`, `until`, `limit` and `cursor`. Of an unknown device: an empty list.
[[nodiscard]] HttpResponse listCommands(const Devices& devices, const History* history,
                                        const HttpRequest& request);

}  // namespace hub::http_api
