#pragma once

#include "hub/logger.h"
#include "hub/metrics.h"
#include "hub/store.h"
#include "storage/watched_store.h"

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace hub::storage {

// Has the store keep when devices were last heard of: takes what there is from time to time, and
// gives it to the store a piece at a time. What is refused is offered again with what is taken
// next, unless that is newer. One thread.
class LifeKeeper {
public:
    static constexpr std::chrono::seconds kInterval{10};
    // Signs of life in one transaction: some milliseconds that events have to wait behind.
    static constexpr std::size_t kPiece = 2000;
    // What the last signs of life may take, so that the end comes in time on a slow disk, too.
    static constexpr std::chrono::seconds kLastLimit{1};

    // Who was heard of since the last time this was asked, and when.
    using Take = std::function<std::vector<SignOfLife>()>;

    // All that is given must outlive it. `failures` counts the pieces that were refused.
    LifeKeeper(WatchedStore& store, Take take, const Clock& clock, Logger& logger,
               Counter& failures);

    // When there is something to do next; in the past: now.
    [[nodiscard]] SteadyTime due() const noexcept { return waiting_ ? SteadyTime::min() : due_; }

    // Gives the store a piece, if it is time to.
    void step();

    // Takes and keeps all there is, for the last time.
    void finish();

private:
    void take();
    [[nodiscard]] bool keepPiece();
    void noteRefusal(const std::string& why);

    // Constant after construction.
    WatchedStore& store_;
    const Take take_;
    const Clock& clock_;
    Logger& logger_;
    Counter& failures_;

    SteadyTime due_;
    std::vector<SignOfLife> signs_;  // taken, and not kept yet
    bool waiting_ = false;           // the next piece goes to the store with the next step
    bool refused_ = false;           // the last piece that was offered
};

}  // namespace hub::storage
