// Commands through the real hubd, from the POST until the device has them, each on disk before it
// is sent: one at a time on a calm hub, without a pause, and beside 20,000 statuses a second; to
// 100 devices at once, and as many as go to 10,000 devices. Ends with 1 when a gate is missed.
//
// Usage: commands_bench [rounds]
#include "bench/command_fleet.h"
#include "bench/measuring.h"
#include "bench/ws_device.h"
#include "fakes/temporary_folder.h"
#include "integration/hub_process.h"
#include "net/descriptor_limit.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

namespace {

using hub::bench::CommandFleet;

constexpr std::size_t kFleet = 100;
constexpr std::size_t kManyDevices = 10'000;
constexpr std::size_t kOperators = 64;
constexpr int kStatusesPerSecond = 20'000;
constexpr std::chrono::milliseconds kNoPause{0};
constexpr std::chrono::milliseconds kPause{3};  // what came before is stored by then

struct Latency {
    double p50_ms = 0;
    double p99_ms = 0;
};

Latency latencyOf(std::vector<double> seconds, const char* what) {
    std::ranges::sort(seconds);
    const Latency latency{seconds[seconds.size() / 2] * 1e3,
                          seconds[seconds.size() * 99 / 100] * 1e3};
    std::printf("  %s: p50 %.3f ms, p99 %.3f ms, most %.3f ms (%zu times)\n", what, latency.p50_ms,
                latency.p99_ms, seconds.back() * 1e3, seconds.size());
    return latency;
}

// Without a pause each waits for the commit of the acknowledgement before it, too.
Latency oneAtATime(CommandFleet& fleet, int rounds, std::chrono::milliseconds pause,
                   const char* what) {
    std::vector<double> seconds;
    for (int i = 0; i < rounds; ++i) {
        std::this_thread::sleep_for(pause);
        const std::size_t device = static_cast<std::size_t>(i) % kFleet;
        seconds.push_back(fleet.post(R"({"device_id":"device-)" + std::to_string(device) +
                                         R"(","command_name":"toggle","payload":{"on":true}})",
                                     1));
    }
    return latencyOf(std::move(seconds), what);
}

// Devices beside the fleet that send so many statuses a second while it lives.
class Traffic {
public:
    explicit Traffic(std::uint16_t port) : thread_([this, port] { run(port); }) {}
    ~Traffic() {
        over_ = true;
        thread_.join();
    }
    Traffic(const Traffic&) = delete;
    Traffic& operator=(const Traffic&) = delete;

private:
    void run(std::uint16_t port) {
        constexpr std::chrono::milliseconds kStep{5};
        constexpr int kInAStep = kStatusesPerSecond / 1000 * static_cast<int>(kStep.count());
        const std::string status = hub::bench::frame(hub::bench::statusText(145));
        std::vector<hub::bench::WsDevice> devices;
        for (int i = 0; i < kInAStep; ++i) devices.emplace_back(port, "busy-" + std::to_string(i));
        for (auto next = std::chrono::steady_clock::now(); !over_; next += kStep) {
            for (auto& device : devices) device.sendAll(status);
            std::this_thread::sleep_until(next + kStep);
        }
    }

    std::atomic<bool> over_ = false;
    std::thread thread_;
};

}  // namespace

int main(int argc, char** argv) {
    const int rounds = argc > 1 ? std::stoi(argv[1]) : 2'000;
    hub::net::raiseDescriptorLimit();
    hub::bench::Gates gates;
    {
        const hub::fakes::TemporaryFolder folder;
        const hub::integration::HubProcess hub(folder.path());
        CommandFleet fleet(hub.port(), kFleet, 1);
        const Latency calm = oneAtATime(fleet, rounds, kPause, "one device, calm");
        oneAtATime(fleet, rounds, kNoPause, "one device, one command right behind the other");
        std::vector<double> to_all;
        for (int i = 0; i < std::max(rounds / 10, 1); ++i) {
            to_all.push_back(fleet.post(R"({"all":true,"command_name":"toggle"})", kFleet));
        }
        const Latency all = latencyOf(std::move(to_all), "100 devices, until the last has it");
        const Traffic traffic(hub.port());
        const Latency busy =
            oneAtATime(fleet, rounds, kNoPause, "one device, beside 20,000 statuses/s");
        gates.atMost("ms to a device, calm, p50", calm.p50_ms, 0.6);
        gates.atMost("ms to a device, calm, p99", calm.p99_ms, 2);
        gates.atMost("ms to a device beside 20,000 statuses/s, p99", busy.p99_ms, 5);
        gates.atMost("ms to the last of 100 devices, p50", all.p50_ms, 2);
    }
    const hub::fakes::TemporaryFolder folder;
    const hub::integration::HubProcess hub(folder.path());
    CommandFleet fleet(hub.port(), kManyDevices, kOperators);
    const double seconds = fleet.post(R"({"all":true,"command_name":"toggle"})", kManyDevices);
    std::printf("  10,000 devices, one command to all: %.1f ms until the last has it\n",
                seconds * 1e3);
    const CommandFleet::Rate rate = fleet.postAsFastAsAnswered(std::chrono::seconds(5));
    std::printf(
        "  10,000 devices, one command each from %zu operators: %.0f/s answered, "
        "%.0f/s received\n",
        kOperators, rate.answered_per_second, rate.received_per_second);
    gates.atLeast("commands per second to 10,000 devices", rate.received_per_second, 10'000);
    return gates.exitCode();
}
