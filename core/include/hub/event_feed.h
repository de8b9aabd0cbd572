#pragma once

#include "hub/api.h"
#include "hub/event.h"
#include "hub/registration.h"
#include "hub/topic_filter.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>

namespace hub {

// Reads the hub's durable events in the order of their numbers, each once and without a gap: those
// of the history first, where it begins behind the present, then those that come. Holds no thread
// and no copy of events. One thread at a time.
class HUB_API EventReader {
public:
    enum class State : std::uint8_t {
        More,         // there may be more: read again
        Waiting,      // that was all for now: `wake` follows
        Lagged,       // too slow for the live events: open another reader behind position()
        Unavailable,  // the history it has to read cannot be read just now: read again later
    };

    virtual ~EventReader();

    // Calls `visit` for the next events that match, until it returns false (that event counts as
    // visited) or a bounded piece of work is done. The events are valid during the call, and carry
    // what History::events tells of them. May read the store, so it may block for a while: not on
    // an I/O thread.
    [[nodiscard]] virtual State read(const std::function<bool(const Event&)>& visit) = 0;

    // Every matching event up to this number was visited.
    [[nodiscard]] virtual Sequence position() const noexcept = 0;
};

// Hears events on a thread of its own.
class HUB_API EventListener {
public:
    virtual ~EventListener();

    // Matching durable events in their order, at least one; valid during the call. One that throws
    // is detached and logged.
    virtual void onEvents(std::span<const Event> events) = 0;

    // It was too slow: what came behind `position` and before the next call is not told. Listen
    // again behind `position` to hear it.
    virtual void onLag(Sequence position) noexcept = 0;
};

// The live events of the hub. Any thread.
class HUB_API EventFeed {
public:
    virtual ~EventFeed();

    // A reader of the events that match `filter`: those behind `after`; without it, or when that
    // number is not reached yet, those that become durable from now on. `wake` is called from a hub
    // thread when a reader that was Waiting may have more; it must only notify, and is not called
    // any more once the reader is destroyed. The reader must be destroyed before the hub stops.
    [[nodiscard]] virtual std::unique_ptr<EventReader> open(TopicFilter filter,
                                                            std::optional<Sequence> after,
                                                            std::function<void()> wake) = 0;

    // Has `listener` hear the events that match `filter`: those behind `after`, or from now on.
    [[nodiscard]] virtual Registration listen(TopicFilter filter, std::optional<Sequence> after,
                                              EventListener& listener) = 0;

    // The number up to which everything is durable.
    [[nodiscard]] virtual Sequence durable() const noexcept = 0;
};

}  // namespace hub
