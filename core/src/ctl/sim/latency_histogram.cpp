#include "ctl/sim/latency_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace hub::ctl::sim {

std::size_t LatencyHistogram::bucketOf(std::uint64_t microseconds) noexcept {
    const std::uint64_t value = std::min(microseconds, (std::uint64_t{1} << kMaxBits) - 1);
    const auto bits = static_cast<unsigned>(std::bit_width(value));
    if (bits <= kSubBits + 1) return value;
    // The top kSubBits + 1 bits of the value, the first of which is always set, tell the bucket.
    const unsigned shift = bits - (kSubBits + 1);
    return (std::size_t{shift} << kSubBits) + (value >> shift);
}

std::uint64_t LatencyHistogram::upperEdgeOf(std::size_t bucket) noexcept {
    if (bucket < std::size_t{2} << kSubBits) return bucket;
    const std::size_t shift = (bucket >> kSubBits) - 1;
    const std::uint64_t top = bucket - (shift << kSubBits);
    return ((top + 1) << shift) - 1;
}

void LatencyHistogram::record(Duration duration) noexcept {
    duration = std::max(duration, Duration::zero());
    ++buckets_[bucketOf(static_cast<std::uint64_t>(duration.count()))];
    ++count_;
    max_ = std::max(max_, duration);
}

void LatencyHistogram::clear() noexcept { *this = {}; }

LatencyHistogram::Duration LatencyHistogram::percentile(double percent) const noexcept {
    const auto wanted = std::max(
        std::uint64_t{1},
        static_cast<std::uint64_t>(std::ceil(percent / 100 * static_cast<double>(count_))));
    std::uint64_t seen = 0;
    for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
        seen += buckets_[bucket];
        if (seen >= wanted) {
            return std::min(max_, Duration(static_cast<std::int64_t>(upperEdgeOf(bucket))));
        }
    }
    return max_;
}

}  // namespace hub::ctl::sim
