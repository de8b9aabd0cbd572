#include "ctl/sim/handshake_queue.h"

#include <utility>

namespace hub::ctl::sim {

void HandshakeQueue::request(std::function<void()> begin) {
    waiting_.push_back(std::move(begin));
    beginNext();
}

void HandshakeQueue::done() {
    --in_flight_;
    beginNext();
}

void HandshakeQueue::beginNext() {
    // An attempt that fails at once calls `done` from within `begin`: this loop goes on with the
    // next one, instead of a recursion as deep as the queue.
    if (std::exchange(beginning_, true)) return;
    while (in_flight_ < kMaxInFlight && !waiting_.empty()) {
        const auto begin = std::move(waiting_.front());
        waiting_.pop_front();
        ++in_flight_;
        begin();
    }
    beginning_ = false;
}

}  // namespace hub::ctl::sim
