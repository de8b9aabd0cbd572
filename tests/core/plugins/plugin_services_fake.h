#pragma once

#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "hub/hub_services.h"

namespace hub::fakes {

// Keeps routes by method and pattern, so that a test can call their handlers.
class RecordingRoutes final : public HttpRoutes {
public:
    using Key = std::pair<std::string, std::string>;

    [[nodiscard]] Registration route(std::string_view method, std::string_view pattern,
                                     HttpHandler handler) override {
        Key key{method, pattern};
        handlers[key] = std::move(handler);
        return Registration([this, key] { handlers.erase(key); });
    }

    std::map<Key, HttpHandler> handlers;
};

// Offers a logger and routes; asking for anything else fails the test.
class PluginServices final : public HubServices {
public:
    PluginServices(Logger& logger, HttpRoutes& routes) : logger_(logger), routes_(routes) {}

    Devices& devices() noexcept override { std::terminate(); }
    HttpRoutes& http() noexcept override { return routes_; }
    WebSocketEndpoints& webSockets() noexcept override { std::terminate(); }
    const Clock& clock() const noexcept override { std::terminate(); }
    Logger& logger() noexcept override { return logger_; }
    Registration attach(Store&, History&) override {
        throw std::logic_error("nothing to attach to");
    }
    const History* history() const noexcept override { return nullptr; }
    Readiness readiness() const override { return {}; }
    const std::filesystem::path& dataDirectory() const noexcept override { std::terminate(); }
    std::string_view version() const noexcept override { return "0.0.0"; }

private:
    Logger& logger_;
    HttpRoutes& routes_;
};

}  // namespace hub::fakes
