#include "system_routes.h"

#include "json_fields.h"
#include "list_query.h"

#include <cstddef>
#include <string>
#include <vector>

namespace hub::http_api {

namespace {

Result<LogLevel> readLevel(const HttpRequest& request) {
    const auto word = request.query("level");
    if (!word) return LogLevel::Debug;
    if (const auto level = logLevelFrom(*word)) return *level;
    return invalidParameter("level", "must be debug, info, warning or error");
}

void appendLine(std::string& json, const LogLine& line) {
    json += R"({"timestamp":)";
    appendTime(json, line.time);
    appendTextField(json, "level", toString(line.level));
    appendTextField(json, "logger", line.logger);
    appendTextField(json, "message", line.message);
    json += '}';
}

void appendPlugin(std::string& json, const PluginStatus& plugin) {
    json += R"({"name":)";
    appendJsonString(json, plugin.name);
    appendTextField(json, "kind", plugin.kind ? toString(*plugin.kind) : "");
    appendTextField(json, "version", plugin.version);
    json += plugin.required ? R"(,"required":true)" : R"(,"required":false)";
    appendTextField(json, "state", toString(plugin.state));
    appendTextField(json, "health", toString(plugin.health.state));
    appendTextField(json, "sentence", plugin.health.sentence);
    json += '}';
}

}  // namespace

HttpResponse showRoot(std::string_view version) {
    HttpResponse response;
    response.body = R"({"app":"hub","version":)";
    appendJsonString(response.body, version);
    response.body +=
        R"(,"api":"/api/openapi.json","devices":"/api/devices","state":"/api/state",)"
        R"("commands":"/api/command-logs","events":"/api/events","log":"/api/system/logs",)"
        R"("plugins":"/api/plugins","health":"/readyz","metrics":"/metrics"})";
    return response;
}

HttpResponse showMetrics(const Metrics& metrics) {
    HttpResponse response;
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    response.body = metrics.text();
    return response;
}

HttpResponse listLogLines(const LogTail& log, const HttpRequest& request) {
    const auto level = readLevel(request);
    if (!level) return HttpResponse::problem(level.error());
    const auto limit = readLimit(request);
    if (!limit) return HttpResponse::problem(limit.error());
    const auto before = readCursor(request, List::Log);
    if (!before) return HttpResponse::problem(before.error());
    // One line more than wanted tells whether there are more.
    const std::size_t most = limit->value_or(kDefaultLimit);
    std::vector<LogLine> lines = log.newest(*level, most + 1, before->value_or(0));
    std::string next;
    if (lines.size() > most) {
        lines.pop_back();
        next = makeCursor(List::Log, lines.back().number);
    }
    return listOf("logs", lines, next, appendLine);
}

HttpResponse listPlugins(const std::vector<PluginStatus>& plugins) {
    return listOf("plugins", plugins, "", appendPlugin);
}

}  // namespace hub::http_api
