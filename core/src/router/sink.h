#pragma once

#include "hub/event_sink.h"
#include "hub/transport.h"
#include "router/batch.h"
#include "router/event_log.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <utility>
#include <vector>

namespace hub::router {

// Where the acknowledgements of one session go. Copies are the same address: one is the session's,
// which closes it, and acknowledgements still under way then go nowhere; the others are the sink's.
// All belong to one thread, so they are counted as plain numbers; its transport and link may be
// asked for by others meanwhile.
class AckAddress {
public:
    AckAddress() = default;  // of nobody
    AckAddress(Transport& transport, LinkId link) : shared_(new Shared{transport, link}) {}
    AckAddress(const AckAddress& other) noexcept : shared_(other.shared_) {
        if (shared_ != nullptr) ++shared_->copies;
    }
    AckAddress(AckAddress&& other) noexcept : shared_(std::exchange(other.shared_, nullptr)) {}
    AckAddress& operator=(AckAddress other) noexcept {
        std::swap(shared_, other.shared_);
        return *this;
    }
    ~AckAddress() {
        if (shared_ != nullptr && --shared_->copies == 0) delete shared_;
    }

    [[nodiscard]] Transport& transport() const noexcept { return shared_->transport; }
    [[nodiscard]] LinkId link() const noexcept { return shared_->link; }

    void close() noexcept { shared_->open = false; }
    // What was published with `tag` is on disk.
    void durable(AckTag tag) const {
        if (shared_ != nullptr && shared_->open) shared_->transport.durable(shared_->link, tag);
    }

private:
    struct Shared {
        Transport& transport;
        const LinkId link;
        std::uint32_t copies = 1;
        bool open = true;
    };

    Shared* shared_ = nullptr;
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

    // Takes an event; everything it views is copied. With a `tag`, `to` hears of
    // its durability, if the hub has a store.
    void add(const Event& event, const AckAddress& to = {}, AckTag tag = AckTag::None);

    // The time that the next event will be stamped with, or a little before.
    [[nodiscard]] Timestamp now() const noexcept { return log_.now(); }

    Sequence flush() override;
    [[nodiscard]] Sequence durable() const noexcept override { return log_.durable(); }
    void settle() override;
    [[nodiscard]] bool paused() const noexcept override { return log_.full(); }

private:
    struct Awaiting {
        Sequence sequence;  // until flushed: the event's position in the batch
        AckAddress to;
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
