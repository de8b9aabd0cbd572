#include "device_routes.h"

#include "device_filter.h"
#include "json_fields.h"
#include "list_query.h"
#include "problems.h"

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>

namespace hub::http_api {

namespace {

constexpr std::size_t kUsualBytes = 512;  // of one device as JSON

// A list ends early, with a cursor, rather than grow beyond this: some 16,000 usual devices.
constexpr std::size_t kMaxBodyBytes = 8 * 1024 * 1024;

void appendDevice(std::string& json, const Device& device) {
    json += R"({"device_id":)";
    appendJsonString(json, device.id);
    appendTextField(json, "device_type", device.type);
    json += device.online ? R"(,"is_online":true)" : R"(,"is_online":false)";
    appendTimeField(json, "last_heartbeat", device.last_heartbeat);
    appendTimeField(json, "connected_at", device.connected_at);
    json.append(R"(,"metadata":)").append(device.metadata);
    appendTextField(json, "transport", device.transport);
    appendTextField(json, "offline_reason", toString(device.offline_reason));
    appendTimeField(json, "last_seen", device.last_seen);
    appendTimeField(json, "last_changed", device.last_changed);
    appendTimeField(json, "disconnected_at", device.disconnected_at);
    json += '}';
}

// The answer when `id` could not be kicked or forgotten.
HttpResponse refused(std::string_view id, const Error& error) {
    if (error.kind == Error::Kind::NotFound) return unknownDevice(id);
    return HttpResponse::problem(error);
}

}  // namespace

HttpResponse listDevices(const Devices& devices, const HttpRequest& request) {
    const auto limit = readLimit(request);
    if (!limit) return HttpResponse::problem(limit.error());
    const auto after = readDeviceCursor(request, List::Devices);
    if (!after) return HttpResponse::problem(after.error());
    const auto filter = DeviceFilter::read(request);
    if (!filter) return HttpResponse::problem(filter.error());

    const std::size_t most = limit->value_or(std::numeric_limits<std::size_t>::max());
    HttpResponse response;
    std::string& json = response.body;
    json.reserve(std::min(std::min(most, devices.count()) * kUsualBytes, kMaxBodyBytes));
    json += R"({"devices":[)";
    std::size_t total = 0;
    DeviceIndex last{};
    bool more = false;
    devices.visit(*after, [&](const Device& device) {
        if (!filter->matches(device)) return true;
        more = total == most || json.size() > kMaxBodyBytes;
        if (more) return false;
        if (total++ > 0) json += ',';
        appendDevice(json, device);
        last = device.index;
        return true;
    });
    json += ']';
    appendListEnd(json, total, more ? makeDeviceCursor(List::Devices, last) : "");
    addEntityTag(response);
    return response;
}

HttpResponse showDevice(const Devices& devices, const HttpRequest& request) {
    const std::string_view id = request.parameter("id");
    const auto device = devices.find(id);
    if (!device) return unknownDevice(id);
    HttpResponse response;
    appendDevice(response.body, *device);
    addEntityTag(response);
    return response;
}

HttpResponse forgetDevice(Devices& devices, const HttpRequest& request) {
    const std::string_view id = request.parameter("id");
    const auto forgotten = devices.forget(id);
    if (!forgotten) return refused(id, forgotten.error());
    HttpResponse response;
    response.status = 204;
    return response;
}

HttpResponse kickDevice(Devices& devices, const HttpRequest& request) {
    const std::string_view id = request.parameter("id");
    const auto kicked = devices.kick(id);
    if (!kicked) return refused(id, kicked.error());
    HttpResponse response;
    response.status = 202;
    response.body = R"({"device_id":)";
    appendJsonString(response.body, id);
    response.body += '}';
    return response;
}

}  // namespace hub::http_api
