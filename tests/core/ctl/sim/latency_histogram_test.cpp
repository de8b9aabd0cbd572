#include "ctl/sim/latency_histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

namespace hub::ctl::sim {
namespace {

using namespace std::chrono_literals;

TEST(LatencyHistogram, IsEmptyAtFirst) {
    const LatencyHistogram histogram;
    EXPECT_EQ(histogram.count(), 0U);
    EXPECT_EQ(histogram.percentile(50), 0us);
    EXPECT_EQ(histogram.max(), 0us);
}

TEST(LatencyHistogram, IsExactForShortDurations) {
    for (std::int64_t value = 0; value < 64; ++value) {
        LatencyHistogram histogram;
        histogram.record(std::chrono::microseconds(value));
        histogram.record(1h);
        EXPECT_EQ(histogram.percentile(50).count(), value);
    }
}

TEST(LatencyHistogram, TellsPercentilesOfAnUnevenCrowd) {
    LatencyHistogram histogram;
    for (int i = 0; i < 98; ++i) histogram.record(10us);
    histogram.record(50us);
    histogram.record(60us);
    EXPECT_EQ(histogram.percentile(0), 10us);
    EXPECT_EQ(histogram.percentile(50), 10us);
    EXPECT_EQ(histogram.percentile(98), 10us);
    EXPECT_EQ(histogram.percentile(98.5), 50us);
    EXPECT_EQ(histogram.percentile(99), 50us);
    EXPECT_EQ(histogram.percentile(100), 60us);
    EXPECT_EQ(histogram.max(), 60us);
}

TEST(LatencyHistogram, DiffersFromTheTruthByThreePercentAtMost) {
    std::mt19937 random(1);
    std::uniform_real_distribution<double> exponent(0, 36);
    std::vector<std::int64_t> truth;
    LatencyHistogram histogram;
    for (int i = 0; i < 20'000; ++i) {
        truth.push_back(static_cast<std::int64_t>(std::exp2(exponent(random))));
        histogram.record(std::chrono::microseconds(truth.back()));
    }
    std::sort(truth.begin(), truth.end());
    for (int percent = 1; percent <= 100; ++percent) {
        const auto exact = static_cast<double>(truth[truth.size() * percent / 100 - 1]);
        const auto told = static_cast<double>(histogram.percentile(percent).count());
        EXPECT_GE(told, exact) << percent;
        EXPECT_LE(told, exact * 1.032) << percent;
    }
}

TEST(LatencyHistogram, TakesImpossibleDurations) {
    LatencyHistogram histogram;
    histogram.record(-5us);
    EXPECT_EQ(histogram.percentile(100), 0us);
    histogram.record(std::chrono::microseconds::max());
    EXPECT_EQ(histogram.count(), 2U);
    EXPECT_EQ(histogram.max(), std::chrono::microseconds::max());
    EXPECT_EQ(histogram.percentile(100).count(), (std::int64_t{1} << 36) - 1);
}

TEST(LatencyHistogram, ForgetsWhenCleared) {
    LatencyHistogram histogram;
    histogram.record(1ms);
    histogram.clear();
    EXPECT_EQ(histogram.count(), 0U);
    EXPECT_EQ(histogram.percentile(99), 0us);
}

}  // namespace
}  // namespace hub::ctl::sim
