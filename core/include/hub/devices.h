#pragma once

#include "hub/api.h"
#include "hub/device.h"
#include "hub/device_message.h"
#include "hub/event_sink.h"
#include "hub/result.h"
#include "hub/transport.h"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

namespace hub {

// A link's hold on a device. While it is active the device is online through this link, and what it
// publishes keeps its order. Belongs to the transport and to the thread of its sink.
//
// A device has one active session at a time, and the newest link wins. Opening one for a device
// that is online elsewhere makes the new one wait: the old link is told to disconnect, flushes and
// ends its session, then `Transport::granted` calls the new one in. So the events of the two never
// mix.
class HUB_API DeviceSession {
public:
    // Ends the session as Lost if `end` was not called.
    virtual ~DeviceSession();

    // The device that it was opened for. Valid while the session lives.
    [[nodiscard]] virtual std::string_view deviceId() const noexcept = 0;

    // True from the first thing it has published until its end: the device is online through it.
    // False while it waits for an older link to let go.
    [[nodiscard]] virtual bool active() const noexcept = 0;

    // Puts a message into the sink: state, device event or registration, and the device's signs of
    // life. A heartbeat without `tag` only moves last-seen and is not stored. With a `tag`, the
    // transport's `durable` follows once it is on disk; without a store it never does.
    // False while the session waits and after its end: nothing was taken.
    [[nodiscard]] virtual bool publish(const DeviceMessage& message, AckTag tag) = 0;

    // The device showed a sign of life that is no message (a ping, a pong). Does nothing unless the
    // session is active.
    virtual void seen() noexcept = 0;

    // How long the device may be silent before it is to be ended as Timeout: what is configured for
    // it, or else for its type, or else for all. May change with every message that is published.
    [[nodiscard]] virtual std::chrono::milliseconds timeout() const noexcept = 0;

    // The device is offline from now on, with this reason. Flushes the sink first, so that the next
    // session's events come later. Any further call does nothing.
    // `code`, unless it is 0, is the transport's own word for it, such as a WebSocket close code;
    // the connection history keeps it.
    virtual void end(OfflineReason reason, std::uint16_t code) = 0;
    void end(OfflineReason reason) { end(reason, 0); }
};

// Who a link says it is.
struct LinkDescription {
    Transport& transport;      // must outlive the session
    LinkId link{};             // the transport's number for it
    std::string_view address;  // of the peer, `192.0.2.7:50312`; for people
    SteadyTime opened{};       // when the peer connected: of two links the later one wins
};

// The devices of the hub: opening sessions, and looking. Any thread unless said otherwise.
class HUB_API Devices {
public:
    virtual ~Devices();

    // Opens a session for the device `id` (valid per isValidDeviceId) as a consequence of `first`,
    // the first message of its link, which is published with it: `first` must carry a device type,
    // or the device be known, or `fallback_type` not be empty. On the thread of `sink`, which must
    // outlive the session.
    // Error Invalid: the device has no type. Error Unavailable: the hub holds as many devices as it
    // may, or has given kMaxDevices numbers. Error Refused: the device is just being forgotten, and
    // Transport::disconnect calls.
    // A session that is not `active()` has published nothing and waits: publish `first` once more
    // when Transport::granted calls. If the device is online through a link that was opened later,
    // Transport::disconnect calls instead.
    [[nodiscard]] virtual Result<std::unique_ptr<DeviceSession>> open(
        std::string_view id, const LinkDescription& link, const DeviceMessage& first, AckTag tag,
        EventSink& sink, std::string_view fallback_type = {}) = 0;

    // A sink for a transport's own thread. `wake` is called from a hub thread when something may be
    // settled or a pause has ended; it must only notify. Must be destroyed before the hub stops.
    [[nodiscard]] virtual std::unique_ptr<EventSink> openSink(std::function<void()> wake) = 0;

    // A copy of what is known of `id`, or nothing for a device never heard of.
    [[nodiscard]] virtual std::optional<Device> find(std::string_view id) const = 0;

    // Calls `visit` for every device in the order of their first registration, beginning behind
    // `after` (nothing: with the first), until it returns false. The reference is valid during the
    // call. No lock is held meanwhile: devices may change while others are visited.
    virtual void visit(std::optional<DeviceIndex> after,
                       const std::function<bool(const Device&)>& visit) const = 0;

    // Has the link of `id` closed, as Kicked, and returns at once. NotFound for a device never
    // heard of, Refused for one that is offline.
    [[nodiscard]] virtual Result<void> kick(std::string_view id) = 0;

    // Deletes the device and its history, and closes its link if it has one: should it connect
    // again, it is a new device. Returns when that is durable, so it may block for a second: not on
    // an I/O thread. NotFound for a device never heard of, Unavailable when it cannot be made
    // durable in time: it then becomes so as soon as the store works, but a hub that ends before
    // that knows the device when it comes back.
    [[nodiscard]] virtual Result<void> forget(std::string_view id) = 0;

    // How many devices are known.
    [[nodiscard]] virtual std::size_t count() const noexcept = 0;
};

}  // namespace hub
