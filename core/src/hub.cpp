#include "hub.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include "http/front_door.h"
#include "net/listener.h"
#include "net/loop_group.h"
#include "registry/device_registry.h"
#include "router/event_log.h"
#include "router/sink.h"
#include "storage/store_writer.h"
#include "websocket/server.h"

namespace hub {

namespace {

// How far stored events may be ahead of the clock before an operator is told.
constexpr std::chrono::minutes kClockTolerance{1};

std::size_t ioThreads(std::size_t wanted) {
    if (wanted > 0) return wanted;
    return std::max(1U, std::thread::hardware_concurrency());
}

http::FrontDoorSettings frontDoorSettings(const HubSettings& settings) {
    http::FrontDoorSettings front_door;
    front_door.workers = settings.http_workers;
    front_door.limits.body_bytes = settings.http_body_bytes;
    return front_door;
}

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

}  // namespace

// In the order of construction: what stands further down uses what stands above it.
struct Hub::Parts {
    Parts(const HubSettings& settings, const Clock& with_clock, Logger& with_logger)
        : clock(with_clock),
          logger(with_logger),
          data_directory(settings.data_directory),
          log(settings.log_bytes, clock),
          registry(log, clock, settings.devices),
          loops(ioThreads(settings.io_threads), clock),
          sinks(makeSinks(log, loops)),
          front_door(loops, frontDoorSettings(settings), logger),
          web_sockets(loops, pointersTo(sinks), front_door, logger),
          listener(loops, settings.address, settings.port, logger,
                   [this](net::Loop& loop, int descriptor, std::string address) {
                       front_door.accept(loop, descriptor, std::move(address));
                   }) {
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

    Registration attach(Store& store, History& history);
    void detach();
    [[nodiscard]] Readiness readiness() const;

    const Clock& clock;
    Logger& logger;
    const std::filesystem::path data_directory;
    router::EventLog log;
    registry::DeviceRegistry registry;
    net::LoopGroup loops;
    const std::vector<std::unique_ptr<router::Sink>> sinks;  // one for each loop, on its thread
    http::FrontDoor front_door;
    websocket::Server web_sockets;
    net::Listener listener;

    std::atomic<const History*> stored_history = nullptr;

    // Guarded by writer_mutex.
    mutable std::mutex writer_mutex;
    std::unique_ptr<storage::StoreWriter> writer;
};

Registration Hub::Parts::attach(Store& store, History& history) {
    if (stored_history.load() != nullptr) {
        throw std::logic_error("a store is attached already: a hub has one");
    }
    const Recovery recovery = store.recover();
    if (recovery.last_time > clock.wall() + kClockTolerance) {
        logger.error("the newest stored event is of " + formatTimestamp(recovery.last_time) +
                     ", ahead of this machine's clock: until the clock has passed it, everything "
                     "is stamped with that time; set the clock right");
    }
    Registration attached([this] { detach(); });
    log.retain(recovery.last_sequence, recovery.last_time);
    registry.restore(recovery);
    {
        const std::lock_guard lock(writer_mutex);
        writer = std::make_unique<storage::StoreWriter>(log, store, logger);
    }
    stored_history.store(&history);
    return attached;
}

void Hub::Parts::detach() {
    stored_history.store(nullptr);
    std::unique_ptr<storage::StoreWriter> ending;
    {
        const std::lock_guard lock(writer_mutex);
        ending = std::move(writer);
    }
    ending.reset();
    log.release();
}

Readiness Hub::Parts::readiness() const {
    const std::lock_guard lock(writer_mutex);
    if (!writer) return {false, "no store is attached: nothing devices say is kept"};
    if (std::string failure = writer->failure(); !failure.empty()) {
        return {false, std::move(failure)};
    }
    return {};
}

// What one plugin sees of the hub.
class Hub::Services final : public HubServices {
public:
    Services(Parts& parts, Logger& logger) : parts_(parts), logger_(logger) {}

    [[nodiscard]] Devices& devices() noexcept override { return parts_.registry; }
    [[nodiscard]] HttpRoutes& http() noexcept override { return parts_.front_door; }
    [[nodiscard]] WebSocketEndpoints& webSockets() noexcept override { return parts_.web_sockets; }
    [[nodiscard]] const Clock& clock() const noexcept override { return parts_.clock; }
    [[nodiscard]] Logger& logger() noexcept override { return logger_; }
    [[nodiscard]] Registration attach(Store& store, History& history) override {
        return parts_.attach(store, history);
    }
    [[nodiscard]] const History* history() const noexcept override {
        return parts_.stored_history.load();
    }
    [[nodiscard]] Readiness readiness() const override { return parts_.readiness(); }
    [[nodiscard]] const std::filesystem::path& dataDirectory() const noexcept override {
        return parts_.data_directory;
    }
    [[nodiscard]] std::string_view version() const noexcept override { return HUB_VERSION; }

private:
    Parts& parts_;
    Logger& logger_;
};

Hub::Hub(const HubSettings& settings, const Clock& clock, Logger& logger)
    : parts_(std::make_unique<Parts>(settings, clock, logger)) {}

Hub::~Hub() = default;

std::unique_ptr<HubServices> Hub::services(Logger& plugin_logger) {
    return std::make_unique<Services>(*parts_, plugin_logger);
}

std::uint16_t Hub::port() const noexcept { return parts_->listener.port(); }

void Hub::serve() { parts_->listener.start(); }

void Hub::stopServing() { parts_->listener.stop(); }

bool Hub::drain(std::chrono::milliseconds limit) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    // What the I/O threads still hold in their hands goes to the log first.
    std::vector<std::future<void>> flushed;
    for (std::size_t i = 0; i < parts_->loops.size(); ++i) {
        auto done = std::make_shared<std::promise<void>>();
        flushed.push_back(done->get_future());
        parts_->loops[i].post([done, &sink = *parts_->sinks[i]] {
            sink.flush();
            done->set_value();
        });
    }
    for (const std::future<void>& one : flushed) {
        if (one.wait_until(deadline) != std::future_status::ready) return false;
    }
    return parts_->log.retains() && parts_->log.drain(deadline);
}

}  // namespace hub
