#include "plugins/plugin_services.h"

#include <utility>

namespace hub::plugins {
class PluginServices::LeasedRoutes final : public HttpRoutes {
public:
    LeasedRoutes(std::shared_ptr<Lease> lease, HubServices& hub)
        : lease_(std::move(lease)), hub_(hub) {}

    [[nodiscard]] Registration route(std::string_view method, std::string_view pattern,
                                     HttpHandler handler) override {
        const auto pass = lease_->callOrThrow("HttpRoutes::route");
        return lease_->lend(Lease::Holding::Route,
                            hub_.http().route(method, pattern, std::move(handler)));
    }
    [[nodiscard]] Registration probe(std::string_view pattern, HttpHandler handler) override {
        const auto pass = lease_->callOrThrow("HttpRoutes::probe");
        return lease_->lend(Lease::Holding::Route, hub_.http().probe(pattern, std::move(handler)));
    }

private:
    const std::shared_ptr<Lease> lease_;
    HubServices& hub_;
};

class PluginServices::LeasedEndpoints final : public WebSocketEndpoints {
public:
    LeasedEndpoints(std::shared_ptr<Lease> lease, HubServices& hub)
        : lease_(std::move(lease)), hub_(hub) {}

    [[nodiscard]] Registration mount(std::string_view pattern, WebSocketEndpoint& endpoint,
                                     const WebSocketLimits& limits) override {
        const auto pass = lease_->callOrThrow("WebSocketEndpoints::mount");
        return lease_->lend(Lease::Holding::Endpoint,
                            hub_.webSockets().mount(pattern, endpoint, limits));
    }
    [[nodiscard]] Delivery send(LinkId link, std::string_view text) override {
        const auto pass = lease_->call("WebSocketEndpoints::send");
        return pass ? hub_.webSockets().send(link, text) : Delivery::Unreachable;
    }
    void notify(LinkId link, std::uint64_t word) override {
        if (const auto pass = lease_->call("WebSocketEndpoints::notify")) {
            hub_.webSockets().notify(link, word);
        }
    }

private:
    const std::shared_ptr<Lease> lease_;
    HubServices& hub_;
};

// Counters and the like live as long as the hub; what is called back does not.
class PluginServices::LeasedMetrics final : public Metrics {
public:
    LeasedMetrics(std::shared_ptr<Lease> lease, HubServices& hub)
        : lease_(std::move(lease)), hub_(hub) {}

    [[nodiscard]] Counter& counter(std::string_view name, std::string_view help,
                                   const MetricLabels& labels) override {
        return hub_.metrics().counter(name, help, labels);
    }
    [[nodiscard]] Gauge& gauge(std::string_view name, std::string_view help,
                               const MetricLabels& labels) override {
        return hub_.metrics().gauge(name, help, labels);
    }
    [[nodiscard]] Histogram& histogram(std::string_view name, std::string_view help,
                                       const std::vector<double>& bounds,
                                       const MetricLabels& labels) override {
        return hub_.metrics().histogram(name, help, bounds, labels);
    }
    [[nodiscard]] Registration beforeRead(std::function<void()> update) override {
        const auto pass = lease_->callOrThrow("Metrics::beforeRead");
        return lease_->lend(Lease::Holding::MetricsUpdate,
                            hub_.metrics().beforeRead(std::move(update)));
    }
    [[nodiscard]] std::string text() const override { return hub_.metrics().text(); }

private:
    const std::shared_ptr<Lease> lease_;
    HubServices& hub_;
};

// Stands before the store's history, which may be gone before a plugin has noticed its own end.
class PluginServices::LeasedHistory final : public History {
public:
    LeasedHistory(std::shared_ptr<Lease> lease, HubServices& hub)
        : lease_(std::move(lease)), hub_(hub) {}

    [[nodiscard]] Result<std::optional<Sequence>> states(
        const HistoryQuery& query,
        const std::function<bool(const StateRow&)>& visit) const override {
        return read("History::states",
                    [&](const History& history) { return history.states(query, visit); });
    }
    [[nodiscard]] Result<std::optional<Sequence>> connections(
        const HistoryQuery& query,
        const std::function<bool(const ConnectionRow&)>& visit) const override {
        return read("History::connections",
                    [&](const History& history) { return history.connections(query, visit); });
    }
    [[nodiscard]] Result<std::optional<CommandNumber>> commands(
        const CommandQuery& query, const VisitCommand& visit) const override {
        return read("History::commands",
                    [&](const History& history) { return history.commands(query, visit); });
    }
    [[nodiscard]] Result<bool> command(std::string_view id, DeviceIndex from,
                                       const VisitCommand& visit,
                                       const VisitTarget& visit_target) const override {
        return read("History::command", [&](const History& history) {
            return history.command(id, from, visit, visit_target);
        });
    }
    [[nodiscard]] Result<std::optional<Sequence>> events(
        Sequence after, const std::function<bool(const Event&)>& visit) const override {
        return read("History::events",
                    [&](const History& history) { return history.events(after, visit); });
    }

private:
    template <class Read>
    std::invoke_result_t<Read, const History&> read(std::string_view function,
                                                    const Read& read) const {
        const auto pass = lease_->call(function);
        if (!pass) return lease_->refusal();
        const History* history = hub_.history();
        if (history == nullptr) {
            return Error{Error::Kind::Unavailable, "no store is attached: there is no history"};
        }
        return read(*history);
    }

    const std::shared_ptr<Lease> lease_;
    HubServices& hub_;
};

class PluginServices::LeasedCommands final : public Commands {
public:
    LeasedCommands(std::shared_ptr<Lease> lease, HubServices& hub)
        : lease_(std::move(lease)), hub_(hub) {}

    [[nodiscard]] Result<CommandReceipt> submit(const CommandRequest& request) override {
        const auto pass = lease_->call("Commands::submit");
        if (!pass) return lease_->refusal();
        return hub_.commands().submit(request);
    }
    [[nodiscard]] Result<std::size_t> cancel(std::string_view id) override {
        const auto pass = lease_->call("Commands::cancel");
        if (!pass) return lease_->refusal();
        return hub_.commands().cancel(id);
    }
    [[nodiscard]] Registration attach(CommandGuard& guard) override {
        const auto pass = lease_->callOrThrow("Commands::attach");
        return lease_->lend(Lease::Holding::Guard, hub_.commands().attach(guard));
    }

private:
    const std::shared_ptr<Lease> lease_;
    HubServices& hub_;
};

PluginServices::PluginServices(std::shared_ptr<Lease> lease, std::unique_ptr<HubServices> hub)
    : lease_(std::move(lease)),
      hub_(std::move(hub)),
      devices_(lease_, *hub_),
      feed_(lease_, *hub_),
      commands_(std::make_unique<LeasedCommands>(lease_, *hub_)),
      http_(std::make_unique<LeasedRoutes>(lease_, *hub_)),
      web_sockets_(std::make_unique<LeasedEndpoints>(lease_, *hub_)),
      metrics_(std::make_unique<LeasedMetrics>(lease_, *hub_)),
      history_(std::make_unique<LeasedHistory>(lease_, *hub_)) {}

PluginServices::~PluginServices() = default;

Commands& PluginServices::commands() noexcept { return *commands_; }

HttpRoutes& PluginServices::http() noexcept { return *http_; }

WebSocketEndpoints& PluginServices::webSockets() noexcept { return *web_sockets_; }

Metrics& PluginServices::metrics() noexcept { return *metrics_; }

std::vector<PluginStatus> PluginServices::plugins() const {
    const auto pass = lease_->call("HubServices::plugins");
    return pass ? hub_->plugins() : std::vector<PluginStatus>{};
}

Registration PluginServices::attach(Store& store, History& history) {
    const auto pass = lease_->callOrThrow("HubServices::attach");
    return lease_->lend(Lease::Holding::Store, hub_->attach(store, history));
}

const History* PluginServices::history() const noexcept {
    const auto pass = lease_->call("HubServices::history");
    return pass && hub_->history() != nullptr ? history_.get() : nullptr;
}

Readiness PluginServices::readiness() const {
    const auto pass = lease_->call("HubServices::readiness");
    return pass ? hub_->readiness() : Readiness{{lease_->refusal().message}};
}

bool PluginServices::alive() const {
    const auto pass = lease_->call("HubServices::alive");
    return !pass || hub_->alive();
}

}  // namespace hub::plugins
