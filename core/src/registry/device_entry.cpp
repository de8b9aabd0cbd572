#include "registry/device_entry.h"

namespace hub::registry {

std::optional<Timestamp> toTimestamp(std::int64_t microseconds) noexcept {
    if (microseconds == 0) return std::nullopt;
    return Timestamp(std::chrono::microseconds(microseconds));
}

void snapshot(const DeviceEntry& entry, Device& device) {
    device.index = entry.index;
    device.id = entry.id;
    device.last_seen = toTimestamp(entry.last_seen.load(std::memory_order_relaxed));
    device.last_heartbeat = toTimestamp(entry.last_heartbeat.load(std::memory_order_relaxed));
    const std::lock_guard lock(entry.mutex);
    device.type = entry.type.empty() ? kUnknownType : entry.type;
    if (entry.metadata) {
        device.metadata = entry.metadata->json;
        device.tags = entry.metadata->tags;
    } else {
        device.metadata = kNoMetadata;
        device.tags.clear();
    }
    if (entry.transport != nullptr) {
        device.transport = *entry.transport;
    } else {
        device.transport.clear();
    }
    device.online = entry.online;
    device.offline_reason = entry.offline_reason;
    device.connected_at = toTimestamp(entry.connected_at);
    device.disconnected_at = toTimestamp(entry.disconnected_at);
    device.last_changed = toTimestamp(entry.lastChanged());
}

}  // namespace hub::registry
