#include "plugins/leased_devices.h"

#include <utility>

namespace hub::plugins {
namespace {

class LeasedSink final : public EventSink {
public:
    // `hub` may be null once the lease is over: such a sink takes nothing.
    LeasedSink(std::shared_ptr<Lease> lease, std::unique_ptr<EventSink> hub)
        : loan_(std::move(lease), Lease::Holding::Sink), hub_(std::move(hub)) {}

    Sequence flush() override {
        if (permits("EventSink::flush")) last_ = hub_->flush();
        return last_;
    }
    [[nodiscard]] Sequence durable() const noexcept override {
        return permits("EventSink::durable") ? hub_->durable() : 0;
    }
    void settle() override {
        if (permits("EventSink::settle")) hub_->settle();
    }
    [[nodiscard]] bool paused() const noexcept override {
        return !permits("EventSink::paused") || hub_->paused();
    }

    [[nodiscard]] EventSink& hub() const noexcept { return *hub_; }

private:
    [[nodiscard]] bool permits(std::string_view function) const noexcept {
        return loan_.lease().permits(function);
    }

    const Lease::Loan loan_;  // given back last
    const std::unique_ptr<EventSink> hub_;
    Sequence last_ = 0;
};

// A plugin's transport as the hub sees it: out of reach once the lease is over.
class LeasedTransport final : public Transport {
public:
    LeasedTransport(Lease& lease, Transport& plugin)
        : lease_(lease), plugin_(plugin), name_(plugin.name()) {}

    [[nodiscard]] std::string_view name() const noexcept override { return name_; }
    [[nodiscard]] Delivery deliver(LinkId link, const Command& command) override {
        const auto pass = lease_.callBack();
        return pass ? plugin_.deliver(link, command) : Delivery::Unreachable;
    }
    void disconnect(LinkId link, OfflineReason reason) noexcept override {
        if (const auto pass = lease_.callBack()) plugin_.disconnect(link, reason);
    }
    void granted(LinkId link) noexcept override {
        if (const auto pass = lease_.callBack()) plugin_.granted(link);
    }
    // From EventSink::settle, thus within a call of the plugin.
    void durable(LinkId link, AckTag tag) noexcept override { plugin_.durable(link, tag); }

private:
    Lease& lease_;
    Transport& plugin_;
    const std::string name_;  // asked for when a session ends, which may be late
};

class LeasedSession final : public DeviceSession {
public:
    LeasedSession(std::shared_ptr<Lease> lease, Transport& transport)
        : loan_(std::move(lease), Lease::Holding::Session), transport_(loan_.lease(), transport) {}

    [[nodiscard]] Transport& transport() noexcept { return transport_; }
    void adopt(std::unique_ptr<DeviceSession> hub) noexcept { hub_ = std::move(hub); }

    [[nodiscard]] std::string_view deviceId() const noexcept override { return hub_->deviceId(); }
    [[nodiscard]] bool active() const noexcept override { return hub_->active(); }
    [[nodiscard]] bool publish(const DeviceMessage& message, AckTag tag) override {
        return loan_.lease().permits("DeviceSession::publish") && hub_->publish(message, tag);
    }
    void seen() noexcept override {
        if (loan_.lease().permits("DeviceSession::seen")) hub_->seen();
    }
    [[nodiscard]] std::chrono::milliseconds timeout() const noexcept override {
        return hub_->timeout();
    }
    // Also when the lease is over: that is giving back.
    using DeviceSession::end;
    void end(OfflineReason reason, std::uint16_t code) override { hub_->end(reason, code); }

private:
    const Lease::Loan loan_;  // given back last
    LeasedTransport transport_;
    std::unique_ptr<DeviceSession> hub_;
};

}  // namespace

LeasedDevices::LeasedDevices(std::shared_ptr<Lease> lease, HubServices& hub)
    : lease_(std::move(lease)), hub_(hub) {}

Result<std::unique_ptr<DeviceSession>> LeasedDevices::open(std::string_view id,
                                                           const LinkDescription& link,
                                                           const DeviceMessage& first, AckTag tag,
                                                           EventSink& sink,
                                                           std::string_view fallback_type) {
    const auto pass = lease_->call("Devices::open");
    if (!pass) return lease_->refusal();
    const auto* leased = dynamic_cast<LeasedSink*>(&sink);
    if (leased == nullptr) return hub_.devices().open(id, link, first, tag, sink, fallback_type);
    auto session = std::make_unique<LeasedSession>(lease_, link.transport);
    auto opened =
        hub_.devices().open(id, {session->transport(), link.link, link.address, link.opened}, first,
                            tag, leased->hub(), fallback_type);
    if (!opened) return opened;
    session->adopt(std::move(*opened));
    return std::unique_ptr<DeviceSession>(std::move(session));
}

std::unique_ptr<EventSink> LeasedDevices::openSink(std::function<void()> wake) {
    const auto pass = lease_->call("Devices::openSink");
    std::unique_ptr<EventSink> sink;
    if (pass) {
        sink = hub_.devices().openSink([lease = lease_, wake = std::move(wake)] {
            if (const auto inside = lease->callBack()) wake();
        });
    }
    return std::make_unique<LeasedSink>(lease_, std::move(sink));
}

std::optional<Device> LeasedDevices::find(std::string_view id) const {
    const auto pass = lease_->call("Devices::find");
    return pass ? hub_.devices().find(id) : std::nullopt;
}

void LeasedDevices::visit(std::optional<DeviceIndex> after,
                          const std::function<bool(const Device&)>& visit) const {
    if (const auto pass = lease_->call("Devices::visit")) hub_.devices().visit(after, visit);
}

Result<void> LeasedDevices::kick(std::string_view id) {
    const auto pass = lease_->call("Devices::kick");
    return pass ? hub_.devices().kick(id) : Result<void>(lease_->refusal());
}

Result<void> LeasedDevices::forget(std::string_view id) {
    const auto pass = lease_->call("Devices::forget");
    return pass ? hub_.devices().forget(id) : Result<void>(lease_->refusal());
}

std::size_t LeasedDevices::count() const noexcept {
    const auto pass = lease_->call("Devices::count");
    return pass ? hub_.devices().count() : 0;
}

}  // namespace hub::plugins
