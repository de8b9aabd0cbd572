#include "router/sink.h"

#include <cassert>
#include <utility>

namespace hub::router {

Sink::Sink(EventLog& log, std::function<void()> wake)
    : log_(log), subscription_(log.subscribe(std::move(wake))) {}

Sink::~Sink() { flush(); }

void Sink::add(const Event& event, const AckAddress& to, AckTag tag) {
    if (!gathered_.add(event)) {
        flush();
        [[maybe_unused]] const bool added = gathered_.add(event);
        assert(added && "an empty builder has room for any event");
    }
    if (tag != AckTag::None && log_.retains()) {
        unflushed_.push_back({gathered_.size() - 1, to, tag});
    }
}

Sequence Sink::flush() {
    const std::size_t count = gathered_.size();
    if (count == 0) return last_;
    last_ = log_.append(gathered_.take());
    const Sequence first = last_ - count + 1;
    for (Awaiting& awaiting : unflushed_) {
        awaiting.sequence += first;
        awaiting_.push_back(std::move(awaiting));
    }
    unflushed_.clear();
    return last_;
}

void Sink::settle() {
    const Sequence durable = log_.durable();
    if (!log_.retains()) awaiting_.clear();
    while (!awaiting_.empty() && awaiting_.front().sequence <= durable) {
        const Awaiting due = std::move(awaiting_.front());
        awaiting_.pop_front();
        due.to.durable(due.tag);
    }
}

}  // namespace hub::router
