#include "state_routes.h"

#include "json_fields.h"
#include "list_query.h"
#include "problems.h"

#include <optional>
#include <string>
#include <string_view>

namespace hub::http_api {

namespace {

// One answer looks at no more devices than this, most of which may have no state.
constexpr std::size_t kMaxLooks = 10'000;

// Calls `visit` with the state of `device` at that time, if it has one.
template <class Visit>
Result<void> readState(const History& history, DeviceIndex device, std::optional<Timestamp> at,
                       Visit visit) {
    HistoryQuery newest;
    newest.device = device;
    newest.until = at;
    newest.limit = 1;
    while (true) {
        const auto read = history.states(newest, [&](const StateRow& row) {
            visit(row);
            return false;
        });
        if (!read) return read.error();
        if (!*read) return {};
        newest.before = **read;
    }
}

// Ends the object that begins with whose state it is.
void appendState(std::string& json, const StateRow& row) {
    json.append(R"(,"sequence":)").append(std::to_string(row.sequence));
    json.append(R"(,"state_data":)").append(row.state);
    appendTimeField(json, "timestamp", row.time);
    appendTimeField(json, "device_time", row.device_time);
    json += '}';
}

HttpResponse withoutState(std::string_view id, std::optional<Timestamp> at) {
    std::string sentence = "Device \"";
    sentence.append(id).append(at ? "\" had sent no state by " : "\" has not sent a state yet");
    if (at) appendTimestamp(sentence, *at);
    return HttpResponse::problem(404, sentence + ".");
}

}  // namespace

HttpResponse showState(const Devices& devices, const History* history, const HttpRequest& request) {
    if (!history) return withoutStore();
    const auto at = readTime(request, "at");
    if (!at) return HttpResponse::problem(at.error());
    const std::string_view id = request.parameter("id");
    const auto device = devices.find(id);
    if (!device) return unknownDevice(id);

    HttpResponse response;
    const auto read = readState(*history, device->index, *at, [&](const StateRow& row) {
        response.body = R"({"device_id":)";
        appendJsonString(response.body, id);
        appendState(response.body, row);
    });
    if (!read) return unreadableHistory(read.error());
    if (response.body.empty()) return withoutState(id, *at);
    addEntityTag(response);
    return response;
}

HttpResponse listFleetStates(const Devices& devices, const History* history,
                             const HttpRequest& request) {
    if (!history) return withoutStore();
    const auto at = readTime(request, "at");
    if (!at) return HttpResponse::problem(at.error());
    const auto limit = readLimit(request);
    if (!limit) return HttpResponse::problem(limit.error());
    const auto after = readDeviceCursor(request, List::FleetState);
    if (!after) return HttpResponse::problem(after.error());

    const std::size_t most = limit->value_or(kDefaultLimit);
    HttpResponse response;
    std::string& json = response.body;
    json += "{\"at\":";
    appendTime(json, *at);
    json += R"(,"states":[)";
    std::size_t total = 0;
    std::size_t looks = 0;
    DeviceIndex last{};
    bool more = false;
    Result<void> read;
    devices.visit(*after, [&](const Device& device) {
        more = looks++ == kMaxLooks;
        if (more) return false;
        read = readState(*history, device.index, *at, [&](const StateRow& row) {
            more = total == most || json.size() > kMaxRowsBytes;
            if (more) return;
            if (total++ > 0) json += ',';
            json += R"({"device_id":)";
            appendJsonString(json, device.id);
            appendTextField(json, "device_type", device.type);
            appendState(json, row);
        });
        if (!read || more) return false;
        last = device.index;
        return true;
    });
    if (!read) return unreadableHistory(read.error());
    json += ']';
    appendListEnd(json, total, more ? makeDeviceCursor(List::FleetState, last) : "");
    addEntityTag(response);
    return response;
}

}  // namespace hub::http_api
