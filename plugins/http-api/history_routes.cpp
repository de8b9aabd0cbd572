#include "history_routes.h"

#include "json_fields.h"
#include "list_page.h"
#include "list_query.h"
#include "problems.h"

#include <string>
#include <string_view>

namespace hub::http_api {

namespace {

// What the client asked for; the device, and what a cursor says, are filled in by the caller.
Result<HistoryQuery> readQuery(const HttpRequest& request) {
    const auto limit = readLimit(request);
    if (!limit) return limit.error();
    const auto since = readTime(request, "since");
    if (!since) return since.error();
    const auto until = readTime(request, "until");
    if (!until) return until.error();
    HistoryQuery query;
    query.since = *since;
    query.until = *until;
    query.limit = limit->value_or(kDefaultLimit);
    return query;
}

Sequence appendRow(std::string& json, const StateRow& row) {
    json.append(R"({"state_data":)").append(row.state);
    appendTimeField(json, "timestamp", row.time);
    appendTimeField(json, "device_time", row.device_time);
    json += '}';
    return row.sequence;
}

Sequence appendRow(std::string& json, const ConnectionRow& row) {
    json += R"({"event":)";
    appendJsonString(json, row.event);
    appendTimeField(json, "timestamp", row.time);
    json.append(R"(,"details":)").append(row.details).append("}");
    return row.sequence;
}

// Answers with the rows that `read(query, visit)` finds, as the list `name`.
template <class Read>
HttpResponse listRows(const Devices& devices, const HttpRequest& request, List list,
                      std::string_view name, Read read) {
    auto query = readQuery(request);
    if (!query) return HttpResponse::problem(query.error());
    const std::string_view id = request.parameter("id");

    HttpResponse response;
    std::string& json = response.body;
    json += R"({"device_id":)";
    appendJsonString(json, id);
    json.append(",\"").append(name).append("\":[");
    ListPage page;
    if (const auto device = devices.find(id)) {
        const auto cursor = readCursor(request, list, device->index);
        if (!cursor) return HttpResponse::problem(cursor.error());
        query->before = cursor->value_or(0);
        query->device = device->index;
        const auto rows = appendRows(json, *query, read,
                                     [&json](const auto& row) { return appendRow(json, row); });
        if (!rows) return unreadableHistory(rows.error());
        page = *rows;
    }
    json += ']';
    appendListEnd(json, page.total, page.more ? makeCursor(list, page.last, query->device) : "");
    return response;
}

}  // namespace

HttpResponse listStates(const Devices& devices, const History* history,
                        const HttpRequest& request) {
    if (!history) return withoutStore();
    return listRows(devices, request, List::States, "states",
                    [&](const auto& query, auto visit) { return history->states(query, visit); });
}

HttpResponse listConnections(const Devices& devices, const History* history,
                             const HttpRequest& request) {
    if (!history) return withoutStore();
    return listRows(
        devices, request, List::Connections, "events",
        [&](const auto& query, auto visit) { return history->connections(query, visit); });
}

}  // namespace hub::http_api
