#pragma once

#include "hub/commands.h"
#include "hub/http.h"
#include "interlock.h"
#include "servos.h"

namespace hub::robot_interlock {

// GET /api/servo/all: every servo under its channel. While a pose is under way (`posing`), all of
// them are moving.
[[nodiscard]] HttpResponse showServos(const Servos& servos, bool posing);

// POST /api/servo/pose/{pose}: has every servo controller that is online strike the pose, once the
// wheels are locked.
[[nodiscard]] HttpResponse strikePose(Interlock& interlock, Commands& commands,
                                      const HttpRequest& request);

}  // namespace hub::robot_interlock
