#include "history_routes.h"

#include "json_fields.h"
#include "list_query.h"
#include "problems.h"

#include <algorithm>
#include <string>

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

void appendRow(std::string& json, const StateRow& row) {
    json.append(R"({"state_data":)").append(row.state);
    appendTimeField(json, "timestamp", row.time);
    appendTimeField(json, "device_time", row.device_time);
    json += '}';
}

void appendRow(std::string& json, const ConnectionRow& row) {
    json += R"({"event":)";
    appendJsonString(json, row.event);
    appendTimeField(json, "timestamp", row.time);
    json.append(R"(,"details":)").append(row.details).append("}");
}

// Answers with the rows that `read(query, visit)` finds, as the list `name`.
template <class Row, class Read>
HttpResponse listRows(const Devices& devices, const HttpRequest& request, List list,
                      std::string_view name, Read read) {
    auto query = readQuery(request);
    if (!query) return HttpResponse::problem(query.error());
    const std::size_t limit = query->limit;
    const std::string_view id = request.parameter("id");

    HttpResponse response;
    std::string& json = response.body;
    json += R"({"device_id":)";
    appendJsonString(json, id);
    json.append(",\"").append(name).append("\":[");
    std::size_t total = 0;
    Sequence last = 0;
    bool more = false;
    if (const auto device = devices.find(id)) {
        const auto cursor = readCursor(request, list, device->index);
        if (!cursor) return HttpResponse::problem(cursor.error());
        query->before = cursor->value_or(0);
        query->device = device->index;
        // One row more than wanted tells whether there are more; behind the longest list another
        // question does.
        query->limit = std::min(limit + 1, kMaxLimit);
        const auto read_rows = read(*query, [&](const Row& row) {
            more = total == limit || json.size() > kMaxRowsBytes;
            if (more) return false;
            if (total++ > 0) json += ',';
            appendRow(json, row);
            last = row.sequence;
            return true;
        });
        if (!read_rows) return unreadableHistory(read_rows.error());
        if (!more && total == kMaxLimit) {
            query->before = last;
            query->limit = 1;
            const auto read_on = read(*query, [&](const Row&) {
                more = true;
                return false;
            });
            if (!read_on) return unreadableHistory(read_on.error());
        }
    }
    json += ']';
    appendListEnd(json, total, more ? makeCursor(list, last, query->device) : "");
    return response;
}

}  // namespace

HttpResponse listStates(const Devices& devices, const History* history,
                        const HttpRequest& request) {
    if (!history) return withoutStore();
    return listRows<StateRow>(
        devices, request, List::States, "states",
        [&](const auto& query, auto visit) { return history->states(query, visit); });
}

HttpResponse listConnections(const Devices& devices, const History* history,
                             const HttpRequest& request) {
    if (!history) return withoutStore();
    return listRows<ConnectionRow>(
        devices, request, List::Connections, "events",
        [&](const auto& query, auto visit) { return history->connections(query, visit); });
}

}  // namespace hub::http_api
