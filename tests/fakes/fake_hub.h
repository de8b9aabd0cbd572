#pragma once

#include "fakes/fake_commands.h"
#include "fakes/fake_event_feed.h"
#include "fakes/fake_http_routes.h"
#include "fakes/manual_clock.h"
#include "fakes/recording_logger.h"
#include "hub/hub_services.h"
#include "metrics/metric_registry.h"

#include <exception>
#include <filesystem>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

namespace hub::fakes {

// A hub for one plugin: it has a clock, a logger, routes, commands, a feed, and what a test gives
// it beyond these. Asking for what it does not have ends the test.
class FakeHub final : public HubServices {
public:
    // From now on these are the hub's. They must outlive it.
    void use(Devices& devices) noexcept { devices_ = &devices; }
    void use(WebSocketEndpoints& endpoints) noexcept { web_sockets_ = &endpoints; }
    void use(Logger& logger) noexcept { logger_ = &logger; }
    void use(HttpRoutes& routes) noexcept { http_ = &routes; }
    void use(const LogTail& tail) noexcept { log_tail_ = &tail; }
    void setPlugins(std::vector<PluginStatus> plugins) { plugins_ = std::move(plugins); }
    // Null: no store is attached.
    void setHistory(const History* history) noexcept { history_ = history; }
    void setReadiness(Readiness readiness) { readiness_ = std::move(readiness); }
    void setAlive(bool alive) noexcept { alive_ = alive; }
    void setDataDirectory(std::filesystem::path folder) { data_directory_ = std::move(folder); }

    // The store that is attached; null when there is none.
    [[nodiscard]] Store* store() const noexcept { return store_; }
    [[nodiscard]] FakeHttpRoutes& routes() noexcept { return own_routes_; }
    [[nodiscard]] RecordingLogger& log() noexcept { return own_logger_; }
    [[nodiscard]] ManualClock& time() noexcept { return clock_; }
    [[nodiscard]] FakeCommands& ledger() noexcept { return commands_; }
    [[nodiscard]] FakeEventFeed& feed() noexcept { return feed_; }

    [[nodiscard]] Devices& devices() noexcept override { return given(devices_); }
    [[nodiscard]] Commands& commands() noexcept override { return commands_; }
    [[nodiscard]] EventFeed& events() noexcept override { return feed_; }
    [[nodiscard]] HttpRoutes& http() noexcept override { return *http_; }
    [[nodiscard]] WebSocketEndpoints& webSockets() noexcept override { return given(web_sockets_); }
    [[nodiscard]] const Clock& clock() const noexcept override { return clock_; }
    [[nodiscard]] Logger& logger() noexcept override { return *logger_; }
    [[nodiscard]] Registration attach(Store& store, History& history) override {
        if (store_ != nullptr) throw std::logic_error("a store is attached already");
        static_cast<void>(store.recover());
        store_ = &store;
        history_ = &history;
        return Registration([this] {
            store_ = nullptr;
            history_ = nullptr;
        });
    }
    [[nodiscard]] const LogTail& logTail() const noexcept override { return given(log_tail_); }
    [[nodiscard]] Metrics& metrics() noexcept override { return metrics_; }
    [[nodiscard]] std::vector<PluginStatus> plugins() const override { return plugins_; }
    [[nodiscard]] const History* history() const noexcept override { return history_; }
    [[nodiscard]] Readiness readiness() const override { return readiness_; }
    [[nodiscard]] bool alive() const override { return alive_; }
    [[nodiscard]] const std::filesystem::path& dataDirectory() const noexcept override {
        return data_directory_;
    }
    [[nodiscard]] std::string_view version() const noexcept override { return "1.2.3"; }

private:
    template <class Part>
    static Part& given(Part* part) noexcept {
        if (part == nullptr) std::terminate();
        return *part;
    }

    ManualClock clock_;
    RecordingLogger own_logger_;
    FakeHttpRoutes own_routes_;
    FakeCommands commands_;
    FakeEventFeed feed_;
    Logger* logger_ = &own_logger_;
    HttpRoutes* http_ = &own_routes_;
    Devices* devices_ = nullptr;
    WebSocketEndpoints* web_sockets_ = nullptr;
    Store* store_ = nullptr;
    const History* history_ = nullptr;
    const LogTail* log_tail_ = nullptr;
    metrics::MetricRegistry metrics_;
    std::vector<PluginStatus> plugins_;
    Readiness readiness_;
    bool alive_ = true;
    std::filesystem::path data_directory_;
};

}  // namespace hub::fakes
