#include "metrics/process_metrics.h"

#include <prometheus/metric_family.h>

#include <sys/resource.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <string>
#include <utility>

namespace hub::metrics {
namespace {

using prometheus::MetricType;

std::optional<double> residentBytes() {
    std::ifstream file("/proc/self/statm");
    double all_pages = 0;
    double resident_pages = 0;
    if (!(file >> all_pages >> resident_pages)) return std::nullopt;
    return resident_pages * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

std::optional<double> cpuSeconds() {
    timespec used{};
    if (::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) != 0) return std::nullopt;
    return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

std::optional<double> openDescriptors() {
    std::error_code error;
    std::filesystem::directory_iterator descriptor("/proc/self/fd", error);
    double count = -1;  // the one that reads the folder
    for (; !error && descriptor != std::filesystem::directory_iterator{};
         descriptor.increment(error)) {
        ++count;
    }
    if (error) return std::nullopt;
    return count;
}

std::optional<double> descriptorLimit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::nullopt;
    return static_cast<double>(limit.rlim_cur);
}

// Since 1970. See proc(5): `btime` in /proc/stat, `starttime` (field 22) in /proc/self/stat.
std::optional<double> startSeconds() {
    std::ifstream system("/proc/stat");
    std::string word;
    while (system >> word && word != "btime") {
        system.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
    }
    double boot = 0;
    if (!(system >> boot)) return std::nullopt;

    std::ifstream process("/proc/self/stat");
    std::string line;
    if (!std::getline(process, line)) return std::nullopt;
    // Field 2 is the program's name in parentheses, which may contain anything.
    std::istringstream fields(line.substr(line.rfind(')') + 1));
    constexpr int kFieldsBetween = 22 - 3;
    for (int i = 0; i < kFieldsBetween; ++i) fields >> word;
    double ticks = 0;
    if (!(fields >> ticks)) return std::nullopt;
    return boot + ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

void add(std::vector<prometheus::MetricFamily>& families, MetricType type, std::string name,
         std::string help, std::optional<double> value) {
    if (!value) return;
    prometheus::ClientMetric metric;
    (type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = *value;
    families.push_back({std::move(name), std::move(help), type, {std::move(metric)}});
}

}  // namespace

std::vector<prometheus::MetricFamily> processMetrics() {
    std::vector<prometheus::MetricFamily> families;
    add(families, MetricType::Gauge, "process_resident_memory_bytes",
        "Memory of the process that is in RAM.", residentBytes());
    add(families, MetricType::Counter, "process_cpu_seconds_total",
        "CPU time that the process has used.", cpuSeconds());
    add(families, MetricType::Gauge, "process_open_fds", "Open file descriptors.",
        openDescriptors());
    add(families, MetricType::Gauge, "process_max_fds", "How many file descriptors may be open.",
        descriptorLimit());
    add(families, MetricType::Gauge, "process_start_time_seconds",
        "When the process started, in seconds since 1970.", startSeconds());
    return families;
}

}  // namespace hub::metrics
