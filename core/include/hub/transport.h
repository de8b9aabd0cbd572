#pragma once

#include "hub/api.h"
#include "hub/command.h"
#include "hub/device.h"
#include "hub/device_message.h"

#include <cstdint>
#include <string_view>

namespace hub {

// A transport's own number for one of its links, never used twice while the transport lives.
enum class LinkId : std::uint64_t {};

// Chosen by a transport for a message whose durability it wants to hear of; 0 for "none".
enum class AckTag : std::uint64_t { None = 0 };

// A plugin that reaches devices: what the hub may ask of it. It announces a device by opening a
// DeviceSession (see devices.h).
//
// All functions but `durable` come from any thread, must return at once (post to the link's own
// thread), and may name a link that has just ended: that is no error.
class HUB_API Transport {
public:
    virtual ~Transport();

    // `websocket`, `mqtt`, ...: shown wherever a device's link is described.
    [[nodiscard]] virtual std::string_view name() const noexcept = 0;

    // Sends a command to the device at the end of `link`. Never waits for the device. Busy: what is
    // queued for it leaves no room. That alone does not end the link: more may have come at once
    // than a device can read, and what waits for it is offered again soon. It is the transport's to
    // end, as Lost, the link of one that reads nothing.
    [[nodiscard]] virtual Delivery deliver(LinkId link, const Command& command) = 0;

    // Ends `link` because of `reason` (TakenOver, Kicked): publish nothing more for it, end its
    // session with that reason, close it.
    virtual void disconnect(LinkId link, OfflineReason reason) noexcept = 0;

    // The session of `link` that had to wait for an older link now holds the device: go on.
    virtual void granted(LinkId link) noexcept = 0;

    // What `link` published with `tag` is on disk. Called from EventSink::settle, thus on the
    // sink's thread, in the order of publishing; not called for a session that has ended.
    virtual void durable(LinkId link, AckTag tag) noexcept = 0;
};

}  // namespace hub
