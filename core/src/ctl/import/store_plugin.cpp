#include "ctl/import/store_plugin.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace hub::ctl::importer {

namespace {

constexpr const char* kPathKey = "store.path";
constexpr const char* kRecoverKey = "store.recover";

bool declares(const Plugin& plugin, std::string_view key) {
    return std::ranges::find(plugin.options(), key, &Option::name) != plugin.options().end();
}

}  // namespace

StorePlugin::StorePlugin(const daemon::Settings& settings, const daemon::CoreSettings& core)
    : data_directory_(core.hub.data_directory) {
    for (const std::string& name : core.plugins.load) {
        auto library =
            std::make_unique<plugins::PluginLibrary>(core.plugins.directory / (name + ".so"));
        if (library->kind() != PluginKind::Store) continue;
        library_ = std::move(library);
        break;
    }
    if (!library_) {
        throw settings.refusal("plugins.load", "it names no store: there is nothing to import to");
    }
    const std::unique_ptr<Plugin> plugin = library_->create();
    if (!declares(*plugin, kPathKey)) {
        throw std::runtime_error("the store " + library_->name() + " has no key " + kPathKey +
                                 ": only a store that keeps its data in one file can be filled");
    }
    values_ = settings.values(plugin->options());
    file_ = std::filesystem::weakly_canonical(data_directory_ /
                                              Options(plugin->options(), values_).text(kPathKey));
}

StorePlugin::~StorePlugin() = default;

StorePlugin::Running::Running(const StorePlugin& plugin, const std::filesystem::path& file,
                              Logger& log)
    : services_(plugin.data_directory_, log), plugin_(plugin.library_->create()) {
    auto values = plugin.values_;
    values[kPathKey] = file.string();
    // Nothing that a hub has stored is set aside here.
    if (declares(*plugin_, kRecoverKey)) values[kRecoverKey] = "false";
    plugin_->configure(Options(plugin_->options(), values));
    plugin_->start(services_);
    if (services_.store() == nullptr) {
        plugin_->stop();
        throw std::runtime_error("the store " + plugin.library_->name() +
                                 " has attached nothing: it cannot be filled");
    }
}

StorePlugin::Running::~Running() { plugin_->stop(); }

}  // namespace hub::ctl::importer
