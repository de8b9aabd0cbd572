#include "metrics/metric_registry.h"

#include "metrics/process_metrics.h"

#include <prometheus/check_names.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <iterator>
#include <list>
#include <map>
#include <mutex>
#include <stdexcept>
#include <utility>

namespace hub::metrics {
namespace {

class CountedBy final : public Counter {
public:
    explicit CountedBy(prometheus::Counter& counter) : counter_(counter) {}
    void add(std::uint64_t count) noexcept override {
        counter_.Increment(static_cast<double>(count));
    }

private:
    prometheus::Counter& counter_;
};

class GaugedBy final : public Gauge {
public:
    explicit GaugedBy(prometheus::Gauge& gauge) : gauge_(gauge) {}
    void set(double value) noexcept override { gauge_.Set(value); }

private:
    prometheus::Gauge& gauge_;
};

class ObservedBy final : public Histogram {
public:
    explicit ObservedBy(prometheus::Histogram& histogram) : histogram_(histogram) {}
    void observe(double value) noexcept override { histogram_.Observe(value); }

private:
    prometheus::Histogram& histogram_;
};

prometheus::Labels checkedLabels(const MetricLabels& labels) {
    prometheus::Labels checked;
    for (const auto& [name, value] : labels) {
        if (!prometheus::CheckLabelName(name) || !checked.emplace(name, value).second) {
            throw std::invalid_argument(
                "bad metric label '" + name +
                "': it must match [a-zA-Z_][a-zA-Z0-9_]* and be given once");
        }
    }
    return checked;
}

std::string checkedName(std::string_view name) {
    std::string checked(name);
    if (!prometheus::CheckMetricName(checked)) {
        throw std::invalid_argument("bad metric name '" + checked +
                                    "': it must match [a-zA-Z_:][a-zA-Z0-9_:]*");
    }
    return checked;
}

// All metrics of one type, by name and labels; `Ours` wraps `Theirs`.
template <class Ours, class Theirs>
class FamiliesOf {
public:
    template <class Builder, class... Arguments>
    Ours& get(prometheus::Registry& registry, Builder builder, const std::string& name,
              std::string_view help, const prometheus::Labels& labels,
              const Arguments&... arguments) {
        const auto known = metrics_.find({name, labels});
        if (known != metrics_.end()) return *known->second;
        auto family = families_.find(name);
        if (family == families_.end()) {
            auto& made = builder.Name(name).Help(std::string(help)).Register(registry);
            family = families_.emplace(name, &made).first;
        }
        auto ours = std::make_unique<Ours>(family->second->Add(labels, arguments...));
        return *metrics_.emplace(std::pair(name, labels), std::move(ours)).first->second;
    }

private:
    std::map<std::string, prometheus::Family<Theirs>*> families_;
    std::map<std::pair<std::string, prometheus::Labels>, std::unique_ptr<Ours>> metrics_;
};

}  // namespace

struct MetricRegistry::Families {
    prometheus::Registry registry;

    // Guarded by mutex. Metrics are only ever added.
    std::mutex mutex;
    FamiliesOf<CountedBy, prometheus::Counter> counters;
    FamiliesOf<GaugedBy, prometheus::Gauge> gauges;
    FamiliesOf<ObservedBy, prometheus::Histogram> histograms;

    // Guarded by updates_mutex, which is held during the calls: that is how the end of a
    // registration can promise an end. Only readers wait for it.
    std::mutex updates_mutex;
    std::list<std::function<void()>> updates;
};

MetricRegistry::MetricRegistry() : families_(std::make_unique<Families>()) {}

MetricRegistry::~MetricRegistry() = default;

Counter& MetricRegistry::counter(std::string_view name, std::string_view help,
                                 const MetricLabels& labels) {
    const std::string checked = checkedName(name);
    const auto checked_labels = checkedLabels(labels);
    const std::lock_guard lock(families_->mutex);
    return families_->counters.get(families_->registry, prometheus::BuildCounter(), checked, help,
                                   checked_labels);
}

Gauge& MetricRegistry::gauge(std::string_view name, std::string_view help,
                             const MetricLabels& labels) {
    const std::string checked = checkedName(name);
    const auto checked_labels = checkedLabels(labels);
    const std::lock_guard lock(families_->mutex);
    return families_->gauges.get(families_->registry, prometheus::BuildGauge(), checked, help,
                                 checked_labels);
}

Histogram& MetricRegistry::histogram(std::string_view name, std::string_view help,
                                     const std::vector<double>& bounds,
                                     const MetricLabels& labels) {
    const std::string checked = checkedName(name);
    const auto checked_labels = checkedLabels(labels);
    const std::lock_guard lock(families_->mutex);
    return families_->histograms.get(families_->registry, prometheus::BuildHistogram(), checked,
                                     help, checked_labels, bounds);
}

Registration MetricRegistry::beforeRead(std::function<void()> update) {
    const std::lock_guard lock(families_->updates_mutex);
    const auto added = families_->updates.insert(families_->updates.end(), std::move(update));
    return Registration([this, added] {
        const std::lock_guard removing(families_->updates_mutex);
        families_->updates.erase(added);
    });
}

std::string MetricRegistry::text() const {
    const std::lock_guard lock(families_->updates_mutex);
    for (const auto& update : families_->updates) update();
    std::vector<prometheus::MetricFamily> families = families_->registry.Collect();
    std::ranges::move(processMetrics(), std::back_inserter(families));
    // The registry keeps them by hash: another order at every start, which nobody can compare.
    std::ranges::sort(families, {}, &prometheus::MetricFamily::name);
    for (prometheus::MetricFamily& family : families) {
        std::ranges::sort(family.metric, {}, &prometheus::ClientMetric::label);
    }
    return prometheus::TextSerializer().Serialize(families);
}

}  // namespace hub::metrics
