#pragma once

#include "hub/event.h"

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

namespace hub::bench {

// Makes the hub's part of status events: number, time, device, and payloads of 97 bytes. What the
// events point at lives as long as the source.
class EventSource {
public:
    explicit EventSource(std::size_t devices) {
        for (std::size_t i = 0; i < devices; ++i) {
            ids_.push_back("device-" + std::to_string(i));
        }
        for (int i = 0; i < 16384; ++i) {
            char payload[128];
            const int length = std::snprintf(
                payload, sizeof payload,
                R"({"temperature":%.2f,"humidity":%.1f,"battery":%d,"uptime":%d,"state":"measuring","ok":true})",
                15 + i % 1500 / 100.0, 40 + i % 400 / 10.0, i % 101, 1000000 + i * 60);
            payloads_.emplace_back(payload, static_cast<std::size_t>(length));
        }
    }

    // Makes `batch` one of `count` events, each of a random device.
    void fill(std::vector<Event>& batch, std::size_t count) {
        batch.resize(count);
        for (Event& event : batch) {
            const auto device = random_() % ids_.size();
            event.sequence = ++sequence_;
            event.time = Timestamp(std::chrono::microseconds(1'790'000'000'000'000 + sequence_));
            event.device = static_cast<DeviceIndex>(device);
            event.kind = EventKind::Status;
            event.device_id = ids_[device];
            event.name = "status";
            event.payload = payloads_[sequence_ % payloads_.size()];
        }
    }

private:
    std::vector<std::string> ids_;
    std::vector<std::string> payloads_;
    std::mt19937_64 random_{1};
    Sequence sequence_ = 0;
};

}  // namespace hub::bench
