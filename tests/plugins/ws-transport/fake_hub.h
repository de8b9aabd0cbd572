#pragma once

#include <filesystem>
#include <stdexcept>
#include <string_view>

#include "fakes/fake_devices.h"
#include "fakes/fake_websocket_endpoints.h"
#include "fakes/manual_clock.h"
#include "fakes/recording_logger.h"
#include "hub/hub_services.h"

namespace hub::fakes {

// A hub for one WebSocket transport: with devices, with links, and, unless told otherwise, with a
// store that a test can make durable.
class FakeHub final : public HubServices {
public:
    enum class Stores : bool { No, Yes };

    explicit FakeHub(Stores stores = Stores::Yes) : stores_(stores) {}

    [[nodiscard]] FakeDevices& devices() noexcept override { return devices_; }
    [[nodiscard]] HttpRoutes& http() noexcept override { return http_; }
    [[nodiscard]] FakeWebSocketEndpoints& webSockets() noexcept override { return web_sockets_; }
    [[nodiscard]] const Clock& clock() const noexcept override { return clock_; }
    [[nodiscard]] RecordingLogger& logger() noexcept override { return logger_; }
    [[nodiscard]] Registration attach(Store&, History&) override {
        throw std::logic_error("a transport attaches no store");
    }
    [[nodiscard]] const History* history() const noexcept override {
        return stores_ == Stores::Yes ? &history_ : nullptr;
    }
    [[nodiscard]] Readiness readiness() const override { return {}; }
    [[nodiscard]] const std::filesystem::path& dataDirectory() const noexcept override {
        return data_directory_;
    }
    [[nodiscard]] std::string_view version() const noexcept override { return "0.0.0"; }

private:
    class NoRoutes final : public HttpRoutes {
        [[nodiscard]] Registration route(std::string_view, std::string_view, HttpHandler) override {
            throw std::logic_error("this transport has no routes");
        }
    };
    class NoHistory final : public History {
        [[nodiscard]] Result<void> states(
            const HistoryQuery&, const std::function<bool(const StateRow&)>&) const override {
            return {};
        }
        [[nodiscard]] Result<void> connections(
            const HistoryQuery&, const std::function<bool(const ConnectionRow&)>&) const override {
            return {};
        }
    };

    const Stores stores_;
    ManualClock clock_;
    RecordingLogger logger_;
    NoRoutes http_;
    NoHistory history_;
    FakeDevices devices_;
    FakeWebSocketEndpoints web_sockets_;
    std::filesystem::path data_directory_;
};

}  // namespace hub::fakes
