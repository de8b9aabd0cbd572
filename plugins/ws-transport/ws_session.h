#pragma once

#include "hub/device_message.h"
#include "hub/devices.h"
#include "hub/logger.h"
#include "hub/metrics.h"
#include "hub/websocket.h"
#include "pending_acks.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace hub::ws_transport {

// What all sessions of the transport share; outlives them.
struct SessionSurroundings {
    Devices& devices;
    Transport& transport;
    const Clock& clock;
    Logger& logger;
    Logger& throttled;  // for what a device could have it say as often as it likes
    Counter& refused;   // documents that broke the rules
    bool acknowledges;  // false without a store: nothing would ever be durable
};

// What those of one I/O thread share.
struct IoThread {
    explicit IoThread(const SessionSurroundings& of) : surroundings(of) {}

    const SessionSurroundings& surroundings;
    DeviceMessageDecoder decoder;
    std::string scratch;  // for a text on its way out
};

// One link and the device behind it. The first valid message opens the device's session in the hub;
// an older link of the same device then has to let go first, and until it has, this one waits,
// unread.
class WsSession final : public WebSocketSession {
public:
    // All references must outlive it; `device_id` is valid.
    WsSession(WebSocketLink& link, std::string_view device_id, IoThread& thread);

    // What another thread may ask of it, as the word of a notification.
    [[nodiscard]] static std::uint64_t wordForGranted() noexcept;
    [[nodiscard]] static std::uint64_t wordForDisconnect(OfflineReason reason) noexcept;
    [[nodiscard]] static std::uint64_t wordForQueueFull() noexcept;

    // The tag that its messages are published with: it leads back to the session, which is alive
    // whenever the hub reports a tag.
    [[nodiscard]] AckTag tag() const noexcept;
    [[nodiscard]] static WsSession& from(AckTag tag) noexcept;

    // The oldest message published with the tag is on disk.
    void onDurable();

    void onText(std::string_view text) override;
    void onControl() noexcept override;
    void onNotify(std::uint64_t word) override;
    void onEnd(const LinkEnd& end) noexcept override;

    // Waiting acknowledgements from here on stop the link from being read.
    static constexpr std::size_t kPendingAcksLimit = 64 * 1024;

    // A device whose queue is full and that has taken nothing of it for this long does not read.
    static constexpr std::chrono::seconds kUnreadLimit{10};

    // How long a link may be silent until its device is known, whose own timeout counts then.
    static constexpr std::chrono::seconds kTimeoutBeforeFirst{90};

private:
    // What is kept until the device is online through this link.
    struct Beginning {
        const std::string device_id;
        const SteadyTime opened;
        std::string first;  // the first message, until the older link has let go
    };

    void open(const DeviceMessage& message);
    void publish(const DeviceMessage& message);
    void onGranted();
    void disconnect(OfflineReason reason);
    void closeUnread();

    [[nodiscard]] AckTag tagFor(const DeviceMessage& message) const noexcept;
    void awaitDurability(const DeviceMessage& message);
    void refuse(std::string_view error, std::string_view message_id);
    void logRefusal(std::string_view error) const;
    void logFault(const LinkEnd& end, std::string_view fault) const;
    [[nodiscard]] std::string_view deviceId() const noexcept;

    // Constant after construction.
    WebSocketLink& link_;
    IoThread& thread_;

    // I/O thread only.
    std::unique_ptr<Beginning> beginning_;
    std::unique_ptr<DeviceSession> device_;
    PendingAcks pending_acks_;
    bool paused_for_acks_ = false;
};

// There is one for each link.
static_assert(sizeof(WsSession) <= 56);

}  // namespace hub::ws_transport
