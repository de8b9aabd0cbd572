#include "ctl/sim/backoff.h"

#include <gtest/gtest.h>

#include <set>

namespace hub::ctl::sim {
namespace {

using namespace std::chrono_literals;

void expectWithin(std::chrono::milliseconds wait, std::chrono::milliseconds ceiling) {
    EXPECT_GE(wait, ceiling / 2);
    EXPECT_LE(wait, ceiling);
}

TEST(Backoff, DoublesToFifteenSecondsAndStaysThere) {
    Backoff backoff(1);
    for (const auto ceiling : {1'000ms, 2'000ms, 4'000ms, 8'000ms, 15'000ms, 15'000ms, 15'000ms}) {
        expectWithin(backoff.next(), ceiling);
    }
}

TEST(Backoff, BeginsAnewAfterAGoodLink) {
    Backoff backoff(1);
    for (int i = 0; i < 10; ++i) static_cast<void>(backoff.next());
    backoff.reset();
    expectWithin(backoff.next(), 1'000ms);
    expectWithin(backoff.next(), 2'000ms);
}

TEST(Backoff, SpreadsDevicesThatFailTogether) {
    std::set<std::chrono::milliseconds> waits;
    for (unsigned seed = 1; seed <= 1'000; ++seed) waits.insert(Backoff(seed * 7919).next());
    EXPECT_GT(waits.size(), 300U);  // of the 501 milliseconds there are
}

}  // namespace
}  // namespace hub::ctl::sim
