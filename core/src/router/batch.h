#pragma once

#include "hub/event.h"

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace hub::router {

// Events that came together and the bytes they view, in one block of exactly the size they need.
// Move-only; the views of `events()` live as long as the batch, which may outlive whoever made it.
class Batch {
public:
    // Copies `events`; those of their views that lie in `bytes` are pointed at the copy of `bytes`,
    // all others stay as they are, and so does `Event::command`: see `keep`.
    Batch(std::span<const Event> events, std::span<const char> bytes);

    [[nodiscard]] std::span<Event> events() noexcept;
    [[nodiscard]] std::span<const Event> events() const noexcept;

    // Keeps `owner` alive as long as the batch: what owns views that are not in its own bytes.
    // `bytes` is what that costs and nobody else counts.
    void keep(std::shared_ptr<const void> owner, std::size_t bytes = 0) noexcept {
        kept_ = std::move(owner);
        kept_bytes_ = bytes;
    }

    // The number of its last event, once the log has given it.
    [[nodiscard]] Sequence last() const noexcept { return events().back().sequence; }

    // What it costs in memory.
    [[nodiscard]] std::size_t bytes() const noexcept { return size_ + kept_bytes_; }

private:
    std::size_t size_;
    std::size_t count_;
    std::unique_ptr<std::byte[]> block_;
    std::shared_ptr<const void> kept_;
    std::size_t kept_bytes_ = 0;
};

// Gathers events and copies what they view, up to a bound. Memory is kept for the next batch.
class BatchBuilder {
public:
    static constexpr std::size_t kEvents = 512;
    static constexpr std::size_t kBytes = 128 * 1024;

    BatchBuilder();

    // False when there is no room for it: take the batch first. An event larger than kBytes has
    // room in an empty builder. Every view is copied.
    [[nodiscard]] bool add(const Event& event);

    [[nodiscard]] std::size_t size() const noexcept { return events_.size(); }

    // The batch of what was gathered (at least one event); the builder is empty after.
    [[nodiscard]] Batch take();

private:
    std::string_view copy(std::string_view text);

    std::vector<Event> events_;
    std::unique_ptr<char[]> bytes_;
    std::size_t capacity_ = kBytes;
    std::size_t used_ = 0;
};

}  // namespace hub::router
