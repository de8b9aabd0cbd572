#pragma once

#include "hub/time.h"
#include "net/loop_group.h"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

namespace hub::net {

// Whether the loops of a group still turn. However often that is asked, no more than one question
// waits in the inbox of a loop that hangs. Any thread, but for those of the loops.
class Pulse {
public:
    // `loops` must outlive it, and must have stopped before it goes.
    explicit Pulse(LoopGroup& loops) : loops_(loops), of_(loops.size()) {}

    // True as soon as every loop has run something since the call; false when one has not by
    // `deadline`, or has ended.
    [[nodiscard]] bool felt(SteadyTime deadline);

private:
    struct OfLoop {
        bool asked = false;
        std::uint64_t answers = 0;
    };

    bool ask(std::size_t index);

    LoopGroup& loops_;

    // Guarded by mutex_.
    std::mutex mutex_;
    std::condition_variable answered_;
    std::vector<OfLoop> of_;
};

}  // namespace hub::net
