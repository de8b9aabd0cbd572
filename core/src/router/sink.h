#pragma once

#include "hub/event_sink.h"
#include "hub/transport.h"
#include "router/batch.h"
#include "router/event_log.h"

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

namespace hub::router {

// Where acknowledgements of one session go. Shared by the session and the sink, which both live on
// the same thread: the session closes it, and acknowledgements still under way then go nowhere.
struct AckAddress {
    AckAddress(Transport& to, LinkId of) : transport(to), link(of) {}

    Transport& transport;
    LinkId link;
    bool open = true;
};

// One producing thread's way into the event log. Everything belongs to that thread, but for `wake`
// itself, which the log calls.
class Sink final : public EventSink {
public:
    // `wake` is called when `settle` may have something to do, or a pause has ended; it must only
    // notify the thread. `log` must outlive the sink.
    Sink(EventLog& log, std::function<void()> wake);
    ~Sink() override;
    Sink(const Sink&) = delete;
    Sink& operator=(const Sink&) = delete;

    // Takes an event; everything it views but `device_id` is copied. With a `tag`, `to` hears of
    // its durability, if the hub has a store.
    void add(const Event& event, const std::shared_ptr<AckAddress>& to = nullptr,
             AckTag tag = AckTag::None);

    // The time that the next event will be stamped with, or a little before.
    [[nodiscard]] Timestamp now() const noexcept { return log_.now(); }

    Sequence flush() override;
    [[nodiscard]] Sequence durable() const noexcept override { return log_.durable(); }
    void settle() override;
    [[nodiscard]] bool paused() const noexcept override { return log_.full(); }

private:
    struct Awaiting {
        Sequence sequence;  // until flushed: the event's position in the batch
        std::shared_ptr<AckAddress> to;
        AckTag tag;
    };

    EventLog& log_;
    const Registration subscription_;
    BatchBuilder gathered_;
    std::vector<Awaiting> unflushed_;
    std::deque<Awaiting> awaiting_;
    Sequence last_ = 0;
};

}  // namespace hub::router
