#include "ctl/import/event_batch.h"

#include <algorithm>
#include <stdexcept>

namespace hub::ctl::importer {

EventBatch::EventBatch(Store& store, Limits limits)
    : store_(store),
      limits_(limits),
      first_texts_(limits.bytes),
      texts_(first_texts_.data(), first_texts_.size()) {
    events_.reserve(limits.events);
}

void EventBatch::add(Event event) {
    event.sequence = ++sequence_;
    event.time = time_ = std::max(event.time, time_);
    event.name = keep(event.name);
    event.payload = keep(event.payload);
    event.device_type = keep(event.device_type);
    event.metadata = keep(event.metadata);
    if (event.command != nullptr) event.command = keep(*event.command);
    events_.push_back(event);
    if (events_.size() >= limits_.events || bytes_ >= limits_.bytes) flush();
}

void EventBatch::flush() {
    if (events_.empty()) return;
    const Result<void> stored = store_.append(events_);
    if (!stored) throw std::runtime_error(stored.error().message);
    events_.clear();
    commands_.clear();
    texts_.release();
    bytes_ = 0;
}

std::string_view EventBatch::keep(std::string_view text) {
    if (text.empty()) return {};
    auto* const copy = static_cast<char*>(texts_.allocate(text.size(), 1));
    std::ranges::copy(text, copy);
    bytes_ += text.size();
    return {copy, text.size()};
}

const CommandChange* EventBatch::keep(const CommandChange& change) {
    CommandCopy& copy = commands_.emplace_back(CommandCopy{*change.record, change});
    copy.change.record = &copy.record;
    bytes_ += copy.record.command.payload.size();
    return &copy.change;
}

}  // namespace hub::ctl::importer
