#pragma once

#include "hub/api.h"
#include "hub/event.h"

#include <cstdint>

namespace hub {

// Where one producing thread gathers its events on their way into the hub's log. An I/O thread has
// one of its own (`WebSocketLink::events()`), flushed by the hub at the end of every loop turn; a
// transport with threads of its own opens one for each (`Devices::openSink`) and flushes it itself.
//
// All functions belong to that one thread.
class HUB_API EventSink {
public:
    virtual ~EventSink();

    // Gives what has gathered to the log in one step; without events it does nothing.
    // Returns the number of the last event this sink has given so far: a ticket. Everything up to
    // it is on disk once `durable()` has reached it.
    virtual Sequence flush() = 0;

    // The number up to which everything is on disk. Without a store: up to which everything was
    // taken.
    [[nodiscard]] virtual Sequence durable() const noexcept = 0;

    // Hands the acknowledgement tags that became durable to their transports
    // (`Transport::durable`), in order.
    virtual void settle() = 0;

    // True while the log is above its high-water mark: stop reading from devices until the sink's
    // wake-up comes and this is false again.
    [[nodiscard]] virtual bool paused() const noexcept = 0;
};

}  // namespace hub
