#include "hub.h"

#include "commands/dispatcher.h"
#include "http/front_door.h"
#include "metrics/metric_registry.h"
#include "net/descriptor_limit.h"
#include "net/listener.h"
#include "net/loop_group.h"
#include "net/pulse.h"
#include "registry/device_registry.h"
#include "router/event_log.h"
#include "router/feed.h"
#include "router/sink.h"
#include "storage/attached_store.h"
#include "websocket/server.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <stdexcept>
#include <thread>
#include <vector>

namespace hub {

namespace {

// How far stored events may be ahead of the clock before an operator is told.
constexpr std::chrono::minutes kClockTolerance{1};

// How long an I/O thread, and one call of the store, may take before it counts as hanging: a turn
// of a loop blocks nowhere, a disk may stall for long.
constexpr std::chrono::seconds kLoopPatience{1};
constexpr std::chrono::seconds kStorePatience{30};

// What all links together may read while the log is full, as a part of its limit.
constexpr std::size_t kBacklogShare = 4;

std::size_t ioThreads(std::size_t wanted) {
    if (wanted > 0) return wanted;
    return std::max(1U, std::thread::hardware_concurrency());
}

// Some descriptors are left for other addresses.
std::size_t linksPerAddress(std::size_t wanted) {
    return wanted > 0 ? wanted : net::descriptorLimit() / 10 * 9;
}

http::FrontDoorSettings frontDoorSettings(const HubSettings& settings) {
    http::FrontDoorSettings front_door;
    front_door.workers = settings.http_workers;
    front_door.limits.body_bytes = settings.http_body_bytes;
    front_door.per_address = {linksPerAddress(settings.links_per_address),
                              settings.connects_per_address, settings.unregistered_per_address};
    front_door.in_all = net::connectionsWithin(
        net::descriptorLimit(), ioThreads(settings.io_threads) + settings.http_workers);
    front_door.origins = settings.origins;
    return front_door;
}

// The devices as the commands see them.
class CommandedDevices final : public commands::DeviceDirectory {
public:
    explicit CommandedDevices(registry::DeviceRegistry& registry) : registry_(registry) {}

    [[nodiscard]] Result<std::vector<commands::Recipient>> resolve(
        const CommandTargets& targets, bool offline_too) const override {
        std::vector<commands::Recipient> found;
        auto visited = registry_.visitTargets(
            targets, offline_too,
            [&found](DeviceIndex device, std::shared_ptr<const std::string> id, bool online) {
                found.push_back({.device = device, .online = online, .id = std::move(id)});
            });
        if (!visited) return std::move(visited).error();
        return found;
    }
    [[nodiscard]] bool knows(DeviceIndex device) const override { return registry_.knows(device); }
    [[nodiscard]] std::optional<Device> find(DeviceIndex device) const override {
        return registry_.at(device);
    }
    [[nodiscard]] std::shared_ptr<const std::string> idOf(DeviceIndex device) const override {
        return registry_.idOf(device);
    }
    [[nodiscard]] Delivery deliver(DeviceIndex device, const Command& command) override {
        return registry_.deliver(device, command);
    }

private:
    registry::DeviceRegistry& registry_;
};

// One sink for each loop; a sink's news wakes its loop.
std::vector<std::unique_ptr<router::Sink>> makeSinks(router::EventLog& log, net::LoopGroup& loops) {
    std::vector<std::unique_ptr<router::Sink>> sinks;
    for (std::size_t i = 0; i < loops.size(); ++i) {
        sinks.push_back(std::make_unique<router::Sink>(log, [&loop = loops[i]] { loop.wake(); }));
    }
    return sinks;
}

std::vector<EventSink*> pointersTo(const std::vector<std::unique_ptr<router::Sink>>& sinks) {
    std::vector<EventSink*> pointers;
    for (const auto& sink : sinks) pointers.push_back(sink.get());
    return pointers;
}

// Which hub this is, and for how long.
Registration publishIdentity(Metrics& metrics, const Clock& clock) {
    metrics
        .gauge("hub_build_info", "Always 1; the label tells the version of the hub.",
               {{"version", HUB_VERSION}})
        .set(1);
    Gauge& uptime = metrics.gauge("hub_uptime_seconds", "How long the hub has been running.");
    return metrics.beforeRead([&uptime, &clock, begun = clock.steady()] {
        uptime.set(std::chrono::duration<double>(clock.steady() - begun).count());
    });
}

}  // namespace

// In the order of construction: what stands further down uses what stands above it.
struct Hub::Parts {
    Parts(const HubSettings& settings, const HubSurroundings& surroundings)
        : clock(surroundings.clock),
          logger(surroundings.logger),
          log_tail(surroundings.log_tail),
          plugins(surroundings.plugins),
          data_directory(settings.data_directory),
          log(settings.log_bytes, clock, metrics),
          registry(log, clock, logger, metrics,
                   {.capacity = settings.devices, .timeouts = settings.timeouts, .news = news()}),
          store(log),
          commanded_devices(registry),
          commands({log, commanded_devices, store, clock, logger, metrics}),
          feed(log, store, settings.feed_bytes, logger, metrics),
          loops(ioThreads(settings.io_threads), clock),
          sinks(makeSinks(log, loops)),
          front_door(loops, frontDoorSettings(settings), metrics, logger),
          web_sockets(loops, pointersTo(sinks), front_door, settings.log_bytes / kBacklogShare,
                      metrics, logger),
          listener(loops, settings.address, settings.port, logger, front_door) {
        for (std::size_t i = 0; i < loops.size(); ++i) {
            loops[i].onTurnEnd([&sink = *sinks[i]] { sink.flush(); });
            loops[i].onWake([this, &sink = *sinks[i], i] {
                sink.settle();
                if (!sink.paused()) web_sockets.resumeYielding(i);
            });
        }
        try {
            loops.start();
        } catch (...) {
            loops.stop();
            throw;
        }
    }

    ~Parts() {
        listener.stop();
        loops.stop();
    }

    // What the registry tells the commands, which do not exist yet when it is built.
    [[nodiscard]] registry::DeviceNews news();
    Registration attach(Store& attaching, const History& history);
    void detach();
    [[nodiscard]] Readiness readiness() const;
    [[nodiscard]] bool alive();
    // Has `task` run on every I/O thread, with its number. False when it has not by `deadline`
    // everywhere.
    bool onEveryLoop(const std::function<void(std::size_t)>& task, SteadyTime deadline);

    const Clock& clock;
    Logger& logger;
    const LogTail& log_tail;
    const std::function<std::vector<PluginStatus>()> plugins;
    metrics::MetricRegistry metrics;
    const Registration identity{publishIdentity(metrics, clock)};
    const std::filesystem::path data_directory;
    router::EventLog log;
    registry::DeviceRegistry registry;
    storage::AttachedStore store;
    CommandedDevices commanded_devices;
    commands::Dispatcher commands;
    router::Feed feed;
    net::LoopGroup loops;
    net::Pulse pulse{loops};
    const std::vector<std::unique_ptr<router::Sink>> sinks;  // one for each loop, on its thread
    http::FrontDoor front_door;
    websocket::Server web_sockets;
    net::Listener listener;

    std::atomic<bool> stopping = false;
};

registry::DeviceNews Hub::Parts::news() {
    return {.came_online = [this](DeviceIndex device) { commands.cameOnline(device); },
            .acknowledged =
                [this](DeviceIndex device, const DeviceMessage& message) {
                    commands.acknowledged(device, message);
                },
            .forgetting = [this](DeviceIndex device) { commands.forgetting(device); }};
}

Registration Hub::Parts::attach(Store& attaching, const History& history) {
    if (store.attached()) {
        throw std::logic_error("a store is attached already: a hub has one");
    }
    const Recovery recovery = attaching.recover();
    if (recovery.last_time > clock.wall() + kClockTolerance) {
        logger.error("the newest stored event is of " + formatTimestamp(recovery.last_time) +
                     ", ahead of this machine's clock: until the clock has passed it, everything "
                     "is stamped with that time; set the clock right");
    }
    Registration attached([this] { detach(); });
    log.retain(recovery.last_sequence, recovery.last_time);
    registry.restore(recovery);
    store.attach(attaching, history,
                 {clock, logger, metrics, [this] { return registry.takeSignsOfLife(); }});
    commands.start(recovery);
    return attached;
}

void Hub::Parts::detach() {
    commands.stop();
    store.detach();
    log.release();
}

Readiness Hub::Parts::readiness() const {
    Readiness readiness;
    if (stopping) readiness.reasons.emplace_back("the hub is stopping");
    if (auto failure = store.failure()) readiness.reasons.push_back(std::move(*failure));
    if (log.full()) {
        readiness.reasons.emplace_back(
            "the event log is full: devices have to wait until the store has caught up");
    }
    for (const PluginStatus& plugin : plugins()) {
        if (plugin.required && plugin.health.state == Health::State::Failed) {
            readiness.reasons.push_back("plugin " + plugin.name +
                                        " has failed: " + plugin.health.sentence);
        }
    }
    return readiness;
}

bool Hub::Parts::alive() {
    if (store.busy() > kStorePatience) return false;
    return pulse.felt(std::chrono::steady_clock::now() + kLoopPatience);
}

bool Hub::Parts::onEveryLoop(const std::function<void(std::size_t)>& task, SteadyTime deadline) {
    std::vector<std::future<void>> done;
    for (std::size_t i = 0; i < loops.size(); ++i) {
        auto promise = std::make_shared<std::promise<void>>();
        done.push_back(promise->get_future());
        const bool posted = loops[i].post([promise, task, i] {
            task(i);
            promise->set_value();
        });
        if (!posted) return false;
    }
    return std::ranges::all_of(done, [deadline](const std::future<void>& one) {
        return one.wait_until(deadline) == std::future_status::ready;
    });
}

// What one plugin sees of the hub.
class Hub::Services final : public HubServices {
public:
    Services(Parts& parts, Logger& logger) : parts_(parts), logger_(logger) {}

    [[nodiscard]] Devices& devices() noexcept override { return parts_.registry; }
    [[nodiscard]] Commands& commands() noexcept override { return parts_.commands; }
    [[nodiscard]] EventFeed& events() noexcept override { return parts_.feed; }
    [[nodiscard]] HttpRoutes& http() noexcept override { return parts_.front_door; }
    [[nodiscard]] WebSocketEndpoints& webSockets() noexcept override { return parts_.web_sockets; }
    [[nodiscard]] const Clock& clock() const noexcept override { return parts_.clock; }
    [[nodiscard]] Logger& logger() noexcept override { return logger_; }
    [[nodiscard]] const LogTail& logTail() const noexcept override { return parts_.log_tail; }
    [[nodiscard]] Metrics& metrics() noexcept override { return parts_.metrics; }
    [[nodiscard]] std::vector<PluginStatus> plugins() const override { return parts_.plugins(); }
    [[nodiscard]] Registration attach(Store& store, History& history) override {
        return parts_.attach(store, history);
    }
    [[nodiscard]] const History* history() const noexcept override {
        return parts_.store.attached() ? &parts_.store : nullptr;
    }
    [[nodiscard]] Readiness readiness() const override { return parts_.readiness(); }
    [[nodiscard]] bool alive() const override { return parts_.alive(); }
    [[nodiscard]] const std::filesystem::path& dataDirectory() const noexcept override {
        return parts_.data_directory;
    }
    [[nodiscard]] std::string_view version() const noexcept override { return HUB_VERSION; }

private:
    Parts& parts_;
    Logger& logger_;
};

Hub::Hub(const HubSettings& settings, const HubSurroundings& surroundings)
    : parts_(std::make_unique<Parts>(settings, surroundings)) {}

Hub::~Hub() = default;

std::unique_ptr<HubServices> Hub::services(Logger& plugin_logger) {
    return std::make_unique<Services>(*parts_, plugin_logger);
}

std::uint16_t Hub::port() const noexcept { return parts_->listener.port(); }

Sequence Hub::durable() const noexcept { return parts_->log.durable(); }

std::size_t Hub::online() const noexcept { return parts_->registry.online(); }

void Hub::serve() { parts_->listener.start(); }

void Hub::stopServing() {
    parts_->stopping = true;
    parts_->listener.stop();
}

Hub::Drained Hub::drain(std::chrono::milliseconds limit) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    // What the I/O threads still hold in their hands goes to the log first, and then what devices
    // have acknowledged. Nobody is left whom a command could reach.
    const bool flushed = parts_->onEveryLoop(
        [parts = parts_.get()](std::size_t i) { parts->sinks[i]->flush(); }, deadline);
    const bool finished = parts_->commands.finish(deadline);
    if (!parts_->log.retains()) return Drained::NoStore;
    return flushed && finished && parts_->log.drain(deadline) ? Drained::Stored
                                                              : Drained::NotStored;
}

}  // namespace hub
