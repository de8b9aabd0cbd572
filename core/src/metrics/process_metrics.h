#pragma once

#include <vector>

namespace prometheus {
struct MetricFamily;
}

namespace hub::metrics {

// How this process is, as the kernel tells it just now: memory, CPU time, descriptors, start. Named
// as Prometheus' client libraries have agreed on. What cannot be read, as when there are no
// descriptors left to read it with, is not there.
[[nodiscard]] std::vector<prometheus::MetricFamily> processMetrics();

}  // namespace hub::metrics
