#pragma once

#include "hub/devices.h"
#include "hub/logger.h"
#include "registry/device_entry.h"
#include "registry/device_news.h"
#include "registry/presence_timeouts.h"
#include "registry/transport_names.h"
#include "router/sink.h"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace hub::registry {

// What the sessions of a registry share; outlives them.
struct SessionSurroundings {
    const Clock& clock;
    Logger& logger;
    const PresenceTimeouts& timeouts;
    TransportNames& transport_names;
    const DeviceNews& news;
    std::atomic<std::size_t> online = 0;  // how many devices are
};

// A link's hold on a device. See DeviceSession; made by DeviceRegistry::open.
class Session final : public DeviceSession {
public:
    // What another thread asks of a session's transport: made under the entry's lock, carried out
    // without it. Holds the session's destructor back meanwhile.
    class Call {
    public:
        // To nobody when there is no session.
        explicit Call(Session* session = nullptr) : session_(session) {
            if (session_) session_->calls_.fetch_add(1);
        }
        Call(Call&& other) noexcept : session_(std::exchange(other.session_, nullptr)) {}
        Call& operator=(Call&& other) noexcept {
            std::swap(session_, other.session_);
            return *this;
        }
        ~Call() {
            if (session_) session_->calls_.fetch_sub(1);
        }

        void disconnect(OfflineReason reason) {
            if (session_) session_->transport().disconnect(session_->link(), reason);
        }
        void granted() {
            if (session_) session_->transport().granted(session_->link());
        }
        [[nodiscard]] Delivery deliver(const Command& command) {
            return session_ ? session_->transport().deliver(session_->link(), command)
                            : Delivery::Unreachable;
        }

    private:
        Session* session_;
    };

    Session(std::shared_ptr<DeviceEntry> entry, const LinkDescription& link, router::Sink& sink,
            SessionSurroundings& surroundings);
    ~Session() override;
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    // Takes the device, or queues up behind its holder, which is told to let go. False when the
    // device is being forgotten: nothing was done, and it is now another device.
    [[nodiscard]] bool claim();

    [[nodiscard]] std::string_view deviceId() const noexcept override;
    [[nodiscard]] bool active() const noexcept override;
    [[nodiscard]] bool publish(const DeviceMessage& message, AckTag tag) override;
    void seen() noexcept override;
    [[nodiscard]] std::chrono::milliseconds timeout() const noexcept override;
    using DeviceSession::end;
    void end(OfflineReason reason, std::uint16_t code) override;

private:
    enum class State : std::uint8_t { Waiting, Active, Ended };

    [[nodiscard]] Transport& transport() const noexcept { return acks_.transport(); }
    [[nodiscard]] LinkId link() const noexcept { return acks_.link(); }

    void take(const DeviceMessage& message, AckTag tag);
    void goOnline();
    void goOffline(OfflineReason reason, std::uint16_t code);
    void letGo();
    void updateRegistration(const DeviceMessage& message, AckTag tag);
    void addTypeCorrection(std::string_view type);
    void adoptTimeout();
    void noteHeartbeat() noexcept;
    void add(Event event, AckTag tag = AckTag::None);
    [[nodiscard]] std::string linkDetails(OfflineReason reason, std::uint16_t code) const;
    void logOnline() const;
    void logOffline(OfflineReason reason) const;

    // Constant after construction.
    const std::shared_ptr<DeviceEntry> entry_;
    const std::unique_ptr<const char[]> address_;  // ends with a 0
    const SteadyTime opened_;
    router::Sink& sink_;
    SessionSurroundings& surroundings_;

    // Calls of other threads into the transport on behalf of this session; raised under the
    // entry's lock.
    std::atomic<std::uint32_t> calls_ = 0;
    // Changed under the entry's lock, read without it.
    std::atomic<State> state_ = State::Waiting;

    // The session's own thread only; others read its transport and link.
    bool online_ = false;
    router::AckAddress acks_;
    std::chrono::milliseconds timeout_{};
    SteadyTime online_since_{};
};

// Fills a block of the allocator.
static_assert(sizeof(Session) <= 88);

}  // namespace hub::registry
