#include "ctl/import/old_devices.h"

#include "ctl/import/translation.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace hub::ctl::importer {

namespace {

constexpr std::string_view kTransport = "websocket";  // the only one the earlier system had
constexpr std::size_t kMaxTypeBytes = 64;

std::string typeFrom(std::string_view text) {
    return isWord(text, kMaxTypeBytes) ? std::string(text) : "unknown";
}

std::unordered_set<std::string> devicesWithLog(const OldDatabase& database) {
    std::unordered_set<std::string> ids;
    OldRows row = database.rows("SELECT DISTINCT device_id FROM device_connection_logs");
    while (row.next()) ids.emplace(row.text(0));
    return ids;
}

}  // namespace

OldDevices::OldDevices(OldDatabase& database, Findings& findings) : findings_(findings) {
    read(database);
    std::ranges::stable_sort(moments_, {}, &DeviceMoment::time);
}

void OldDevices::read(OldDatabase& database) {
    const auto with_log = devicesWithLog(database);
    OldRows row = database.rows(
        "SELECT device_id, device_type, metadata_json, last_heartbeat, connected_at, "
        "disconnected_at FROM devices ORDER BY rowid");
    while (row.next()) {
        const std::string id(row.text(0));
        if (!isValidDeviceId(id)) {
            findings_.add(Finding::BadDeviceId, Table::Devices, id);
            continue;
        }
        const auto [place, is_new] = devices_.try_emplace(id);
        if (!is_new) continue;
        OldDevice& device = place->second;
        device.id = place->first;
        device.type = typeFrom(row.text(1));
        std::string_view metadata = row.text(2);
        if (!metadata.empty() && metadata != "null") {
            switch (json_.judge(metadata, metadata)) {
                case JsonRepair::Verdict::Sound:
                    break;
                case JsonRepair::Verdict::Repaired:
                    findings_.add(Finding::NoNumber, Table::Devices, id);
                    break;
                case JsonRepair::Verdict::Hopeless:
                    findings_.add(Finding::BadMetadata, Table::Devices, id);
                    metadata = {};
                    break;
            }
            device.metadata = metadata;
        }
        order_.push_back(&device);
        const auto [one, is_only] = only_.try_emplace(device.type, &device);
        if (!is_only) one->second = nullptr;
        noteMoments(device, row, database, with_log.contains(id));
    }
}

void OldDevices::noteMoments(OldDevice& device, const OldRows& row, OldDatabase& database,
                             bool has_log) {
    const auto read_time = [&](int column) -> std::optional<Timestamp> {
        if (row.text(column).empty()) return std::nullopt;
        const auto time = database.timeBeside(row.text(column), Timestamp{});
        if (!time) findings_.add(Finding::UnreadableTime, Table::Devices, device.id);
        return time;
    };
    device.heartbeat = read_time(3);
    const auto connected = read_time(4);
    const auto disconnected = read_time(5);
    std::optional<Timestamp> first;
    for (const auto& time : {device.heartbeat, connected, disconnected}) {
        if (time && (!first || *time < *first)) first = time;
    }
    using What = DeviceMoment::What;
    if (first) moments_.push_back({*first, What::Known, &device});
    if (has_log) return;
    if (connected) moments_.push_back({*connected, What::Connected, &device});
    if (disconnected && (!connected || *disconnected >= *connected)) {
        moments_.push_back({*disconnected, What::Disconnected, &device});
    }
}

OldDevice* OldDevices::find(std::string_view id, std::string_view type, Table table,
                            std::string_view row, Timestamp time, EventBatch& batch) {
    if (!isValidDeviceId(id)) {
        findings_.add(Finding::BadDeviceId, table, row);
        return nullptr;
    }
    const auto [place, is_new] = devices_.try_emplace(std::string(id));
    OldDevice& device = place->second;
    if (is_new) {
        findings_.add(Finding::UnlistedDevice, table, row);
        device.id = place->first;
        device.type = typeFrom(type);
        order_.push_back(&device);
    }
    if (registerAt(device, time, batch)) return &device;
    findings_.add(Finding::TooManyDevices, table, row);
    return nullptr;
}

OldDevice* OldDevices::only(std::string_view type) {
    const auto found = only_.find(std::string(type));
    return found == only_.end() ? nullptr : found->second;
}

bool OldDevices::registerAt(OldDevice& device, Timestamp time, EventBatch& batch) {
    if (device.index) return true;
    if (next_index_ == kMaxDevices) return false;
    device.index = static_cast<DeviceIndex>(next_index_++);
    const std::string document = registrationDocument(device.type, device.metadata);
    batch.add({.time = time,
               .device = *device.index,
               .kind = EventKind::Registration,
               .device_id = device.id,
               .name = "registration",
               .payload = document,
               .device_type = device.type,
               .metadata = device.metadata});
    return true;
}

std::uint64_t OldDevices::end(Timestamp now, EventBatch& batch) {
    Timestamp last = std::max(batch.lastTime(), Timestamp{});
    for (const OldDevice* device : order_) {
        if (device->heartbeat) last = std::max(last, *device->heartbeat);
    }
    if (last == Timestamp{}) last = now;
    std::uint64_t left_online = 0;
    for (OldDevice* device : order_) {
        if (!registerAt(*device, last, batch)) {
            findings_.add(Finding::TooManyDevices, Table::Devices, device->id);
            continue;
        }
        if (!std::exchange(device->online, false)) continue;
        ++left_online;
        findings_.add(Finding::LeftOnline, Table::Devices, device->id);
        batch.add({.time = last,
                   .device = *device->index,
                   .kind = EventKind::Disconnected,
                   .reason = OfflineReason::HubRestarted,
                   .device_id = device->id,
                   .name = "disconnected",
                   .payload = R"({"reason":"hub_restarted","transport":"websocket"})",
                   .transport = kTransport});
    }
    return left_online;
}

std::vector<SignOfLife> OldDevices::signsOfLife() const {
    std::vector<SignOfLife> signs;
    for (const OldDevice* device : order_) {
        if (device->index && device->heartbeat) {
            signs.push_back({*device->index, *device->heartbeat, device->heartbeat});
        }
    }
    return signs;
}

}  // namespace hub::ctl::importer
