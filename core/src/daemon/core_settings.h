#pragma once

#include "daemon/log_settings.h"
#include "daemon/settings.h"
#include "hub.h"
#include "plugins/plugin_host.h"

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace hub::daemon {

// The configuration of everything that is no plugin.
struct CoreSettings {
    HubSettings hub;
    plugins::PluginSelection plugins;
    LogSettings log;
    bool safe = false;                  // only the required plugins are loaded
    std::vector<std::string> left_out;  // the others that were selected
};

// The keys of the core: `hub.`, `presence.`, `log.` and `plugins.`.
[[nodiscard]] std::span<const Option> coreOptions() noexcept;

// Reads the core's keys. Relative paths are taken from `working_directory`; `plugins.dir` follows
// `executable` when it is not given: for `/opt/hub/bin/hubd` it is `/opt/hub/plugins` if that is
// there, and `/opt/hub/lib/hub/plugins` otherwise. Throws SettingsError.
[[nodiscard]] CoreSettings readCoreSettings(const Settings& settings,
                                            const std::filesystem::path& working_directory,
                                            const std::filesystem::path& executable);

// The same with the required plugins alone.
[[nodiscard]] CoreSettings inSafeMode(CoreSettings core);

}  // namespace hub::daemon
