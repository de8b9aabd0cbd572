// What the REST side of the real hubd answers while 100 devices report once a second: requests per
// second and how long they take, beside what a bare loop sends of the same bytes in the same
// minute.
//
// Usage: rest_bench [seconds of each [target]]
#include <atomic>
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "bench/http_limit.h"
#include "bench/http_load.h"
#include "bench/process_use.h"
#include "bench/ws_device.h"
#include "fakes/temporary_folder.h"
#include "integration/hub_process.h"

namespace {

using namespace hub::bench;

constexpr int kDevices = 100;
constexpr int kRowsOfEach = 120;
constexpr int kStatusBytes = 145;

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

void measure(const hub::integration::HubProcess& hub, const std::string& target,
             std::chrono::milliseconds duration) {
    const double cpu = cpuSeconds(hub.pid());
    const HttpLoadResult result =
        runHttpLoad({.port = hub.port(), .target = target, .duration = duration});
    const double cores =
        (cpuSeconds(hub.pid()) - cpu) / std::chrono::duration<double>(duration).count();
    const HttpLimit limit(fetch(hub.port(), target));
    const HttpLoadResult bare =
        runHttpLoad({.port = limit.port(), .target = target, .duration = duration});
    std::printf(
        "  %-42s %7.0f/s  p50 %6.3f ms  p99 %6.3f ms  %6zu bytes  hubd %.2f cores\n"
        "  %-42s %7.0f/s  p50 %6.3f ms  p99 %6.3f ms  ratio %.2f\n",
        target.c_str(), result.per_second, result.p50_ms, result.p99_ms, result.answer_bytes, cores,
        "    a bare loop, same bytes", bare.per_second, bare.p50_ms, bare.p99_ms,
        result.per_second / bare.per_second);
}

}  // namespace

int main(int argc, char** argv) {
    std::vector<std::string> targets{"/health", "/api/devices",
                                     "/api/state-history/" + Fleet::nameOf(7) + "?limit=100"};
    std::chrono::milliseconds duration{3000};
    if (argc > 1) duration = std::chrono::seconds(std::stoi(argv[1]));
    if (argc > 2) targets = {argv[2]};
    const hub::fakes::TemporaryFolder folder;
    const hub::integration::HubProcess hub(folder.path());
    const Fleet fleet(hub.port());
    std::printf("%d devices report once a second; 8 connections, one request under way on each\n",
                kDevices);
    for (const std::string& target : targets) measure(hub, target, duration);
    return 0;
}
