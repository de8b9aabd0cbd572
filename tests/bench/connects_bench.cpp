// A whole fleet that connects at once to the real hubd and is idle then: registrations per second,
// memory of each device, and what the idle fleet costs. Ends with 1 when a gate is missed.
//
// Usage: connects_bench [devices [idle seconds]]
#include "bench/connect_load.h"
#include "bench/measuring.h"
#include "bench/process_use.h"
#include "bench/ws_device.h"
#include "fakes/temporary_folder.h"
#include "integration/hub_process.h"
#include "net/descriptor_limit.h"

#include <chrono>
#include <cstdio>
#include <string>
#include <thread>

namespace {

using hub::bench::anonymousBytes;
using hub::bench::cpuSeconds;

constexpr int kStatusBytes = 200;  // of the payload
constexpr double kLeastConnects = 8'000;
constexpr double kMostKib = 1.5;  // of an idle device

double kibOfEach(std::size_t bytes, std::size_t before, int devices) {
    return (static_cast<double>(bytes) - static_cast<double>(before)) / 1024 / devices;
}

// A status with a payload of `kStatusBytes`.
std::string status() {
    const std::string head = R"({"temperature":21.5,"pad":")";
    const std::string payload = head + std::string(kStatusBytes - head.size() - 2, 'x') + R"("})";
    return R"({"message_type":"status","msg_id":"one","payload":)" + payload + "}";
}

}  // namespace

int main(int argc, char** argv) {
    const int devices = argc > 1 ? std::stoi(argv[1]) : 10'000;
    const int idle_seconds = argc > 2 ? std::stoi(argv[2]) : 10;
    hub::net::raiseDescriptorLimit();
    const hub::fakes::TemporaryFolder folder;
    const hub::integration::HubProcess hub(folder.path());
    hub::bench::ConnectLoad fleet(hub.port());

    const std::size_t empty = anonymousBytes(hub.pid());
    const double begin = cpuSeconds(hub.pid());
    const double seconds = fleet.connect(devices);
    const double cpu = cpuSeconds(hub.pid());
    std::printf(
        "  %d devices connected, registered and acknowledged in %.2f s: %.0f/s;"
        " hubd %.0f us of CPU for each\n",
        devices, seconds, devices / seconds, (cpu - begin) * 1e6 / devices);

    std::this_thread::sleep_for(std::chrono::seconds(idle_seconds));
    const double idle = cpuSeconds(hub.pid()) - cpu;
    const std::size_t connected = anonymousBytes(hub.pid());
    std::printf("  memory: %.1f MiB without devices; %.2f KiB for each that is idle\n",
                static_cast<double>(empty) / 1024 / 1024, kibOfEach(connected, empty, devices));

    fleet.sendToAll(status(), "one");
    const std::size_t reported = anonymousBytes(hub.pid());
    std::printf("  memory: %.2f KiB for each after one status of %d bytes\n",
                kibOfEach(reported, empty, devices), kStatusBytes);
    std::printf("  the idle fleet costs %.2f %% of a core (over %d s)\n", 100 * idle / idle_seconds,
                idle_seconds);
    hub::bench::Gates gates;
    gates.atLeast("connects with registration per second", devices / seconds, kLeastConnects);
    gates.atMost("KiB for each idle device", kibOfEach(connected, empty, devices), kMostKib);
    return gates.exitCode();
}
