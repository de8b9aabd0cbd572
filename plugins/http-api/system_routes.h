#pragma once

#include "hub/http.h"
#include "hub/hub_services.h"

#include <string_view>
#include <vector>

namespace hub::http_api {

// GET /: what hub this is, and where to go on.
[[nodiscard]] HttpResponse showRoot(std::string_view version);

// GET /metrics: everything the hub counts, in the Prometheus text format.
[[nodiscard]] HttpResponse showMetrics(const Metrics& metrics);

// GET /api/system/logs: the newest lines of the log, newest first, or those before `cursor`.
[[nodiscard]] HttpResponse listLogLines(const LogTail& log, const HttpRequest& request);

// GET /api/plugins: every plugin that was selected, in the order of loading.
[[nodiscard]] HttpResponse listPlugins(const std::vector<PluginStatus>& plugins);

}  // namespace hub::http_api
