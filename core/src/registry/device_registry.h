#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "hub/devices.h"
#include "hub/logger.h"
#include "hub/metrics.h"
#include "hub/store.h"
#include "registry/device_entry.h"
#include "registry/presence_timeouts.h"
#include "registry/session.h"
#include "router/event_log.h"

namespace hub::registry {

struct RegistrySettings {
    std::size_t capacity = 100'000;  // how many devices may be known
    PresenceTimeouts timeouts;
    std::chrono::milliseconds forget_limit{5'000};  // how long `forget` waits for the store
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

    // The devices that were heard of since this was last asked, and when. One thread at a time.
    [[nodiscard]] std::vector<SignOfLife> takeSignsOfLife();

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
    using Entry = std::shared_ptr<DeviceEntry>;

    [[nodiscard]] Entry lookUp(std::string_view id) const;
    [[nodiscard]] Result<Entry> insert(std::string_view id);
    [[nodiscard]] Entry remove(std::string_view id);
    void dropThoseGone();
    [[nodiscard]] std::vector<Entry>::const_iterator behind(std::optional<DeviceIndex> index) const;
    [[nodiscard]] Registration publishCounts(Metrics& metrics);

    // Constant after construction.
    router::EventLog& log_;
    const RegistrySettings settings_;
    SessionSurroundings session_surroundings_;

    // Guarded by mutex_.
    mutable std::shared_mutex mutex_;
    std::vector<Entry> entries_;                         // ascending by index
    std::unordered_map<std::string_view, Entry> by_id_;  // keys view the entries' ids
    // Forgotten, with events still to come: until they are gone their ids are taken.
    std::unordered_map<std::string_view, Entry> leaving_;
    DeviceIndex next_index_{};

    const Registration before_metrics_read_;  // last: it reads what stands above
};

}  // namespace hub::registry
