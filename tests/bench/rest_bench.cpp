// What the REST side of the real hubd answers while 100 devices report once a second: requests per
// second and how long they take, beside what a bare loop sends of the same bytes in the same
// minute; and how long one waits beside a crowd of clients that ask for nothing. Ends with 1 when a
// gate is missed.
//
// Usage: rest_bench [seconds of each [target]]
#include "bench/http_crowd.h"
#include "bench/http_limit.h"
#include "bench/http_load.h"
#include "bench/measuring.h"
#include "bench/process_use.h"
#include "bench/ws_device.h"
#include "fakes/temporary_folder.h"
#include "integration/hub_process.h"
#include "net/descriptor_limit.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace hub::bench;

constexpr int kDevices = 100;
constexpr int kRowsOfEach = 120;
constexpr int kStatusBytes = 145;
constexpr int kCrowd = 1'000;  // that have sent half a request, and as many that are idle
constexpr int kRequestsInCrowd = 50;
constexpr double kMostMsInCrowd = 50;

struct Target {
    std::string path;
    double least_per_second = 0;
};

// Devices that report once a second, spread over it, until this goes out of scope.
class Fleet {
public:
    explicit Fleet(std::uint16_t port) {
        for (int i = 0; i < kDevices; ++i) devices_.emplace_back(port, nameOf(i));
        std::string history;
        for (int i = 0; i < kRowsOfEach; ++i) history += frame(statusText(kStatusBytes));
        history += frame(R"({"message_type":"heartbeat","msg_id":"history"})");
        for (WsDevice& device : devices_) device.sendAll(history);
        for (WsDevice& device : devices_) device.waitFor(R"("msg_id":"history")");
        thread_ = std::thread([this] { report(); });
    }
    ~Fleet() {
        ended_ = true;
        thread_.join();
    }
    Fleet(const Fleet&) = delete;
    Fleet& operator=(const Fleet&) = delete;

    static std::string nameOf(int device) { return "bench-" + std::to_string(device); }

private:
    void report() {
        const std::string status = frame(statusText(kStatusBytes));
        auto next = std::chrono::steady_clock::now();
        for (std::size_t i = 0; !ended_; i = (i + 1) % devices_.size()) {
            devices_[i].sendAll(status);
            next += std::chrono::microseconds(1'000'000 / kDevices);
            std::this_thread::sleep_until(next);
        }
    }

    std::vector<WsDevice> devices_;
    std::atomic<bool> ended_ = false;
    std::thread thread_;
};

void measure(const hub::integration::HubProcess& hub, const Target& target,
             std::chrono::milliseconds duration, Gates& gates) {
    const double cpu = cpuSeconds(hub.pid());
    const HttpLoadResult result =
        runHttpLoad({.port = hub.port(), .target = target.path, .duration = duration});
    const double cores =
        (cpuSeconds(hub.pid()) - cpu) / std::chrono::duration<double>(duration).count();
    const HttpLimit limit(fetch(hub.port(), target.path));
    const HttpLoadResult bare =
        runHttpLoad({.port = limit.port(), .target = target.path, .duration = duration});
    std::printf(
        "  %-42s %7.0f/s  p50 %6.3f ms  p99 %6.3f ms  %6zu bytes  hubd %.2f cores\n"
        "  %-42s %7.0f/s  p50 %6.3f ms  p99 %6.3f ms  ratio %.2f\n",
        target.path.c_str(), result.per_second, result.p50_ms, result.p99_ms, result.answer_bytes,
        cores, "    a bare loop, same bytes", bare.per_second, bare.p50_ms, bare.p99_ms,
        result.per_second / bare.per_second);
    if (target.least_per_second > 0) {
        gates.atLeast(target.path + " per second", result.per_second, target.least_per_second);
    }
}

// Each request on a connection of its own, so that the crowd may hold up that as well.
void measureInCrowd(std::uint16_t port, Gates& gates) {
    const HttpCrowd crowd(port, kCrowd, kCrowd);
    std::vector<double> milliseconds;
    for (int i = 0; i < kRequestsInCrowd; ++i) {
        milliseconds.push_back(1000 * secondsOf([port] { fetch(port, "/health"); }));
    }
    const double most = std::ranges::max(milliseconds);
    std::printf("  %-42s p50 %6.3f ms  max %6.3f ms of %d\n",
                "/health beside half requests and idlers", median(milliseconds), most,
                kRequestsInCrowd);
    gates.atLeast("clients of that crowd still there", static_cast<double>(crowd.count()),
                  2 * kCrowd);
    gates.atMost("/health in a crowd, ms", most, kMostMsInCrowd);
}

}  // namespace

int main(int argc, char** argv) {
    std::vector<Target> targets{{"/health"},
                                {"/api/devices", 15'000},
                                {"/api/state-history/" + Fleet::nameOf(7) + "?limit=100", 6'000}};
    std::chrono::milliseconds duration{3000};
    if (argc > 1) duration = std::chrono::seconds(std::stoi(argv[1]));
    if (argc > 2) targets = {{argv[2]}};
    hub::net::raiseDescriptorLimit();
    const hub::fakes::TemporaryFolder folder;
    const hub::integration::HubProcess hub(folder.path());
    const Fleet fleet(hub.port());
    std::printf("%d devices report once a second; 8 connections, one request under way on each\n",
                kDevices);
    Gates gates;
    for (const Target& target : targets) measure(hub, target, duration, gates);
    measureInCrowd(hub.port(), gates);
    return gates.exitCode();
}
