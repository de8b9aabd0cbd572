#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "hub/devices.h"
#include "hub/store.h"
#include "registry/device_entry.h"
#include "router/event_log.h"

namespace hub::registry {

// Who is known, who is online, and through what. Any thread.
class DeviceRegistry final : public Devices {
public:
    // Holds at most `capacity` devices. `log` and `clock` must outlive it.
    DeviceRegistry(router::EventLog& log, const Clock& clock, std::size_t capacity);
    ~DeviceRegistry() override;
    DeviceRegistry(const DeviceRegistry&) = delete;
    DeviceRegistry& operator=(const DeviceRegistry&) = delete;

    // Takes over what a store has kept. Devices stored as online went down with the hub: they
    // become offline as HubRestarted, with an event that says so. Before any session is opened.
    void restore(const Recovery& recovery);

    [[nodiscard]] Result<std::unique_ptr<DeviceSession>> open(
        std::string_view id, const LinkDescription& link, const DeviceMessage& first, AckTag tag,
        EventSink& sink, std::string_view fallback_type) override;
    [[nodiscard]] std::unique_ptr<EventSink> openSink(std::function<void()> wake) override;
    [[nodiscard]] std::optional<Device> find(std::string_view id) const override;
    void visit(std::optional<DeviceIndex> after,
               const std::function<bool(const Device&)>& visit) const override;
    [[nodiscard]] std::size_t count() const noexcept override;

private:
    [[nodiscard]] DeviceEntry* lookUp(std::string_view id) const;
    [[nodiscard]] DeviceEntry* insert(std::string_view id);

    // Constant after construction.
    router::EventLog& log_;
    const Clock& clock_;
    const std::size_t capacity_;

    // Guarded by mutex_. Entries are only ever added.
    mutable std::shared_mutex mutex_;
    std::vector<std::unique_ptr<DeviceEntry>> entries_;  // by index; null where there is none
    std::unordered_map<std::string_view, DeviceEntry*> by_id_;  // keys view the entries' ids
};

}  // namespace hub::registry
