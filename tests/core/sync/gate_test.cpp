#include "sync/gate.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>
#include <type_traits>

namespace hub::sync {
namespace {

static_assert(!std::is_copy_constructible_v<Gate::Pass>);

TEST(Gate, LetsInUntilItIsClosed) {
    Gate gate;
    EXPECT_TRUE(gate.enter());
    gate.close();
    EXPECT_FALSE(gate.enter());
    gate.close();
}

TEST(Gate, ClosingWaitsForWhoIsInside) {
    Gate gate;
    auto inside = gate.enter();
    std::atomic<bool> left = false;
    std::thread closing{[&] {
        gate.close();
        EXPECT_TRUE(left);
    }};
    // Once this fails, the other thread is in `close`.
    while (gate.enter()) std::this_thread::yield();
    left = true;
    inside.reset();
    closing.join();
}

}  // namespace
}  // namespace hub::sync
