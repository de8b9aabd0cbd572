#pragma once

#include "hub/hub_services.h"
#include "plugins/lease.h"
#include "plugins/leased_devices.h"
#include "plugins/leased_feed.h"

#include <memory>

namespace hub::plugins {

// The hub as one plugin sees it, as long as its lease lasts. After that it stays where it is and
// refuses: what would attach something throws std::logic_error, what takes or finds something takes
// and finds nothing. Clock, log and metrics stay.
class PluginServices final : public HubServices {
public:
    PluginServices(std::shared_ptr<Lease> lease, std::unique_ptr<HubServices> hub);
    ~PluginServices() override;
    PluginServices(const PluginServices&) = delete;
    PluginServices& operator=(const PluginServices&) = delete;

    [[nodiscard]] Devices& devices() noexcept override { return devices_; }
    [[nodiscard]] Commands& commands() noexcept override;
    [[nodiscard]] EventFeed& events() noexcept override { return feed_; }
    [[nodiscard]] HttpRoutes& http() noexcept override;
    [[nodiscard]] WebSocketEndpoints& webSockets() noexcept override;
    [[nodiscard]] const Clock& clock() const noexcept override { return hub_->clock(); }
    [[nodiscard]] Logger& logger() noexcept override { return hub_->logger(); }
    [[nodiscard]] const LogTail& logTail() const noexcept override { return hub_->logTail(); }
    [[nodiscard]] Metrics& metrics() noexcept override;
    [[nodiscard]] std::vector<PluginStatus> plugins() const override;
    [[nodiscard]] Registration attach(Store& store, History& history) override;
    [[nodiscard]] const History* history() const noexcept override;
    [[nodiscard]] Readiness readiness() const override;
    [[nodiscard]] bool alive() const override;
    [[nodiscard]] const std::filesystem::path& dataDirectory() const noexcept override {
        return hub_->dataDirectory();
    }
    [[nodiscard]] std::string_view version() const noexcept override { return hub_->version(); }

private:
    class LeasedCommands;
    class LeasedRoutes;
    class LeasedEndpoints;
    class LeasedMetrics;
    class LeasedHistory;

    // Constant after construction.
    const std::shared_ptr<Lease> lease_;
    const std::unique_ptr<HubServices> hub_;
    LeasedDevices devices_;
    LeasedFeed feed_;
    const std::unique_ptr<LeasedCommands> commands_;
    const std::unique_ptr<LeasedRoutes> http_;
    const std::unique_ptr<LeasedEndpoints> web_sockets_;
    const std::unique_ptr<LeasedMetrics> metrics_;
    const std::unique_ptr<LeasedHistory> history_;
};

}  // namespace hub::plugins
