#include "metrics/metric_registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <stdexcept>
#include <string>

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

TEST(MetricRegistryTest, TellsThemInTheOrderOfTheirNamesAndLabels) {
    MetricRegistry metrics;
    for (const char* name : {"hub_c_total", "hub_a_total", "hub_d_total", "hub_b_total"}) {
        for (const char* value : {"y", "x", "z"}) {
            static_cast<void>(metrics.counter(name, "Of a test.", {{"k", value}}));
        }
    }
    const std::string text = metrics.text();
    std::size_t last = 0;
    for (const char* name : {"hub_a_total", "hub_b_total", "hub_c_total", "hub_d_total"}) {
        for (const char* value : {"x", "y", "z"}) {
            const std::size_t at = text.find(std::string(name) + "{k=\"" + value + "\"}");
            ASSERT_NE(at, std::string::npos);
            EXPECT_GT(at, last) << name << value;
            last = at;
        }
    }
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
