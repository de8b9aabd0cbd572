#pragma once

#include "ctl/sim/statistics.h"
#include "hub/time.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace hub::ctl::sim {

// What a simulation is doing now.
struct Progress {
    std::size_t devices = 0;
    std::size_t online = 0;
    double sent_per_second = 0;
    double acknowledged_per_second = 0;
    std::uint64_t waiting = 0;
    std::uint64_t reconnects = 0;
    struct AckTime {
        LatencyHistogram::Duration p50{};
        LatencyHistogram::Duration p99{};
    };
    std::optional<AckTime> ack_time;  // nothing while nothing was acknowledged
    std::string failure;              // while no device is online, why; empty when not known
};

// Turns counts into rates: those of the last whole window.
class ProgressMeter {
public:
    ProgressMeter(SteadyTime::duration window, SteadyTime now) : window_(window), begin_(now) {}

    // When a window has passed, begins a new one and clears `statistics.recent_ack_time`.
    [[nodiscard]] Progress read(std::size_t devices, Statistics& statistics, SteadyTime now);

private:
    const SteadyTime::duration window_;
    SteadyTime begin_;
    std::uint64_t sent_ = 0;          // at the begin of the window
    std::uint64_t acknowledged_ = 0;  // likewise
    Progress last_;
};

// One line without a line end, of as many of its fields as fit into `width` characters.
[[nodiscard]] std::string formatProgress(const Progress& progress, std::size_t width);

// What a simulation came to, in a few lines.
[[nodiscard]] std::string formatSummary(const Statistics& statistics);

// `1,234,567`.
[[nodiscard]] std::string formatCount(std::uint64_t count);

// Three significant digits and a unit: `85 us`, `1.24 ms`, `3.5 s`.
[[nodiscard]] std::string formatDuration(LatencyHistogram::Duration duration);

}  // namespace hub::ctl::sim
