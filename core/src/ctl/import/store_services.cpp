#include "ctl/import/store_services.h"

#include <stdexcept>
#include <utility>

namespace hub::ctl::importer {

namespace {

constexpr const char* kRefusal = "there is nothing but the store while data is imported";

Error refusal() { return {Error::Kind::Unavailable, kRefusal}; }

[[noreturn]] void refuse() { throw std::logic_error(kRefusal); }

class NoDevices final : public Devices {
public:
    Result<std::unique_ptr<DeviceSession>> open(std::string_view, const LinkDescription&,
                                                const DeviceMessage&, AckTag, EventSink&,
                                                std::string_view) override {
        return refusal();
    }
    std::unique_ptr<EventSink> openSink(std::function<void()>) override { refuse(); }
    std::optional<Device> find(std::string_view) const override { return std::nullopt; }
    void visit(std::optional<DeviceIndex>,
               const std::function<bool(const Device&)>&) const override {}
    Result<void> kick(std::string_view) override { return refusal(); }
    Result<void> forget(std::string_view) override { return refusal(); }
    std::size_t count() const noexcept override { return 0; }
};

class NoCommands final : public Commands {
public:
    Result<CommandReceipt> submit(const CommandRequest&) override { return refusal(); }
    Result<std::size_t> cancel(std::string_view) override { return refusal(); }
    Registration attach(CommandGuard&) override { refuse(); }
};

class NoEvents final : public EventFeed {
public:
    std::unique_ptr<EventReader> open(TopicFilter, std::optional<Sequence>,
                                      std::function<void()>) override {
        refuse();
    }
    Registration listen(TopicFilter, std::optional<Sequence>, EventListener&) override { refuse(); }
    Sequence durable() const noexcept override { return 0; }
};

class NoRoutes final : public HttpRoutes {
public:
    Registration route(std::string_view, std::string_view, HttpHandler) override { refuse(); }
    Registration probe(std::string_view, HttpHandler) override { refuse(); }
};

class NoEndpoints final : public WebSocketEndpoints {
public:
    Registration mount(std::string_view, WebSocketEndpoint&, const WebSocketLimits&) override {
        refuse();
    }
    Delivery send(LinkId, std::string_view) override { return Delivery::Unreachable; }
    void notify(LinkId, std::uint64_t) override {}
};

class NoLines final : public LogTail {
public:
    std::vector<LogLine> newest(LogLevel, std::size_t, std::uint64_t) const override { return {}; }
};

}  // namespace

struct StoreServices::Absent {
    NoDevices devices;
    NoCommands commands;
    NoEvents events;
    NoRoutes routes;
    NoEndpoints endpoints;
    NoLines lines;
};

StoreServices::StoreServices(std::filesystem::path data_directory, Logger& logger)
    : data_directory_(std::move(data_directory)),
      logger_(logger),
      absent_(std::make_unique<Absent>()) {}

StoreServices::~StoreServices() = default;

Devices& StoreServices::devices() noexcept { return absent_->devices; }
Commands& StoreServices::commands() noexcept { return absent_->commands; }
EventFeed& StoreServices::events() noexcept { return absent_->events; }
HttpRoutes& StoreServices::http() noexcept { return absent_->routes; }
WebSocketEndpoints& StoreServices::webSockets() noexcept { return absent_->endpoints; }
const LogTail& StoreServices::logTail() const noexcept { return absent_->lines; }
std::string_view StoreServices::version() const noexcept { return HUB_VERSION; }

Registration StoreServices::attach(Store& store, History& history) {
    if (store_ != nullptr) throw std::logic_error("a store is attached already");
    recovery_ = store.recover();
    store_ = &store;
    history_ = &history;
    return Registration([this] {
        store_ = nullptr;
        history_ = nullptr;
    });
}

}  // namespace hub::ctl::importer
