#pragma once

#include "hub/event.h"
#include "hub/store.h"

#include <cstddef>
#include <deque>
#include <memory_resource>
#include <string_view>
#include <vector>

namespace hub::ctl::importer {

// Numbers events and gives them to a store, many at a time. One thread.
class EventBatch {
public:
    struct Limits {
        std::size_t events = 16 * 1024;
        std::size_t bytes = 4 * 1024 * 1024;  // of texts
    };

    // `store` must outlive the batch and be recovered and empty.
    EventBatch(Store& store, Limits limits);
    explicit EventBatch(Store& store) : EventBatch(store, Limits{}) {}

    // Adds an event with the next number; one that is earlier than the last has that one's time.
    // Its texts and its command are copied, but for `device_id` and `transport`, which must stay
    // until `flush`. Throws std::runtime_error when the store does not take what was gathered.
    void add(Event event);

    // Gives the rest to the store. Throws std::runtime_error.
    void flush();

    [[nodiscard]] Sequence lastSequence() const noexcept { return sequence_; }
    [[nodiscard]] Timestamp lastTime() const noexcept { return time_; }

private:
    // What an event of a command points to.
    struct CommandCopy {
        CommandRecord record;
        CommandChange change;
    };

    [[nodiscard]] std::string_view keep(std::string_view text);
    [[nodiscard]] const CommandChange* keep(const CommandChange& change);

    // Constant after construction.
    Store& store_;
    const Limits limits_;

    std::vector<std::byte> first_texts_;
    std::pmr::monotonic_buffer_resource texts_;
    std::size_t bytes_ = 0;
    std::deque<CommandCopy> commands_;
    std::vector<Event> events_;
    Sequence sequence_ = 0;
    Timestamp time_{};
};

}  // namespace hub::ctl::importer
