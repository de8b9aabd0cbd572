#pragma once

#include <array>
#include <chrono>
#include <cstdint>

namespace hub::ctl::sim {

// Counts durations so that any percentile can be told afterwards, in constant space: exact below
// 64 µs, to 3 % above, up to 2^36 µs (19 hours); longer ones count as that.
class LatencyHistogram {
public:
    using Duration = std::chrono::microseconds;

    // A negative duration counts as zero.
    void record(Duration duration) noexcept;
    void clear() noexcept;

    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

    // The smallest recorded duration, to the precision above, that at least `percent` (0 to 100) of
    // them do not exceed; zero when nothing was recorded.
    [[nodiscard]] Duration percentile(double percent) const noexcept;
    [[nodiscard]] Duration max() const noexcept { return max_; }

private:
    // Each power of two of microseconds has 32 buckets of equal width; below, each is 1 µs wide.
    static constexpr unsigned kSubBits = 5;
    static constexpr unsigned kMaxBits = 36;
    static constexpr std::size_t kBuckets = (kMaxBits - kSubBits + 1) << kSubBits;

    static std::size_t bucketOf(std::uint64_t microseconds) noexcept;
    static std::uint64_t upperEdgeOf(std::size_t bucket) noexcept;

    std::array<std::uint64_t, kBuckets> buckets_{};
    std::uint64_t count_ = 0;
    Duration max_{};
};

}  // namespace hub::ctl::sim
