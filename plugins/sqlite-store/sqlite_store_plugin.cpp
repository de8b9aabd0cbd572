#include "sqlite_store_plugin.h"

#include "hub/plugin_export.h"
#include "sqlite_history.h"
#include "sqlite_store.h"

#include <array>
#include <stdexcept>

namespace hub::sqlite_store {

namespace {

constexpr std::array kOptions{
    Option{.name = "store.path",
           .type = Option::Type::Text,
           .default_value = "hub.db",
           .meaning = "The database file, relative to the hub's data directory."},
    Option{.name = "store.readers",
           .type = Option::Type::Number,
           .default_value = "4",
           .meaning = "How many threads may read the history at the same time.",
           .min = 1,
           .max = 64},
};

}  // namespace

SqliteStorePlugin::SqliteStorePlugin() = default;

SqliteStorePlugin::~SqliteStorePlugin() = default;

std::span<const Option> SqliteStorePlugin::options() const noexcept { return kOptions; }

void SqliteStorePlugin::configure(const Options& options) {
    path_ = options.text("store.path");
    if (!path_.has_filename()) {
        throw std::invalid_argument("store.path is \"" + path_.string() +
                                    "\": it must name a file, for instance hub.db");
    }
    readers_ = static_cast<std::size_t>(options.number("store.readers"));
}

void SqliteStorePlugin::start(HubServices& hub) {
    const std::filesystem::path file = hub.dataDirectory() / path_;
    store_ = std::make_unique<SqliteStore>(file);
    history_ = std::make_unique<SqliteHistory>(file, readers_, store_->heads());
    registration_ = hub.attach(*store_, *history_);
}

void SqliteStorePlugin::stop() noexcept {
    registration_ = {};
    history_.reset();
    store_.reset();
}

Health SqliteStorePlugin::health() const { return store_->health(); }

}  // namespace hub::sqlite_store

HUB_EXPORT_PLUGIN(hub::sqlite_store::SqliteStorePlugin, "sqlite-store", HUB_VERSION,
                  hub::PluginKind::Store)
