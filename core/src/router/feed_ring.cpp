#include "router/feed_ring.h"

#include <algorithm>
#include <utility>

namespace hub::router {

std::deque<SharedBatch> FeedRing::reset(Sequence begin) {
    begin_ = begin;
    end_ = begin;
    bytes_ = 0;
    return std::exchange(batches_, {});
}

void FeedRing::add(SharedBatch batch, std::vector<SharedBatch>& evicted) {
    if (batch->last() <= end_) {
        evicted.push_back(std::move(batch));
        return;
    }
    end_ = batch->last();
    bytes_ += batch->bytes();
    batches_.push_back(std::move(batch));
    while (bytes_ > limit_ && batches_.size() > 1) {
        begin_ = batches_.front()->last();
        bytes_ -= batches_.front()->bytes();
        evicted.push_back(std::move(batches_.front()));
        batches_.pop_front();
    }
}

void FeedRing::find(Sequence position, std::size_t limit, std::vector<SharedBatch>& found) const {
    const auto first = std::ranges::upper_bound(
        batches_, position, {}, [](const SharedBatch& batch) { return batch->last(); });
    const auto count =
        std::min<std::ptrdiff_t>(batches_.end() - first, static_cast<std::ptrdiff_t>(limit));
    found.insert(found.end(), first, first + count);
}

}  // namespace hub::router
