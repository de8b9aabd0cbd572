#pragma once

#include "daemon/settings.h"
#include "hub.h"
#include "hub/logger.h"
#include "plugins/plugin_host.h"

#include <filesystem>
#include <span>

namespace hub::daemon {

// The configuration of everything that is no plugin.
struct CoreSettings {
    HubSettings hub;
    plugins::PluginSelection plugins;
    LogLevel log_level = LogLevel::Info;
};

// The keys of the core: `hub.`, `log.` and `plugins.`.
[[nodiscard]] std::span<const Option> coreOptions() noexcept;

// Reads the core's keys. Relative paths are taken from `working_directory`; `plugins.dir` follows
// `executable` when it is not given: `/opt/hub/plugins` for `/opt/hub/bin/hubd`. Throws
// SettingsError.
[[nodiscard]] CoreSettings readCoreSettings(const Settings& settings,
                                            const std::filesystem::path& working_directory,
                                            const std::filesystem::path& executable);

}  // namespace hub::daemon
