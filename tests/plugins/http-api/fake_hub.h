#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "fakes/manual_clock.h"
#include "fakes/recording_logger.h"
#include "hub/hub_services.h"

namespace hub::http_api {

// A request as the front door hands it over: decoded.
class FakeRequest final : public HttpRequest {
public:
    std::string path_text;
    std::map<std::string, std::string, std::less<>> parameters;
    std::map<std::string, std::string, std::less<>> query_parameters;

    [[nodiscard]] std::string_view method() const noexcept override { return "GET"; }
    [[nodiscard]] std::string_view path() const noexcept override { return path_text; }
    [[nodiscard]] std::string_view parameter(std::string_view name) const noexcept override {
        const auto found = parameters.find(name);
        return found == parameters.end() ? std::string_view{} : found->second;
    }
    [[nodiscard]] std::optional<std::string_view> query(
        std::string_view name) const noexcept override {
        const auto found = query_parameters.find(name);
        if (found == query_parameters.end()) return std::nullopt;
        return found->second;
    }
    [[nodiscard]] std::optional<std::string_view> header(std::string_view) const noexcept override {
        return std::nullopt;
    }
    [[nodiscard]] std::string_view body() const noexcept override { return {}; }
    [[nodiscard]] std::string_view remoteAddress() const noexcept override { return "[::1]:1"; }
};

// Routes by exact pattern, with `{id}` as the last segment.
class FakeHttpRoutes final : public HttpRoutes {
public:
    [[nodiscard]] Registration route(std::string_view method, std::string_view pattern,
                                     HttpHandler handler) override {
        if (method != "GET") throw std::invalid_argument("only GET is expected");
        const std::string key{pattern};
        if (!handlers_.emplace(key, std::move(handler)).second) {
            throw std::logic_error("taken: " + key);
        }
        return Registration{[this, key] { handlers_.erase(key); }};
    }

    // Answers `path`, with 404 where nothing is mounted.
    [[nodiscard]] HttpResponse get(const std::string& path,
                                   std::map<std::string, std::string, std::less<>> query = {}) {
        FakeRequest request;
        request.path_text = path;
        request.query_parameters = std::move(query);
        auto found = handlers_.find(path);
        if (found == handlers_.end()) {
            const std::size_t slash = path.rfind('/');
            request.parameters["id"] = path.substr(slash + 1);
            found = handlers_.find(path.substr(0, slash) + "/{id}");
        }
        if (found == handlers_.end()) return HttpResponse::problem(404, "not mounted");
        return found->second(request);
    }

    [[nodiscard]] std::size_t count() const { return handlers_.size(); }

private:
    std::map<std::string, HttpHandler> handlers_;
};

class FakeDevices final : public Devices {
public:
    std::vector<Device> known;  // in the order of their index

    [[nodiscard]] std::optional<Device> find(std::string_view id) const override {
        for (const Device& device : known) {
            if (device.id == id) return device;
        }
        return std::nullopt;
    }
    void visit(std::optional<DeviceIndex> after,
               const std::function<bool(const Device&)>& visit) const override {
        for (const Device& device : known) {
            if (after && device.index <= *after) continue;
            if (!visit(device)) return;
        }
    }
    [[nodiscard]] std::size_t count() const noexcept override { return known.size(); }

    [[nodiscard]] Result<std::unique_ptr<DeviceSession>> open(std::string_view,
                                                              const LinkDescription&,
                                                              const DeviceMessage&, AckTag,
                                                              EventSink&,
                                                              std::string_view) override {
        throw std::logic_error("http-api opens no sessions");
    }
    [[nodiscard]] std::unique_ptr<EventSink> openSink(std::function<void()>) override {
        throw std::logic_error("http-api opens no sinks");
    }
};

// Rows of one device, kept newest first.
class FakeHistory final : public History {
public:
    struct State {
        Sequence sequence;
        Timestamp time;
        std::optional<Timestamp> device_time;
        std::string state;
    };
    struct Connection {
        Sequence sequence;
        Timestamp time;
        std::string event;
        std::string details;
    };

    DeviceIndex device{};
    std::vector<State> state_rows;
    std::vector<Connection> connection_rows;
    std::optional<Error> broken;  // answered instead of rows

    [[nodiscard]] Result<void> states(
        const HistoryQuery& query,
        const std::function<bool(const StateRow&)>& visit) const override {
        return each(query, state_rows, [&](const State& row) {
            return visit({row.sequence, row.time, row.device_time, row.state});
        });
    }
    [[nodiscard]] Result<void> connections(
        const HistoryQuery& query,
        const std::function<bool(const ConnectionRow&)>& visit) const override {
        return each(query, connection_rows, [&](const Connection& row) {
            return visit({row.sequence, row.time, row.event, row.details});
        });
    }

private:
    template <class Row, class Visit>
    Result<void> each(const HistoryQuery& query, const std::vector<Row>& rows, Visit visit) const {
        if (broken) return *broken;
        if (query.limit < 1 || query.limit > 1000) throw std::logic_error("limit out of range");
        std::size_t visited = 0;
        for (const Row& row : rows) {
            if (query.device != device || visited == query.limit) break;
            if (query.before != 0 && row.sequence >= query.before) continue;
            if (query.since && row.time < *query.since) continue;
            if (query.until && row.time > *query.until) continue;
            ++visited;
            if (!visit(row)) break;
        }
        return {};
    }
};

class FakeHub final : public HubServices {
public:
    fakes::ManualClock manual_clock;
    fakes::RecordingLogger recording_logger;
    FakeHttpRoutes fake_http;
    FakeDevices fake_devices;
    FakeHistory fake_history;
    bool has_store = true;
    Readiness fake_readiness;

    [[nodiscard]] Devices& devices() noexcept override { return fake_devices; }
    [[nodiscard]] HttpRoutes& http() noexcept override { return fake_http; }
    [[nodiscard]] const Clock& clock() const noexcept override { return manual_clock; }
    [[nodiscard]] Logger& logger() noexcept override { return recording_logger; }
    [[nodiscard]] const History* history() const noexcept override {
        return has_store ? &fake_history : nullptr;
    }
    [[nodiscard]] Readiness readiness() const override { return fake_readiness; }
    [[nodiscard]] std::string_view version() const noexcept override { return "0.1.0"; }

    [[nodiscard]] WebSocketEndpoints& webSockets() noexcept override { std::terminate(); }
    [[nodiscard]] Registration attach(Store&, History&) override {
        throw std::logic_error("http-api attaches no store");
    }
    [[nodiscard]] const std::filesystem::path& dataDirectory() const noexcept override {
        std::terminate();
    }
};

}  // namespace hub::http_api
