#include "http_api_plugin.h"

#include "device_routes.h"
#include "health_routes.h"
#include "history_routes.h"
#include "hub/plugin_export.h"

#include <utility>

namespace hub::http_api {

std::span<const Option> HttpApiPlugin::options() const noexcept { return {}; }

void HttpApiPlugin::configure(const Options&) {}

void HttpApiPlugin::start(HubServices& hub) {
    const auto get = [&](std::string_view pattern, HttpHandler handler) {
        routes_.push_back(hub.http().route("GET", pattern, std::move(handler)));
    };
    get("/health",
        [&hub](const HttpRequest&) { return showHealth(hub.clock().wall(), hub.version()); });
    get("/readyz", [&hub](const HttpRequest&) { return showReadiness(hub.readiness()); });
    get("/api/devices",
        [&hub](const HttpRequest& request) { return listDevices(hub.devices(), request); });
    get("/api/devices/{id}",
        [&hub](const HttpRequest& request) { return showDevice(hub.devices(), request); });
    get("/api/state-history/{id}", [&hub](const HttpRequest& request) {
        return listStates(hub.devices(), hub.history(), request);
    });
    get("/api/device-connection-history/{id}", [&hub](const HttpRequest& request) {
        return listConnections(hub.devices(), hub.history(), request);
    });
}

void HttpApiPlugin::stop() noexcept { routes_.clear(); }

Health HttpApiPlugin::health() const { return {}; }

}  // namespace hub::http_api

HUB_EXPORT_PLUGIN(hub::http_api::HttpApiPlugin, "http-api", HUB_VERSION, hub::PluginKind::Extension)
