#pragma once

#include "hub/api.h"
#include "hub/registration.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hub {

// A number that only grows. Any thread.
class HUB_API Counter {
public:
    virtual ~Counter();
    virtual void add(std::uint64_t count = 1) noexcept = 0;
};

// A number that goes up and down. Any thread.
class HUB_API Gauge {
public:
    virtual ~Gauge();
    virtual void set(double value) noexcept = 0;
};

// How values spread over buckets. Any thread.
class HUB_API Histogram {
public:
    virtual ~Histogram();
    virtual void observe(double value) noexcept = 0;
};

// Label names and values, as in `{kind="status"}`. A label has few values, all known beforehand:
// never a device id, an address or anything else that comes from outside.
using MetricLabels = std::vector<std::pair<std::string, std::string>>;

// What the hub counts and measures, read at `/metrics` in the Prometheus text format. Names follow
// Prometheus: `hub_` first, base units (seconds, bytes), `_total` behind a counter.
//
// Asked for again with the same name and labels, each function gives the same object. `help` is one
// sentence, the same for all labels of a name. Objects live as long as the hub. Throws
// std::invalid_argument for a bad name or label, std::logic_error for a name that is taken by
// another type. Any thread; not for the way of a message: ask once and keep the reference.
class HUB_API Metrics {
public:
    virtual ~Metrics();

    [[nodiscard]] virtual Counter& counter(std::string_view name, std::string_view help,
                                           const MetricLabels& labels = {}) = 0;
    [[nodiscard]] virtual Gauge& gauge(std::string_view name, std::string_view help,
                                       const MetricLabels& labels = {}) = 0;
    // `bounds`: the upper ends of the buckets, increasing; one without end is added.
    [[nodiscard]] virtual Histogram& histogram(std::string_view name, std::string_view help,
                                               const std::vector<double>& bounds,
                                               const MetricLabels& labels = {}) = 0;

    // Calls `update` right before the metrics are read, to set gauges that nobody keeps up to date
    // otherwise. On the reader's thread, one call at a time; it must not block.
    [[nodiscard]] virtual Registration beforeRead(std::function<void()> update) = 0;

    // Everything, in the Prometheus text format 0.0.4. Any thread.
    [[nodiscard]] virtual std::string text() const = 0;
};

}  // namespace hub
