#pragma once

#include "hub/hub_services.h"
#include "plugins/lease.h"

namespace hub::plugins {

// The hub's devices as one plugin sees them, while its lease lasts. After that nobody is found and
// nothing is taken; the hub does not call the plugin's transport any more.
//
// The sinks it opens, and the sessions on them, know of the lease. Sessions on the sink of an I/O
// thread are the hub's own: they end with the links of the plugin's endpoint, which are closed
// before anything of the plugin goes.
class LeasedDevices final : public Devices {
public:
    // `hub` must outlive it.
    LeasedDevices(std::shared_ptr<Lease> lease, HubServices& hub);

    [[nodiscard]] Result<std::unique_ptr<DeviceSession>> open(
        std::string_view id, const LinkDescription& link, const DeviceMessage& first, AckTag tag,
        EventSink& sink, std::string_view fallback_type) override;
    [[nodiscard]] std::unique_ptr<EventSink> openSink(std::function<void()> wake) override;
    [[nodiscard]] std::optional<Device> find(std::string_view id) const override;
    void visit(std::optional<DeviceIndex> after,
               const std::function<bool(const Device&)>& visit) const override;
    [[nodiscard]] Result<void> kick(std::string_view id) override;
    [[nodiscard]] Result<void> forget(std::string_view id) override;
    [[nodiscard]] std::size_t count() const noexcept override;

private:
    // Constant after construction.
    const std::shared_ptr<Lease> lease_;
    HubServices& hub_;
};

}  // namespace hub::plugins
