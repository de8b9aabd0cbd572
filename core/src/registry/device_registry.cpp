#include "registry/device_registry.h"

#include <array>
#include <utility>

#include "registry/session.h"
#include "router/sink.h"

namespace hub::registry {

namespace {

std::size_t position(DeviceIndex index) { return static_cast<std::size_t>(index); }

std::optional<Timestamp> timestamp(std::int64_t microseconds) {
    if (microseconds == 0) return std::nullopt;
    return Timestamp(std::chrono::microseconds(microseconds));
}

std::int64_t microseconds(std::optional<Timestamp> time) {
    return time ? time->time_since_epoch().count() : 0;
}

// How a device is shown that has not told its type.
constexpr std::string_view kUnknownType = "unknown";

void snapshot(const DeviceEntry& entry, Device& device) {
    device.index = entry.index;
    device.id = entry.id;
    device.last_seen = timestamp(entry.last_seen.load(std::memory_order_relaxed));
    device.last_heartbeat = timestamp(entry.last_heartbeat.load(std::memory_order_relaxed));
    const std::lock_guard lock(entry.mutex);
    device.type = entry.type.empty() ? kUnknownType : entry.type;
    device.metadata = entry.metadata;
    device.transport = entry.transport;
    device.online = entry.online;
    device.offline_reason = entry.offline_reason;
    device.connected_at = entry.connected_at;
    device.disconnected_at = entry.disconnected_at;
    device.last_changed = entry.last_changed;
}

}  // namespace

DeviceRegistry::DeviceRegistry(router::EventLog& log, const Clock& clock, std::size_t capacity)
    : log_(log), clock_(clock), capacity_(capacity) {}

DeviceRegistry::~DeviceRegistry() = default;

void DeviceRegistry::restore(const Recovery& recovery) {
    router::Sink sink(log_, [] {});
    const Timestamp now = log_.now();
    std::vector<const DeviceEntry*> left_online;
    std::unique_lock lock(mutex_);
    for (const Device& device : recovery.devices) {
        if (entries_.size() <= position(device.index)) entries_.resize(position(device.index) + 1);
        auto entry = std::make_unique<DeviceEntry>(device.index, device.id);
        if (device.type != kUnknownType) entry->type = device.type;
        entry->metadata = device.metadata;
        entry->transport = device.transport;
        entry->last_seen = microseconds(device.last_seen);
        entry->last_heartbeat = microseconds(device.last_heartbeat);
        entry->offline_reason = device.online ? OfflineReason::HubRestarted : device.offline_reason;
        entry->connected_at = device.connected_at;
        entry->disconnected_at = device.online ? now : device.disconnected_at;
        entry->last_changed = device.online ? now : device.last_changed;
        if (device.online) left_online.push_back(entry.get());
        by_id_.emplace(entry->id, entry.get());
        entries_[position(device.index)] = std::move(entry);
    }
    lock.unlock();
    for (const DeviceEntry* entry : left_online) {
        sink.add({.device = entry->index,
                  .kind = EventKind::Disconnected,
                  .reason = OfflineReason::HubRestarted,
                  .device_id = entry->id,
                  .name = "disconnected",
                  .payload = R"({"reason":"hub_restarted"})",
                  .transport = entry->transport});
    }
}

Result<std::unique_ptr<DeviceSession>> DeviceRegistry::open(std::string_view id,
                                                            const LinkDescription& link,
                                                            const DeviceMessage& first, AckTag tag,
                                                            EventSink& sink,
                                                            std::string_view fallback_type) {
    DeviceEntry* entry = lookUp(id);
    const auto typed = [&] {
        const std::lock_guard lock(entry->mutex);
        return !entry->type.empty();
    };
    DeviceMessage message = first;
    if (message.device_type.empty() && !(entry && typed())) {
        if (fallback_type.empty()) {
            return Error{Error::Kind::Invalid,
                         "the type of this device is not known: send a registration first, or put "
                         "\"device_type\" into the message"};
        }
        message.device_type = fallback_type;
    }
    if (!entry) entry = insert(id);
    if (!entry) {
        return Error{Error::Kind::Unavailable, "the hub already holds as many devices as it may (" +
                                                   std::to_string(capacity_) + ")"};
    }
    // Every sink of the hub is one of the router's.
    auto session =
        std::make_unique<Session>(*entry, link, dynamic_cast<router::Sink&>(sink), clock_);
    session->claim();
    // False when it has to wait: then the transport publishes the message once it is granted.
    (void)session->publish(message, tag);
    return std::unique_ptr<DeviceSession>(std::move(session));
}

std::unique_ptr<EventSink> DeviceRegistry::openSink(std::function<void()> wake) {
    return std::make_unique<router::Sink>(log_, std::move(wake));
}

std::optional<Device> DeviceRegistry::find(std::string_view id) const {
    const DeviceEntry* entry = lookUp(id);
    if (!entry) return std::nullopt;
    Device device;
    snapshot(*entry, device);
    return device;
}

void DeviceRegistry::visit(std::optional<DeviceIndex> after,
                           const std::function<bool(const Device&)>& visit) const {
    constexpr std::size_t kStep = 256;
    std::array<const DeviceEntry*, kStep> step{};
    Device device;  // one for all, so that its strings are allocated once
    std::size_t next = after ? position(*after) + 1 : 0;
    while (true) {
        std::size_t found = 0;
        {
            const std::shared_lock lock(mutex_);
            for (; next < entries_.size() && found < kStep; ++next) {
                if (entries_[next]) step[found++] = entries_[next].get();
            }
        }
        if (found == 0) return;
        for (std::size_t i = 0; i < found; ++i) {
            snapshot(*step[i], device);
            if (!visit(device)) return;
        }
    }
}

std::size_t DeviceRegistry::count() const noexcept {
    const std::shared_lock lock(mutex_);
    return by_id_.size();
}

DeviceEntry* DeviceRegistry::lookUp(std::string_view id) const {
    const std::shared_lock lock(mutex_);
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : found->second;
}

// Null when there is no room for another device.
DeviceEntry* DeviceRegistry::insert(std::string_view id) {
    const std::lock_guard lock(mutex_);
    if (const auto found = by_id_.find(id); found != by_id_.end()) return found->second;
    if (by_id_.size() >= capacity_) return nullptr;
    const DeviceIndex index{static_cast<std::uint32_t>(entries_.size())};
    DeviceEntry& entry =
        *entries_.emplace_back(std::make_unique<DeviceEntry>(index, std::string(id)));
    by_id_.emplace(entry.id, &entry);
    return &entry;
}

}  // namespace hub::registry
