#include "device_routes.h"

#include "json_fields.h"
#include "list_query.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

namespace hub::http_api {

namespace {

constexpr std::size_t kUsualBytes = 512;  // of one device as JSON

// A list ends early, with a cursor, rather than grow beyond this: some 16,000 usual devices.
constexpr std::size_t kMaxBodyBytes = 8 * 1024 * 1024;

void appendDevice(std::string& json, const Device& device) {
    json += R"({"device_id":)";
    appendJsonString(json, device.id);
    json += R"(,"device_type":)";
    appendJsonString(json, device.type);
    json += device.online ? R"(,"is_online":true)" : R"(,"is_online":false)";
    appendTimeField(json, "last_heartbeat", device.last_heartbeat);
    appendTimeField(json, "connected_at", device.connected_at);
    json.append(R"(,"metadata":)").append(device.metadata);
    json += R"(,"transport":)";
    appendJsonString(json, device.transport);
    json += R"(,"offline_reason":)";
    if (device.offline_reason == OfflineReason::None) {
        json += "null";
    } else {
        appendJsonString(json, toString(device.offline_reason));
    }
    appendTimeField(json, "last_seen", device.last_seen);
    appendTimeField(json, "last_changed", device.last_changed);
    appendTimeField(json, "disconnected_at", device.disconnected_at);
    json += '}';
}

// The device behind which the list goes on; nothing for its beginning.
Result<std::optional<DeviceIndex>> readAfter(const HttpRequest& request) {
    const auto cursor = readCursor(request, List::Devices);
    if (!cursor) return cursor.error();
    if (!*cursor) return std::optional<DeviceIndex>{};
    constexpr std::uint64_t kLastIndex = std::numeric_limits<std::uint32_t>::max();
    return std::optional{DeviceIndex{static_cast<std::uint32_t>(std::min(**cursor, kLastIndex))}};
}

}  // namespace

HttpResponse listDevices(const Devices& devices, const HttpRequest& request) {
    const auto limit = readLimit(request);
    if (!limit) return HttpResponse::problem(limit.error());
    const auto after = readAfter(request);
    if (!after) return HttpResponse::problem(after.error());

    const std::size_t most = limit->value_or(std::numeric_limits<std::size_t>::max());
    HttpResponse response;
    std::string& json = response.body;
    json.reserve(std::min(std::min(most, devices.count()) * kUsualBytes, kMaxBodyBytes));
    json += R"({"devices":[)";
    std::size_t total = 0;
    DeviceIndex last{};
    bool more = false;
    devices.visit(*after, [&](const Device& device) {
        more = total == most || json.size() > kMaxBodyBytes;
        if (more) return false;
        if (total++ > 0) json += ',';
        appendDevice(json, device);
        last = device.index;
        return true;
    });
    json += ']';
    appendListEnd(json, total,
                  more ? makeCursor(List::Devices, static_cast<std::uint32_t>(last)) : "");
    return response;
}

HttpResponse showDevice(const Devices& devices, const HttpRequest& request) {
    const std::string_view id = request.parameter("id");
    const auto device = devices.find(id);
    if (!device) {
        return HttpResponse::problem(404,
                                     "No device \"" + std::string{id} +
                                         "\" is known; GET /api/devices lists those that are.");
    }
    HttpResponse response;
    appendDevice(response.body, *device);
    return response;
}

}  // namespace hub::http_api
