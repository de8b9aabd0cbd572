#include "registry/restart.h"

#include "hub/device_message.h"
#include "hub/http.h"
#include "router/sink.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace hub::registry {

namespace {

std::int64_t microseconds(std::optional<Timestamp> time) {
    return time ? time->time_since_epoch().count() : 0;
}

// The tags of metadata from a store, which may have been written under other rules: then none.
std::vector<std::string> tagsOf(DeviceMessageDecoder& decoder, const std::string& metadata) {
    if (!decoder.decode(R"({"metadata":)" + metadata + "}", "heartbeat")) return {};
    const auto tags = decoder.message().tags;
    return {tags.begin(), tags.end()};
}

// What the connection history keeps of a link that ended with the hub: neither its address nor its
// duration is known any more.
std::string detailsOfRestart(std::string_view transport) {
    std::string json = R"({"reason":"hub_restarted")";
    if (!transport.empty()) {
        json += R"(,"transport":)";
        appendJsonString(json, transport);
    }
    return json += "}";
}

}  // namespace

std::vector<DeviceTable::Entry> restored(std::span<const Device> devices, Timestamp now,
                                         DeviceTable& table, TransportNames& transports) {
    DeviceMessageDecoder decoder;
    std::vector<DeviceTable::Entry> entries;
    entries.reserve(devices.size());
    for (const Device& device : devices) {
        const auto entry =
            std::make_shared<DeviceEntry>(device.index, device.id, table.mutexOf(device.index));
        if (device.type != kUnknownType) entry->type = device.type;
        if (device.metadata != kNoMetadata) {
            entry->metadata = std::make_unique<const Metadata>(
                Metadata{device.metadata, tagsOf(decoder, device.metadata)});
        }
        if (!device.transport.empty()) entry->transport = &transports.keep(device.transport);
        entry->last_seen = microseconds(device.last_seen);
        entry->last_heartbeat = microseconds(device.last_heartbeat);
        entry->offline_reason = device.online ? OfflineReason::HubRestarted : device.offline_reason;
        entry->connected_at = microseconds(device.connected_at);
        entry->disconnected_at = microseconds(device.online ? now : device.disconnected_at);
        entries.push_back(entry);
    }
    return entries;
}

void tellRestart(std::span<const DeviceTable::Entry> left_online, router::EventLog& log) {
    router::Sink sink(log, [] {});
    for (const DeviceTable::Entry& entry : left_online) {
        const std::string_view transport =
            entry->transport != nullptr ? *entry->transport : std::string_view();
        sink.add({.device = entry->index,
                  .kind = EventKind::Disconnected,
                  .reason = OfflineReason::HubRestarted,
                  .device_id = entry->id,
                  .name = "disconnected",
                  .payload = detailsOfRestart(transport),
                  .transport = transport});
    }
}

}  // namespace hub::registry
