#pragma once

#include "hub/hub_services.h"
#include "hub/logger.h"
#include "metrics/metric_registry.h"

#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

namespace hub::ctl::importer {

// A hub of which there is nothing but a place for a store: no devices, no front door. A plugin that
// asks for more is refused with std::logic_error, or finds nothing.
class StoreServices final : public HubServices {
public:
    // `logger` must outlive it.
    StoreServices(std::filesystem::path data_directory, Logger& logger);
    ~StoreServices() override;
    StoreServices(const StoreServices&) = delete;
    StoreServices& operator=(const StoreServices&) = delete;

    // The store that is attached, and what it recovered; null while there is none.
    [[nodiscard]] Store* store() const noexcept { return store_; }
    [[nodiscard]] const Recovery& recovery() const noexcept { return recovery_; }

    [[nodiscard]] Devices& devices() noexcept override;
    [[nodiscard]] Commands& commands() noexcept override;
    [[nodiscard]] EventFeed& events() noexcept override;
    [[nodiscard]] HttpRoutes& http() noexcept override;
    [[nodiscard]] WebSocketEndpoints& webSockets() noexcept override;
    [[nodiscard]] const Clock& clock() const noexcept override { return clock_; }
    [[nodiscard]] Logger& logger() noexcept override { return logger_; }
    [[nodiscard]] const LogTail& logTail() const noexcept override;
    [[nodiscard]] Metrics& metrics() noexcept override { return metrics_; }
    [[nodiscard]] std::vector<PluginStatus> plugins() const override { return {}; }
    [[nodiscard]] Registration attach(Store& store, History& history) override;
    [[nodiscard]] const History* history() const noexcept override { return history_; }
    [[nodiscard]] Readiness readiness() const override { return {}; }
    [[nodiscard]] bool alive() const override { return true; }
    [[nodiscard]] const std::filesystem::path& dataDirectory() const noexcept override {
        return data_directory_;
    }
    [[nodiscard]] std::string_view version() const noexcept override;

private:
    struct Absent;

    // Constant after construction.
    const std::filesystem::path data_directory_;
    Logger& logger_;
    const SystemClock clock_;
    metrics::MetricRegistry metrics_;
    const std::unique_ptr<Absent> absent_;

    Store* store_ = nullptr;
    const History* history_ = nullptr;
    Recovery recovery_;
};

}  // namespace hub::ctl::importer
