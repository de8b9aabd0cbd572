#include "storage/life_keeper.h"

#include <algorithm>
#include <span>
#include <utility>

namespace hub::storage {

namespace {

// The newest sign of each device: `newer` wins.
std::vector<SignOfLife> merged(std::vector<SignOfLife> newer, std::vector<SignOfLife> older) {
    if (older.empty()) return newer;
    newer.insert(newer.end(), older.begin(), older.end());
    std::ranges::stable_sort(newer, {}, &SignOfLife::device);
    const auto repeated = std::ranges::unique(newer, {}, &SignOfLife::device);
    newer.erase(repeated.begin(), repeated.end());
    return newer;
}

}  // namespace

LifeKeeper::LifeKeeper(WatchedStore& store, Take take, const Clock& clock, Logger& logger,
                       Counter& failures)
    : store_(store),
      take_(std::move(take)),
      clock_(clock),
      logger_(logger),
      failures_(failures),
      due_(clock.steady() + kInterval) {}

void LifeKeeper::step() {
    const SteadyTime now = clock_.steady();
    if (now >= due_) {
        due_ = now + kInterval;
        take();
        waiting_ = true;
    }
    if (waiting_) waiting_ = keepPiece();
}

void LifeKeeper::finish() {
    const SteadyTime limit = clock_.steady() + kLastLimit;
    take();
    while (keepPiece() && clock_.steady() < limit) {
    }
}

void LifeKeeper::take() { signs_ = merged(take_(), std::move(signs_)); }

// True when there is another piece for the next time.
bool LifeKeeper::keepPiece() {
    if (signs_.empty()) return false;
    const auto piece = std::span<const SignOfLife>(signs_).last(std::min(kPiece, signs_.size()));
    const Result<void> kept = store_.noteLife(piece);
    if (!kept) {
        noteRefusal(kept.error().message);
        return false;
    }
    refused_ = false;
    signs_.resize(signs_.size() - piece.size());
    return !signs_.empty();
}

void LifeKeeper::noteRefusal(const std::string& why) {
    failures_.add();
    if (std::exchange(refused_, true)) return;
    logger_.warning("when devices were last seen cannot be stored, and will be tried again: " +
                    why);
}

}  // namespace hub::storage
