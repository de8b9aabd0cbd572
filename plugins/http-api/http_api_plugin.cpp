#include "http_api_plugin.h"

#include "device_routes.h"
#include "health_routes.h"
#include "history_routes.h"
#include "hub/plugin_export.h"
#include "state_routes.h"
#include "system_routes.h"

#include <utility>

namespace hub::http_api {

std::span<const Option> HttpApiPlugin::options() const noexcept { return {}; }

void HttpApiPlugin::configure(const Options&) {}

void HttpApiPlugin::start(HubServices& hub) {
    const auto route = [&](std::string_view method, std::string_view pattern, HttpHandler handler) {
        routes_.push_back(hub.http().route(method, pattern, std::move(handler)));
    };
    const auto get = [&](std::string_view pattern, auto handler) {
        route("GET", pattern, [handler = std::move(handler)](const HttpRequest& request) {
            HttpResponse response = handler(request);
            response.headers.emplace_back("Cache-Control", "no-cache");
            return response;
        });
    };
    get("/health",
        [&hub](const HttpRequest&) { return showHealth(hub.clock().wall(), hub.version()); });
    get("/livez", [&hub](const HttpRequest&) { return showLiveness(hub.alive()); });
    get("/readyz", [&hub](const HttpRequest&) { return showReadiness(hub.readiness()); });
    get("/metrics", [&hub](const HttpRequest&) { return showMetrics(hub.metrics()); });
    get("/api/devices",
        [&hub](const HttpRequest& request) { return listDevices(hub.devices(), request); });
    get("/api/devices/{id}",
        [&hub](const HttpRequest& request) { return showDevice(hub.devices(), request); });
    route("DELETE", "/api/devices/{id}",
          [&hub](const HttpRequest& request) { return forgetDevice(hub.devices(), request); });
    route("POST", "/api/devices/{id}/kick",
          [&hub](const HttpRequest& request) { return kickDevice(hub.devices(), request); });
    get("/api/devices/{id}/state", [&hub](const HttpRequest& request) {
        return showState(hub.devices(), hub.history(), request);
    });
    get("/api/state", [&hub](const HttpRequest& request) {
        return listFleetStates(hub.devices(), hub.history(), request);
    });
    get("/api/state-history/{id}", [&hub](const HttpRequest& request) {
        return listStates(hub.devices(), hub.history(), request);
    });
    get("/api/device-connection-history/{id}", [&hub](const HttpRequest& request) {
        return listConnections(hub.devices(), hub.history(), request);
    });
    get("/api/system/logs",
        [&hub](const HttpRequest& request) { return listLogLines(hub.logTail(), request); });
    get("/api/plugins", [&hub](const HttpRequest&) { return listPlugins(hub.plugins()); });
}

void HttpApiPlugin::stop() noexcept { routes_.clear(); }

Health HttpApiPlugin::health() const { return {}; }

}  // namespace hub::http_api

HUB_EXPORT_PLUGIN(hub::http_api::HttpApiPlugin, "http-api", HUB_VERSION, hub::PluginKind::Extension)
