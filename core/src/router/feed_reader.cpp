#include "router/feed_reader.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace hub::router {

FeedReader::FeedReader(const FeedSources& sources, TopicFilter filter,
                       std::optional<Sequence> after, std::function<void()> wake)
    : sources_(sources),
      filter_(std::move(filter)),
      tail_reader_(std::make_shared<LiveTail::Reader>(std::move(wake))),
      position_(sources.tail.join()),
      live_(!after) {
    if (after) position_ = std::min(*after, position_);
}

FeedReader::~FeedReader() { sources_.tail.leave(*tail_reader_); }

EventReader::State FeedReader::read(const Visit& visit) {
    left_ = kEvents;
    while (true) {
        if (const auto state = step(visit)) return *state;
    }
}

// Nothing: there is another step to do.
std::optional<EventReader::State> FeedReader::step(const Visit& visit) {
    std::vector<SharedBatch> batches;
    switch (sources_.tail.read(position_, tail_reader_, batches)) {
        case LiveTail::Found::Nothing:
            live_ = true;
            return State::Waiting;
        case LiveTail::Found::Batches:
            live_ = true;
            return visitTail(batches, visit);
        case LiveTail::Found::Gone:
            break;
    }
    if (live_) return lag();
    if (sources_.log.retains()) return visitHistory(visit);
    position_ = sources_.tail.begin();
    return std::nullopt;
}

std::optional<EventReader::State> FeedReader::visitTail(std::span<const SharedBatch> batches,
                                                        const Visit& visit) {
    for (const SharedBatch& batch : batches) {
        // The log numbers the events of a batch one after the other.
        const Sequence first = batch->events().front().sequence;
        const std::size_t known = position_ < first ? 0 : position_ - first + 1;
        for (const Event& event : batch->events().subspan(known)) {
            if (!look(event, visit)) return State::More;
        }
    }
    return std::nullopt;
}

std::optional<EventReader::State> FeedReader::visitHistory(const Visit& visit) {
    // What is stored may be ahead of the watermark for a moment.
    const Sequence durable = sources_.log.durable();
    bool stopped = false;
    const auto read = sources_.history.events(position_, [&](const Event& event) {
        if (event.sequence > durable) return false;
        stopped = !look(event, visit);
        return !stopped;
    });
    if (stopped) return State::More;
    if (!read) return State::Unavailable;
    const std::optional<Sequence> cut = *read;
    position_ = std::max(position_, std::min(durable, cut.value_or(durable)));
    return cut ? std::optional(State::More) : std::nullopt;
}

// False when this `read` is to end.
bool FeedReader::look(const Event& event, const Visit& visit) {
    position_ = event.sequence;
    const bool last = --left_ == 0;
    const bool shown = event.kind != EventKind::CommandRecorded &&
                       filter_.matchesDevice(event.device_id, event.name);
    if (!shown) return !last;
    // As the history tells it: all that others may know stands in the payload.
    const Event told{.sequence = event.sequence,
                     .time = event.time,
                     .device = event.device,
                     .kind = event.kind,
                     .device_id = event.device_id,
                     .name = event.name,
                     .payload = event.payload};
    return visit(told) && !last;
}

EventReader::State FeedReader::lag() {
    if (!std::exchange(lagged_, true)) sources_.lagged.add();
    return State::Lagged;
}

}  // namespace hub::router
