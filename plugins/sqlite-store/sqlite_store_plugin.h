#pragma once

#include "hub/plugin.h"
#include "hub/registration.h"
#include "sqlite_store.h"

#include <filesystem>
#include <memory>

namespace hub::sqlite_store {

class SqliteHistory;

// Keeps the hub's events in an SQLite file of its data directory, and answers for their history.
class SqliteStorePlugin final : public Plugin {
public:
    SqliteStorePlugin();
    ~SqliteStorePlugin() override;

    [[nodiscard]] std::span<const Option> options() const noexcept override;
    void configure(const Options& options) override;
    void start(HubServices& hub) override;
    void stop() noexcept override;
    [[nodiscard]] Health health() const override;

private:
    std::filesystem::path path_;
    std::size_t readers_ = 0;
    SqliteStoreSettings settings_;

    // From start to stop. Destroyed from the last to the first: nobody calls a store that is gone,
    // and the readers close before the writer, which so can empty the write-ahead log.
    std::unique_ptr<SqliteStore> store_;
    std::unique_ptr<SqliteHistory> history_;
    Registration registration_;
};

}  // namespace hub::sqlite_store
