#include "metrics/metric_registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace hub::metrics {
namespace {

using testing::HasSubstr;

TEST(MetricRegistryTest, TellsWhatWasCounted) {
    MetricRegistry metrics;
    metrics.counter("hub_events_total", "Events taken in.", {{"kind", "status"}}).add(3);
    metrics.counter("hub_events_total", "Events taken in.", {{"kind", "message"}}).add();
    metrics.gauge("hub_log_bytes", "Bytes that wait for the store.", {}).set(17);

    const std::string text = metrics.text();
    EXPECT_THAT(text, HasSubstr("# HELP hub_events_total Events taken in.\n"
                                "# TYPE hub_events_total counter\n"));
    EXPECT_THAT(text, HasSubstr("hub_events_total{kind=\"status\"} 3\n"));
    EXPECT_THAT(text, HasSubstr("hub_events_total{kind=\"message\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("# TYPE hub_log_bytes gauge\nhub_log_bytes 17\n"));
}

TEST(MetricRegistryTest, SpreadsValuesOverBuckets) {
    MetricRegistry metrics;
    Histogram& commits = metrics.histogram("hub_commit_seconds", "Commit times.", {0.001, 0.1}, {});
    commits.observe(0.0005);
    commits.observe(0.05);
    commits.observe(7);

    const std::string text = metrics.text();
    EXPECT_THAT(text, HasSubstr("hub_commit_seconds_bucket{le=\"0.001\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("hub_commit_seconds_bucket{le=\"0.1\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("hub_commit_seconds_bucket{le=\"+Inf\"} 3\n"));
    EXPECT_THAT(text, HasSubstr("hub_commit_seconds_count 3\n"));
}

TEST(MetricRegistryTest, GivesTheSameObjectAgain) {
    MetricRegistry metrics;
    Counter& first = metrics.counter("hub_a_total", "A.", {{"k", "v"}});
    EXPECT_EQ(&metrics.counter("hub_a_total", "A.", {{"k", "v"}}), &first);
    EXPECT_NE(&metrics.counter("hub_a_total", "A.", {{"k", "w"}}), &first);
}

TEST(MetricRegistryTest, RefusesBadNamesAndOtherTypes) {
    MetricRegistry metrics;
    static_cast<void>(metrics.counter("hub_a_total", "A.", {}));
    EXPECT_THROW(static_cast<void>(metrics.gauge("hub_a_total", "A.", {})), std::logic_error);
    EXPECT_THROW(static_cast<void>(metrics.gauge("no spaces", "A.", {})), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(metrics.gauge("hub_a", "A.", {{"9", "x"}})),
                 std::invalid_argument);
    EXPECT_THROW(static_cast<void>(metrics.gauge("hub_a", "A.", {{"k", "x"}, {"k", "y"}})),
                 std::invalid_argument);
}

TEST(MetricRegistryTest, AsksForTheNewestValuesBeforeItTellsThem) {
    MetricRegistry metrics;
    Gauge& links = metrics.gauge("hub_links", "Open links.", {});
    {
        const Registration updated = metrics.beforeRead([&] { links.set(5); });
        EXPECT_THAT(metrics.text(), HasSubstr("hub_links 5\n"));
        links.set(1);
    }
    links.set(2);
    EXPECT_THAT(metrics.text(), HasSubstr("hub_links 2\n"));
}

}  // namespace
}  // namespace hub::metrics
