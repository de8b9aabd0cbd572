#include "sqlite_store_plugin.h"

#include "hub/plugin_export.h"
#include "sqlite_history.h"

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
    Option{.name = "store.retention_time",
           .type = Option::Type::Duration,
           .default_value = "0",
           .meaning =
               "How long history is kept, such as 30d; 0 means for ever. The newest state of a "
               "device stays in any case.",
           .max = 100LL * 365 * 24 * 3600},
    Option{.name = "store.retention_size",
           .type = Option::Type::Bytes,
           .default_value = "0",
           .meaning =
               "How large the database may grow before the oldest history goes, such as 20G; "
               "0 means without limit.",
           .max = 1LL << 50},
    Option{.name = "store.recover",
           .type = Option::Type::Flag,
           .default_value = "false",
           .meaning =
               "At start, set a damaged database file aside as <file>.damaged-<time> and begin "
               "a new one, instead of refusing to start."},
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
    settings_.retention = {options.duration("store.retention_time"),
                           options.bytes("store.retention_size")};
    settings_.recover = options.flag("store.recover");
}

void SqliteStorePlugin::start(HubServices& hub) {
    const std::filesystem::path file = hub.dataDirectory() / path_;
    store_ = std::make_unique<SqliteStore>(file, hub.logger(), settings_);
    history_ = std::make_unique<SqliteHistory>(file, readers_, store_->heads());
    registration_ = hub.attach(*store_, *history_);
    if (!store_->damagedFile().empty()) {
        hub.logger().error(file.string() + " was damaged: it was set aside as " +
                           store_->damagedFile().string() +
                           ", and a new one begun; sqlite3's .recover may save what is in it");
    }
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
