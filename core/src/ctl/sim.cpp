#include "ctl/sim.h"

#include "ctl/hub_query.h"
#include "ctl/sim/cam_controller.h"
#include "ctl/sim/endpoint.h"
#include "ctl/sim/progress.h"
#include "ctl/sim/sensor.h"
#include "ctl/sim/servos_controller.h"
#include "ctl/sim/simulation.h"
#include "ctl/sim/wheel_controller.h"
#include "hub/device.h"
#include "net/descriptor_limit.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace hub::ctl {

namespace {

using Devices = std::vector<std::unique_ptr<sim::SimulatedDevice>>;

constexpr double kMaxRate = 100'000;
constexpr double kLongestInterval = 1e17;  // nanoseconds: three years
constexpr std::size_t kFirmwares = 4;

constexpr std::array kOptions{
    kUrlOption,
    Option{"count", Option::Type::Number, "0",
           "simulate so many sensors; 0: one of each known firmware", 0, 1'000'000},
    Option{"rate", Option::Type::Text, "1",
           "status messages of each sensor per second, 0 to 100000, decimals allowed"},
    Option{"type", Option::Type::Text, "sensor", "device type the sensors register with"},
    Option{"prefix", Option::Type::Text, "sim-", "what the sensors' ids begin with"},
    Option{"duration", Option::Type::Duration, "0", "stop after this time; 0: run until Ctrl-C", 0,
           31'536'000},
    Option{"quiet", Option::Type::Flag, "false", "show no progress, only the summary"},
};

constexpr std::array<std::string_view, 3> kExamples{
    "hubctl sim",
    "hubctl sim --count 1000 --rate 2 --duration 60",
    "hubctl sim --url http://192.0.2.7:8000 --count 50 --type esp32 --prefix rover-",
};

double parseRate(const std::string& text) {
    double rate = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rate);
    if (error != std::errc() || end != text.data() + text.size() || !(rate >= 0) ||
        rate > kMaxRate) {
        throw UsageError("--rate: \"" + text + "\" is not a number from 0 to 100000");
    }
    return rate;
}

Devices makeFirmwares(sim::Statistics& statistics) {
    const auto seed = static_cast<std::minstd_rand::result_type>(std::random_device{}());
    Devices devices;
    devices.push_back(std::make_unique<sim::WheelController>(seed));
    devices.push_back(std::make_unique<sim::ServosController>(statistics));
    devices.push_back(std::make_unique<sim::CamController>(statistics));
    devices.push_back(std::make_unique<sim::Sensor>("weather-1", "sensor", std::chrono::seconds(1),
                                                    seed, statistics));
    return devices;
}

Devices makeSensors(const Options& options, sim::Statistics& statistics) {
    const auto count = options.number("count");
    const std::string& type = options.text("type");
    const std::string& prefix = options.text("prefix");
    const double rate = parseRate(options.text("rate"));
    if (!isValidDeviceId(prefix + std::to_string(count))) {
        throw UsageError("--prefix: \"" + prefix +
                         "\" makes no device ids: at most 128 of A-Z a-z 0-9 . _ : - with the "
                         "number");
    }
    if (type.empty() || type.size() > 64) {
        throw UsageError("--type: \"" + type + "\" is no device type: 1 to 64 bytes");
    }
    const std::chrono::nanoseconds interval(
        rate > 0 ? std::llround(std::min(1e9 / rate, kLongestInterval)) : 0);
    std::minstd_rand seeds(std::random_device{}());
    Devices devices;
    for (std::int64_t number = 1; number <= count; ++number) {
        devices.push_back(std::make_unique<sim::Sensor>(prefix + std::to_string(number), type,
                                                        interval, seeds(), statistics));
    }
    return devices;
}

Devices makeDevices(const Arguments& arguments, sim::Statistics& statistics) {
    if (arguments.options.number("count") > 0) return makeSensors(arguments.options, statistics);
    for (const std::string_view name : {"rate", "type", "prefix"}) {
        if (arguments.given.contains(name)) {
            throw UsageError("--" + std::string(name) + " is about sensors: give their --count");
        }
    }
    return makeFirmwares(statistics);
}

sim::SimulationSettings settingsFrom(const Options& options) {
    sim::SimulationSettings settings;
    const auto duration = options.duration("duration");
    if (duration > duration.zero()) settings.duration = duration;
    if (options.flag("quiet")) return settings;

    settings.display = sim::Display::Lines;
    if (::isatty(STDOUT_FILENO) == 0) return settings;
    settings.display = sim::Display::Terminal;
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1) {
        settings.width = size.ws_col - std::size_t{1};
    }
    return settings;
}

// Throws UsageError when this process may not open as many sockets.
void provideDescriptors(std::size_t devices) {
    constexpr std::size_t kOthers = 16;  // standard streams, epoll, signals, name service
    const std::size_t granted = net::raiseDescriptorLimit();
    if (granted < devices + kOthers) {
        throw UsageError("--count: " + std::to_string(devices) + " devices need " +
                         std::to_string(devices + kOthers) +
                         " file descriptors, and this process may have " + std::to_string(granted) +
                         ": simulate fewer, or raise the hard limit (ulimit -Hn)");
    }
}

int run(const Arguments& arguments, const Environment& environment) {
    const HubUrl url = urlFor(arguments, environment);

    const auto count = static_cast<std::size_t>(arguments.options.number("count"));
    provideDescriptors(std::max(count, kFirmwares));
    sim::Statistics statistics;
    Devices devices = makeDevices(arguments, statistics);
    const std::size_t total = devices.size();
    const auto endpoint = sim::resolve(url);
    if (!endpoint) throw HubUnreachable(url.text(), endpoint.error().message);

    sim::Simulation simulation(environment.clock, url, *endpoint, std::move(devices), statistics,
                               settingsFrom(arguments.options), environment.out);
    simulation.run();
    if (statistics.connects == 0) {
        throw HubUnreachable(url.text(), statistics.last_failure);
    }
    environment.out << sim::formatSummary(statistics);
    if (statistics.never_in > 0) {
        throw std::runtime_error(sim::formatCount(statistics.never_in) + " of " +
                                 sim::formatCount(total) +
                                 " devices were never let in: " + statistics.last_failure);
    }
    return kDone;
}

}  // namespace

Subcommand simSubcommand() {
    return {{.name = "sim",
             .summary = "Simulate devices that register, report and reconnect.",
             .options = kOptions,
             .examples = kExamples,
             .details = "It is done (0) when every device that tried was let in at least once."},
            run};
}

}  // namespace hub::ctl
