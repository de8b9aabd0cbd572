#pragma once

#include "plugins/plugin_host.h"

#include <string>

namespace hub::daemon {

// A table of the plugins that are selected, and then of the others that lie in the same folder:
// name, kind, version, and whether it can be loaded, or why not. Loads all of them, runs none.
[[nodiscard]] std::string listPlugins(const plugins::PluginSelection& selection);

}  // namespace hub::daemon
