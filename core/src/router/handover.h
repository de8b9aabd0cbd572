#pragma once

#include "hub/event.h"
#include "router/batch.h"

#include <cstddef>
#include <deque>
#include <utility>
#include <vector>

namespace hub::router {

// Durable batches as their follower fetches them, oldest first.
struct DurableBatches {
    Sequence begin = 0;  // of what became durable behind this number nothing is left out
    std::deque<Batch> batches;
};

// Durable batches on their way to one follower, bounded in bytes: the oldest ones go when it does
// not fetch them in time. Closed at first, and then keeps nothing. No lock of its own.
class Handover {
public:
    // Keeps what comes behind `begin`, `limit` bytes of it at most but always the newest batch.
    void open(Sequence begin, std::size_t limit) {
        open_ = true;
        limit_ = limit;
        waiting_.begin = begin;
    }

    // Returns what was not fetched.
    [[nodiscard]] std::deque<Batch> close() {
        open_ = false;
        bytes_ = 0;
        return std::exchange(waiting_.batches, {});
    }

    // What is not kept goes to `unwanted`, to be freed where no lock is held.
    void add(Batch batch, std::vector<Batch>& unwanted) {
        if (!open_) {
            unwanted.push_back(std::move(batch));
            return;
        }
        bytes_ += batch.bytes();
        waiting_.batches.push_back(std::move(batch));
        while (bytes_ > limit_ && waiting_.batches.size() > 1) {
            Batch& oldest = waiting_.batches.front();
            bytes_ -= oldest.bytes();
            waiting_.begin = oldest.last();
            unwanted.push_back(std::move(oldest));
            waiting_.batches.pop_front();
        }
    }

    [[nodiscard]] bool empty() const noexcept { return waiting_.batches.empty(); }

    // Puts what has come since the last time into `fetched`, which must hold no batches.
    void fetch(DurableBatches& fetched) {
        bytes_ = 0;
        fetched.begin = waiting_.begin;
        fetched.batches.swap(waiting_.batches);
        if (!fetched.batches.empty()) waiting_.begin = fetched.batches.back().last();
    }

private:
    bool open_ = false;
    std::size_t limit_ = 0;
    std::size_t bytes_ = 0;
    DurableBatches waiting_;
};

}  // namespace hub::router
