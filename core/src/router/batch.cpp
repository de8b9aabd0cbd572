#include "router/batch.h"

#include <cstring>
#include <functional>
#include <type_traits>

namespace hub::router {

static_assert(std::is_trivially_copyable_v<Event>, "batches copy events as bytes");
static_assert(alignof(Event) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);

namespace {

bool contains(std::span<const char> bytes, std::string_view text) {
    // std::less orders pointers into different blocks, which `<` need not.
    const std::less<const char*> before;
    return text.data() != nullptr && !before(text.data(), bytes.data()) &&
           before(text.data(), bytes.data() + bytes.size());
}

}  // namespace

Batch::Batch(std::span<const Event> events, std::span<const char> bytes)
    : size_(events.size_bytes() + bytes.size()),
      count_(events.size()),
      block_(std::make_unique_for_overwrite<std::byte[]>(size_)) {
    std::memcpy(block_.get(), events.data(), events.size_bytes());
    auto* const copied = reinterpret_cast<char*>(block_.get() + events.size_bytes());
    if (!bytes.empty()) std::memcpy(copied, bytes.data(), bytes.size());

    for (Event& event : this->events()) {
        for (std::string_view* view :
             {&event.name, &event.payload, &event.device_type, &event.metadata, &event.transport}) {
            if (contains(bytes, *view)) {
                *view = {copied + (view->data() - bytes.data()), view->size()};
            }
        }
    }
}

std::span<Event> Batch::events() noexcept {
    return {reinterpret_cast<Event*>(block_.get()), count_};
}

std::span<const Event> Batch::events() const noexcept {
    return {reinterpret_cast<const Event*>(block_.get()), count_};
}

BatchBuilder::BatchBuilder() {
    events_.reserve(kEvents);
    bytes_.reserve(kBytes);
}

bool BatchBuilder::add(const Event& event) {
    const std::size_t needed = event.name.size() + event.payload.size() + event.device_type.size() +
                               event.metadata.size() + event.transport.size();
    if (events_.size() == kEvents || bytes_.size() + needed > bytes_.capacity()) {
        if (!events_.empty()) return false;
        bytes_.reserve(needed);
    }
    Event& added = events_.emplace_back(event);
    added.name = copy(event.name);
    added.payload = copy(event.payload);
    added.device_type = copy(event.device_type);
    added.metadata = copy(event.metadata);
    added.transport = copy(event.transport);
    return true;
}

Batch BatchBuilder::take() {
    Batch batch(events_, bytes_);
    events_.clear();
    bytes_.clear();
    if (bytes_.capacity() > kBytes) {
        bytes_ = {};
        bytes_.reserve(kBytes);
    }
    return batch;
}

// Room was made by `add`, so the bytes never move while events view them.
std::string_view BatchBuilder::copy(std::string_view text) {
    const std::size_t at = bytes_.size();
    bytes_.insert(bytes_.end(), text.begin(), text.end());
    return {bytes_.data() + at, text.size()};
}

}  // namespace hub::router
