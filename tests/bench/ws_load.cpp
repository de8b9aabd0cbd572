#include "bench/ws_load.h"

#include "bench/ws_device.h"

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace hub::bench {

namespace {

using std::chrono::steady_clock;

// Frames in one send: about 40 KiB, so that the generator costs little beside the hub.
constexpr int kFramesPerSend = 256;

double secondsSince(steady_clock::time_point begin) {
    return std::chrono::duration<double>(steady_clock::now() - begin).count();
}

// Sends each device's part while its socket takes it.
void sendStatuses(std::vector<WsDevice>& devices, const WsLoad& load) {
    const std::string one = frame(statusText(load.text_bytes));
    std::string many;
    for (int i = 0; i < std::min(kFramesPerSend, load.messages); ++i) many += one;
    const std::string last = frame(R"({"message_type":"heartbeat","msg_id":"end"})");
    const std::size_t total = one.size() * static_cast<std::size_t>(load.messages);

    std::vector<std::size_t> sent(devices.size(), 0);
    std::vector<pollfd> writable;
    for (const WsDevice& device : devices) writable.push_back({device.descriptor(), POLLOUT, 0});
    for (std::size_t unfinished = devices.size(); unfinished > 0;) {
        if (poll(writable.data(), writable.size(), 60'000) <= 0)
            throw std::runtime_error("load: the hub takes nothing");
        for (std::size_t i = 0; i < devices.size(); ++i) {
            if (writable[i].fd < 0 || !(writable[i].revents & POLLOUT)) continue;
            if (sent[i] < total) {
                const std::size_t offset = sent[i] % many.size();
                std::size_t at = offset;
                const std::size_t end = std::min(many.size(), offset + (total - sent[i]));
                devices[i].send(std::string_view(many).substr(0, end), at);
                sent[i] += at - offset;
            } else {
                std::size_t at = sent[i] - total;
                devices[i].send(last, at);
                sent[i] = total + at;
                if (at == last.size()) {
                    writable[i].fd = -1;
                    --unfinished;
                }
            }
        }
    }
}

}  // namespace

WsLoadResult runWsLoad(const WsLoad& load) {
    WsLoadResult result;
    auto begin = steady_clock::now();
    std::vector<WsDevice> devices;
    devices.reserve(static_cast<std::size_t>(load.devices));
    for (int i = 0; i < load.devices; ++i) {
        devices.emplace_back(load.port, "bench-" + std::to_string(i));
    }
    for (WsDevice& device : devices) device.waitFor(WsDevice::kRegistered);
    result.connect_seconds = secondsSince(begin);

    begin = steady_clock::now();
    sendStatuses(devices, load);
    for (WsDevice& device : devices) device.waitFor(R"("msg_id":"end")");
    result.seconds = secondsSince(begin);
    return result;
}

}  // namespace hub::bench
