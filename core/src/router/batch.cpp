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
        for (std::string_view* view : {&event.device_id, &event.name, &event.payload,
                                       &event.device_type, &event.metadata, &event.transport}) {
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

BatchBuilder::BatchBuilder() : bytes_(std::make_unique_for_overwrite<char[]>(kBytes)) {
    events_.reserve(kEvents);
}

bool BatchBuilder::add(const Event& event) {
    const std::size_t needed = event.device_id.size() + event.name.size() + event.payload.size() +
                               event.device_type.size() + event.metadata.size() +
                               event.transport.size();
    if (events_.size() == kEvents || used_ + needed > capacity_) {
        if (!events_.empty()) return false;
        bytes_ = std::make_unique_for_overwrite<char[]>(needed);
        capacity_ = needed;
    }
    Event& added = events_.emplace_back(event);
    added.device_id = copy(event.device_id);
    added.name = copy(event.name);
    added.payload = copy(event.payload);
    added.device_type = copy(event.device_type);
    added.metadata = copy(event.metadata);
    added.transport = copy(event.transport);
    return true;
}

Batch BatchBuilder::take() {
    Batch batch(events_, {bytes_.get(), used_});
    events_.clear();
    used_ = 0;
    if (capacity_ > kBytes) {
        bytes_ = std::make_unique_for_overwrite<char[]>(kBytes);
        capacity_ = kBytes;
    }
    return batch;
}

// Room was made by `add`.
std::string_view BatchBuilder::copy(std::string_view text) {
    char* const to = bytes_.get() + used_;
    text.copy(to, text.size());
    used_ += text.size();
    return {to, text.size()};
}

}  // namespace hub::router
