#include "chain_walk.h"

#include "query.h"

#include <cstdint>

namespace hub::sqlite_store {

ChainWalk::ChainWalk(Query& rows, Sequence head, const HistoryQuery& wanted)
    : rows_(rows),
      since_(wanted.since.value_or(Timestamp::min())),
      until_(wanted.until.value_or(Timestamp::max())),
      left_(wanted.limit) {
    if (wanted.before != 0) {
        before_ = wanted.before;
    }
    row_.prev = head;
}

ChainWalk::~ChainWalk() { rows_.reset(); }

bool ChainWalk::next() {
    if (left_ == 0) {
        return false;
    }
    goOn();
    begun_ = begun_ || row_.sequence != 0;
    skipTooNew();
    if (row_.sequence == 0 || row_.time < since_) {
        left_ = 0;
        return false;
    }
    --left_;
    return true;
}

// A jump that leads past the newest wanted row is of no use; one that leads to a row that is still
// too new is taken. Of n rows this reads about 3 log2(n).
void ChainWalk::skipTooNew() {
    while (row_.sequence != 0 && tooNew(row_)) {
        if (row_.jump != 0) {
            const Row far = read(row_.jump);
            if (far.sequence != 0 && tooNew(far)) {
                row_ = far;
                continue;
            }
        }
        goOn();
    }
}

void ChainWalk::goOn() {
    const Sequence prev = row_.prev;
    row_ = read(prev);
    cut_short_ = cut_short_ || (prev != 0 && row_.sequence == 0);
}

bool ChainWalk::tooNew(const Row& row) const noexcept {
    return row.sequence >= before_ || row.time > until_;
}

ChainWalk::Row ChainWalk::read(Sequence sequence) {
    rows_.reset();
    if (sequence == 0) {
        return {};
    }
    rows_.bind(1, static_cast<std::int64_t>(sequence));
    if (!rows_.next()) {
        return {};
    }
    // Only to older rows, so that in a damaged file, too, every walk comes to an end.
    const auto older = [sequence](std::int64_t link) {
        const auto to = static_cast<Sequence>(link);
        return to < sequence ? to : 0;
    };
    return {sequence, rows_.time(kTime), older(rows_.integer(kPrev)),
            older(rows_.optionalInteger(kJump).value_or(0))};
}

}  // namespace hub::sqlite_store
