#include "http_api_plugin.h"

#include "command_routes.h"
#include "device_routes.h"
#include "health_routes.h"
#include "history_routes.h"
#include "hub/plugin_export.h"
#include "openapi.h"
#include "state_routes.h"
#include "system_routes.h"

#include <string>
#include <string_view>
#include <utility>

namespace hub::http_api {

namespace {

// Whose answers have this `Cache-Control`; by default they are to be asked for anew each time.
template <class Handler>
HttpHandler cached(Handler handler, std::string control = "no-cache") {
    return
        [handler = std::move(handler), control = std::move(control)](const HttpRequest& request) {
            HttpResponse response = handler(request);
            response.headers.emplace_back("Cache-Control", control);
            return response;
        };
}

// What an operator has done to a device or a command stays in the log.
void logDone(Logger& logger, const HttpRequest& request, const HttpResponse& response,
             std::string_view subject, std::string_view what) {
    if (response.status >= 300) return;
    std::string line(subject);
    line.append(1, ' ').append(request.parameter("id"));
    line.append(1, ' ').append(what).append(request.remoteAddress()).append(1, ')');
    logger.info(line);
}

}  // namespace

std::span<const Option> HttpApiPlugin::options() const noexcept { return {}; }

void HttpApiPlugin::configure(const Options&) {}

void HttpApiPlugin::start(HubServices& hub) {
    feeds_ = std::make_unique<LiveFeeds>(hub);
    const auto route = [&](std::string_view method, std::string_view pattern, HttpHandler handler) {
        routes_.push_back(hub.http().route(method, pattern, std::move(handler)));
    };
    const auto get = [&](std::string_view pattern, auto handler) {
        route("GET", pattern, cached(std::move(handler)));
    };
    const auto probe = [&](std::string_view pattern, auto handler) {
        routes_.push_back(hub.http().probe(pattern, cached(std::move(handler))));
    };
    get("/", [&hub](const HttpRequest&) { return showRoot(hub.version()); });
    probe("/health",
          [&hub](const HttpRequest&) { return showHealth(hub.clock().wall(), hub.version()); });
    probe("/livez", [&hub](const HttpRequest&) { return showLiveness(hub.alive()); });
    probe("/readyz", [&hub](const HttpRequest&) { return showReadiness(hub.readiness()); });
    probe("/metrics", [&hub](const HttpRequest&) { return showMetrics(hub.metrics()); });
    get("/api/devices",
        [&hub](const HttpRequest& request) { return listDevices(hub.devices(), request); });
    get("/api/devices/{id}",
        [&hub](const HttpRequest& request) { return showDevice(hub.devices(), request); });
    route("DELETE", "/api/devices/{id}", [&hub](const HttpRequest& request) {
        HttpResponse response = forgetDevice(hub.devices(), request);
        logDone(hub.logger(), request, response, "device", "forgotten (DELETE from ");
        return response;
    });
    route("POST", "/api/devices/{id}/kick", [&hub](const HttpRequest& request) {
        HttpResponse response = kickDevice(hub.devices(), request);
        logDone(hub.logger(), request, response, "device", "kicked (from ");
        return response;
    });
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
    route("POST", "/api/command",
          [&hub](const HttpRequest& request) { return submitCommand(hub.commands(), request); });
    get("/api/commands", [](const HttpRequest&) { return noCommandList(); });
    get("/api/commands/{id}",
        [&hub](const HttpRequest& request) { return showCommand(hub.history(), request); });
    route("DELETE", "/api/commands/{id}", [&hub](const HttpRequest& request) {
        HttpResponse response = cancelCommand(hub.commands(), request);
        logDone(hub.logger(), request, response, "command", "cancelled (DELETE from ");
        return response;
    });
    get("/api/command-logs", [&hub](const HttpRequest& request) {
        return listCommands(hub.devices(), hub.history(), request);
    });
    route("GET", "/api/events",
          cached([this](const HttpRequest& request) { return feeds_->streamEvents(request); },
                 "no-store"));
    get("/api/openapi.json", [](const HttpRequest&) { return showOpenApi(); });
}

void HttpApiPlugin::stop() noexcept {
    routes_.clear();
    feeds_.reset();
}

Health HttpApiPlugin::health() const { return {}; }

}  // namespace hub::http_api

HUB_EXPORT_PLUGIN(hub::http_api::HttpApiPlugin, "http-api", HUB_VERSION, hub::PluginKind::Extension)
