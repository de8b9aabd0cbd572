#pragma once

#include "ctl/import/store_services.h"
#include "daemon/core_settings.h"
#include "daemon/settings.h"
#include "hub/logger.h"
#include "hub/plugin.h"
#include "plugins/plugin_library.h"

#include <filesystem>
#include <map>
#include <memory>
#include <string>

namespace hub::ctl::importer {

// The store plugin that a hub is configured with. One thread.
class StorePlugin {
public:
    // Loads it, from where hubd would. Throws daemon::SettingsError or std::runtime_error with a
    // sentence when there is none, or none that keeps its data in one file.
    StorePlugin(const daemon::Settings& settings, const daemon::CoreSettings& core);
    ~StorePlugin();

    // The file in which a hub keeps its data: absolute, links resolved.
    [[nodiscard]] const std::filesystem::path& file() const noexcept { return file_; }

    // A store, from its start to its stop.
    class Running {
    public:
        // `log` must outlive it. Throws what the plugin throws.
        Running(const StorePlugin& plugin, const std::filesystem::path& file, Logger& log);
        ~Running();
        Running(const Running&) = delete;
        Running& operator=(const Running&) = delete;

        [[nodiscard]] Store& store() const noexcept { return *services_.store(); }
        [[nodiscard]] const Recovery& recovery() const noexcept { return services_.recovery(); }

    private:
        StoreServices services_;
        std::unique_ptr<Plugin> plugin_;
    };

private:
    // Constant after construction.
    std::filesystem::path data_directory_;
    std::unique_ptr<plugins::PluginLibrary> library_;
    std::map<std::string, std::string> values_;  // of its options, where they are given
    std::filesystem::path file_;
};

}  // namespace hub::ctl::importer
