#pragma once

#include "hub/event.h"
#include "router/batch.h"

#include <cstddef>
#include <deque>
#include <memory>
#include <vector>

namespace hub::router {

using SharedBatch = std::shared_ptr<const Batch>;

// The newest durable batches, without a gap: all that became durable behind `begin()` up to
// `end()`. Bounded in bytes. No lock of its own.
class FeedRing {
public:
    // `limit` in bytes; the newest batch is kept whatever its size.
    explicit FeedRing(std::size_t limit) : limit_(limit) {}

    // Holds nothing, and goes on behind `begin`. Returns what it held.
    std::deque<SharedBatch> reset(Sequence begin);

    // Adds the batch that follows `end()`; one that does not end behind it is passed over. What had
    // to make room goes to `evicted`, to be freed where no lock is held.
    void add(SharedBatch batch, std::vector<SharedBatch>& evicted);

    // Appends to `found` the batches with events behind `position`, oldest first, `limit` at most.
    // `position` must not be below `begin()`.
    void find(Sequence position, std::size_t limit, std::vector<SharedBatch>& found) const;

    [[nodiscard]] Sequence begin() const noexcept { return begin_; }
    [[nodiscard]] Sequence end() const noexcept { return end_; }
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

private:
    const std::size_t limit_;
    std::size_t bytes_ = 0;
    Sequence begin_ = 0;
    Sequence end_ = 0;
    std::deque<SharedBatch> batches_;
};

}  // namespace hub::router
