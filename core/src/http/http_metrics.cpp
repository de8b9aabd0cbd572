#include "http/http_metrics.h"

#include "net/refusals.h"

#include <algorithm>
#include <string>

namespace hub::http {

HttpMetrics::HttpMetrics(Metrics& metrics)
    : seconds_(
          metrics.histogram("hub_http_request_seconds",
                            "From the end of a request's head to the handing over of its answer.",
                            {0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10})) {
    for (std::size_t method = 0; method < kMethods.size(); ++method) {
        for (std::size_t status = 0; status < kClasses.size(); ++status) {
            requests_[method][status] =
                &metrics.counter("hub_http_requests_total", "HTTP requests that were answered.",
                                 {{"method", std::string(kMethods[method])},
                                  {"status", std::string(kClasses[status])}});
        }
    }
    for (std::size_t reason = 0; reason < kReasons.size(); ++reason) {
        refusals_[reason] = &net::refusalCounter(metrics, kReasons[reason]);
    }
    Gauge& connections = metrics.gauge("hub_http_connections",
                                       "Open connections that speak HTTP; upgraded ones do not.");
    Gauge& streams = metrics.gauge("hub_http_streams", "HTTP responses that are being streamed.");
    before_read_ = metrics.beforeRead([this, &connections, &streams] {
        connections.set(static_cast<double>(connections_.load()));
        streams.set(static_cast<double>(streams_.load()));
    });
}

void HttpMetrics::responded(std::string_view method, int status) noexcept {
    const auto known = std::find(kMethods.begin(), kMethods.end() - 1, method);
    const auto& counters = requests_[static_cast<std::size_t>(known - kMethods.begin())];
    counters[static_cast<std::size_t>(std::clamp(status / 100, 2, 5) - 2)]->add();
}

void HttpMetrics::took(std::chrono::duration<double> seconds) noexcept {
    seconds_.observe(seconds.count());
}

void HttpMetrics::refused(RefusalReason reason) noexcept {
    refusals_[static_cast<std::size_t>(reason)]->add();
}

}  // namespace hub::http
