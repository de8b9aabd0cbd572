#pragma once

#include "hub/command.h"
#include "hub/commands.h"
#include "hub/devices.h"
#include "hub/logger.h"
#include "hub/metrics.h"
#include "hub/store.h"
#include "registry/device_news.h"
#include "registry/device_table.h"
#include "registry/presence_timeouts.h"
#include "registry/session.h"
#include "registry/transport_names.h"
#include "router/event_log.h"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <future>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hub::registry {

struct RegistrySettings {
    std::size_t capacity = 100'000;  // how many devices may be known
    PresenceTimeouts timeouts;
    // How long `forget` waits for the link and the store: a handler waits, and its plugin may have
    // to stop meanwhile.
    std::chrono::milliseconds forget_limit{1'000};
    DeviceNews news;
};

// Who is known, who is online, and through what. Any thread.
class DeviceRegistry final : public Devices {
public:
    // `log`, `clock`, `logger` and `metrics` must outlive it.
    DeviceRegistry(router::EventLog& log, const Clock& clock, Logger& logger, Metrics& metrics,
                   RegistrySettings settings = {});
    ~DeviceRegistry() override;
    DeviceRegistry(const DeviceRegistry&) = delete;
    DeviceRegistry& operator=(const DeviceRegistry&) = delete;

    // Takes over what a store has kept. Devices stored as online went down with the hub: they
    // become offline as HubRestarted, with an event that says so. Before any session is opened.
    void restore(const Recovery& recovery);

    // How many devices are online.
    [[nodiscard]] std::size_t online() const noexcept;

    // The devices that were heard of since this was last asked, and when. One thread at a time.
    [[nodiscard]] std::vector<SignOfLife> takeSignsOfLife();

    // Calls `visit` for each device that `targets` name: of ids in their order, each once; of the
    // others those that are online, or all with `offline_too`. The id is kept by its owner; no lock
    // is held during the call. NotFound names the first of the ids that is not known; some were
    // visited by then.
    using VisitTarget =
        std::function<void(DeviceIndex, std::shared_ptr<const std::string> id, bool online)>;
    [[nodiscard]] Result<void> visitTargets(const CommandTargets& targets, bool offline_too,
                                            const VisitTarget& visit) const;

    // Whether a device is known, and what is known of it.
    [[nodiscard]] bool knows(DeviceIndex device) const;
    [[nodiscard]] std::optional<Device> at(DeviceIndex device) const;
    // Of a device that is known, or is being forgotten and has events to come; null otherwise.
    [[nodiscard]] std::shared_ptr<const std::string> idOf(DeviceIndex device) const;

    // Gives a command to the transport the device is online through; Unreachable when it is offline
    // or not known. No lock is held meanwhile.
    [[nodiscard]] Delivery deliver(DeviceIndex device, const Command& command) const;

    [[nodiscard]] Result<std::unique_ptr<DeviceSession>> open(
        std::string_view id, const LinkDescription& link, const DeviceMessage& first, AckTag tag,
        EventSink& sink, std::string_view fallback_type) override;
    [[nodiscard]] std::unique_ptr<EventSink> openSink(std::function<void()> wake) override;
    [[nodiscard]] std::optional<Device> find(std::string_view id) const override;
    void visit(std::optional<DeviceIndex> after,
               const std::function<bool(const Device&)>& visit) const override;
    [[nodiscard]] std::size_t count() const noexcept override;
    [[nodiscard]] Result<void> kick(std::string_view id) override;
    [[nodiscard]] Result<void> forget(std::string_view id) override;

private:
    using Entry = DeviceTable::Entry;

    [[nodiscard]] bool awaitStored(std::future<Sequence>& written);
    void visitEntries(std::optional<DeviceIndex> after,
                      const std::function<bool(const Entry&)>& visit) const;
    [[nodiscard]] Registration publishCounts(Metrics& metrics);

    // Constant after construction.
    router::EventLog& log_;
    const RegistrySettings settings_;
    TransportNames transport_names_;
    SessionSurroundings session_surroundings_;

    DeviceTable table_;

    static constexpr Sequence kMoving = std::numeric_limits<Sequence>::max();
    // The watermark when `forget` waited for the store in vain, until it moves again.
    std::atomic<Sequence> stuck_at_ = kMoving;

    const Registration before_metrics_read_;  // last: it reads what stands above
};

}  // namespace hub::registry
