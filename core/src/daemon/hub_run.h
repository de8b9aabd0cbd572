#pragma once

#include "daemon/core_settings.h"
#include "daemon/settings.h"

#include <functional>

namespace hub::daemon {

// The life of a hub: checks the whole configuration before it touches anything, takes the data
// folder, starts the hub with its plugins, tells on stdout where it is found, and stops all in
// order when `wait_for_stop` returns. `core` was read from `settings`.
// Throws SettingsError or StartFailure, both before anything was served.
void runHub(const Settings& settings, const CoreSettings& core,
            const std::function<void()>& wait_for_stop);

}  // namespace hub::daemon
