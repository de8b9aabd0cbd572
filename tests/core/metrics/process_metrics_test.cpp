#include "metrics/process_metrics.h"

#include "metrics/metric_registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/metric_family.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <string>

namespace hub::metrics {
namespace {

double valueOf(const std::string& name) {
    const auto families = processMetrics();
    const auto family = std::ranges::find(families, name, &prometheus::MetricFamily::name);
    if (family == families.end()) {
        ADD_FAILURE() << "there is no " << name;
        return 0;
    }
    const prometheus::ClientMetric& metric = family->metric.at(0);
    return family->type == prometheus::MetricType::Counter ? metric.counter.value
                                                           : metric.gauge.value;
}

TEST(ProcessMetrics, CountsOpenDescriptors) {
    const double before = valueOf("process_open_fds");
    const int descriptor = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ASSERT_GE(descriptor, 0);
    EXPECT_EQ(valueOf("process_open_fds"), before + 1);
    ::close(descriptor);
    EXPECT_EQ(valueOf("process_open_fds"), before);
    EXPECT_EQ(valueOf("process_max_fds"), static_cast<double>(::sysconf(_SC_OPEN_MAX)));
}

TEST(ProcessMetrics, TellsHowMuchMemoryIsUsed) {
    const double before = valueOf("process_resident_memory_bytes");
    constexpr std::size_t kMuch = 64 * 1024 * 1024;
    const std::string much(kMuch, 'x');
    EXPECT_GE(valueOf("process_resident_memory_bytes"), before + kMuch / 2.0);
    EXPECT_EQ(much.back(), 'x');
}

TEST(ProcessMetrics, CpuTimeOnlyGrows) {
    const double first = valueOf("process_cpu_seconds_total");
    EXPECT_GT(first, 0);
    EXPECT_GT(valueOf("process_cpu_seconds_total"), first);
}

TEST(ProcessMetrics, TheProcessHasStartedAfterTheMachineAndBeforeNow) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const double start = valueOf("process_start_time_seconds");
    EXPECT_LE(start, std::chrono::duration<double>(now).count() + 1);  // `btime` is whole seconds
    EXPECT_GT(start, 1.7e9);
    EXPECT_EQ(valueOf("process_start_time_seconds"), start);
}

TEST(ProcessMetrics, AreToldBesideTheHubsOwn) {
    EXPECT_THAT(MetricRegistry().text(),
                testing::HasSubstr("# TYPE process_cpu_seconds_total counter\n"));
}

}  // namespace
}  // namespace hub::metrics
