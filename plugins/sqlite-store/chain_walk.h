#pragma once

#include "hub/event.h"
#include "hub/history.h"
#include "hub/time.h"

#include <cstddef>
#include <limits>

namespace hub::sqlite_store {

class Query;

// Walks a device's chain through one history table from its newest row backwards, and stops at each
// row that a HistoryQuery wants. Inside one read transaction, on its thread.
class ChainWalk {
public:
    // Which columns every query for a walk begins with; its only parameter is the row's number:
    //   SELECT time, prev, jump, ... FROM <table> WHERE seq=?
    enum Column { kTime, kPrev, kJump, kOwnColumns };

    // Begins at the row `head` (0: there is none), and stops at as many rows as are wanted, however
    // many that are. `rows` must be reset, and outlive the walk.
    ChainWalk(Query& rows, Sequence head, const HistoryQuery& wanted);
    // Resets `rows`.
    ~ChainWalk();
    ChainWalk(const ChainWalk&) = delete;
    ChainWalk& operator=(const ChainWalk&) = delete;

    // Goes to the next row that is wanted, and leaves `rows` at it. False: there is none. Throws
    // DatabaseError.
    [[nodiscard]] bool next();

    // Whether there was a row to begin at, known once `next` was called.
    [[nodiscard]] bool begun() const noexcept { return begun_; }

    // Whether it came to a row that is not there any more: there may be older ones that it cannot
    // find.
    [[nodiscard]] bool cutShort() const noexcept { return cut_short_; }

    [[nodiscard]] Sequence sequence() const noexcept { return row_.sequence; }
    [[nodiscard]] Timestamp time() const noexcept { return row_.time; }

private:
    struct Row {
        Sequence sequence = 0;  // 0: no such row
        Timestamp time{};
        Sequence prev = 0;
        Sequence jump = 0;
    };

    Row read(Sequence sequence);
    void goOn();
    bool tooNew(const Row& row) const noexcept;
    void skipTooNew();

    Query& rows_;
    Sequence before_ = std::numeric_limits<Sequence>::max();
    Timestamp since_ = Timestamp::min();
    Timestamp until_ = Timestamp::max();
    bool begun_ = false;
    bool cut_short_ = false;
    std::size_t left_;  // how many rows are still wanted
    Row row_;
};

}  // namespace hub::sqlite_store
