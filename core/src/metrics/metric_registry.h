#pragma once

#include "hub/metrics.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hub::metrics {

// The hub's metrics, kept by prometheus-cpp, and beside them those of its process. See Metrics.
class MetricRegistry final : public Metrics {
public:
    MetricRegistry();
    // Its registrations must be gone.
    ~MetricRegistry() override;
    MetricRegistry(const MetricRegistry&) = delete;
    MetricRegistry& operator=(const MetricRegistry&) = delete;

    [[nodiscard]] Counter& counter(std::string_view name, std::string_view help,
                                   const MetricLabels& labels) override;
    [[nodiscard]] Gauge& gauge(std::string_view name, std::string_view help,
                               const MetricLabels& labels) override;
    [[nodiscard]] Histogram& histogram(std::string_view name, std::string_view help,
                                       const std::vector<double>& bounds,
                                       const MetricLabels& labels) override;
    [[nodiscard]] Registration beforeRead(std::function<void()> update) override;
    [[nodiscard]] std::string text() const override;

private:
    struct Families;

    const std::unique_ptr<Families> families_;
};

}  // namespace hub::metrics
