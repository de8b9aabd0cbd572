#pragma once

#include "hub/event.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hub::contract {

// Tells what happens to devices, and makes events of it as the hub would: numbered, stamped with a
// time that never decreases, each device with its own index. What the events point at lives as long
// as the story.
class EventStory {
public:
    // 2026-11-23T16:40:00Z, number 1.
    EventStory() = default;
    // Goes on behind what a store has.
    EventStory(Sequence last_sequence, Timestamp last_time)
        : sequence_(last_sequence), time_(last_time) {}

    EventStory& connects(std::string_view device, std::string_view transport = "websocket") {
        Event& event = add(EventKind::Connected, device, "connected", R"({"link":1})");
        event.transport = keep(transport);
        return *this;
    }
    EventStory& disconnects(std::string_view device, OfflineReason reason) {
        Event& event = add(EventKind::Disconnected, device, "disconnected",
                           R"({"reason":")" + std::string(toString(reason)) + R"("})");
        event.reason = reason;
        event.transport = "websocket";
        return *this;
    }
    EventStory& registers(std::string_view device, std::string_view type,
                          std::string_view metadata = "{}") {
        Event& event = add(EventKind::Registration, device, "registration",
                           R"({"device_type":")" + std::string(type) + R"("})");
        event.device_type = keep(type);
        event.metadata = keep(metadata);
        return *this;
    }
    EventStory& reports(std::string_view device, std::string_view state,
                        std::optional<Timestamp> device_time = std::nullopt) {
        Event& event = add(EventKind::Status, device, "status", state);
        event.device_time = device_time;
        return *this;
    }
    EventStory& says(std::string_view device, std::string_view name,
                     std::string_view document = "{}") {
        add(EventKind::Message, device, name, document);
        return *this;
    }
    // The device is deleted; should it be told of again, it is a new one with a new index.
    EventStory& forgets(std::string_view device) {
        add(EventKind::Forgotten, device, "forgotten", "{}");
        devices_.erase(devices_.find(device));
        return *this;
    }
    // Time goes on; between two events it does so by a millisecond.
    EventStory& after(std::chrono::microseconds duration) {
        time_ += duration;
        return *this;
    }

    // What happened since the last time this was asked.
    [[nodiscard]] std::vector<Event> take() { return std::exchange(events_, {}); }

    [[nodiscard]] bool knows(std::string_view device) const { return devices_.contains(device); }
    [[nodiscard]] DeviceIndex indexOf(std::string_view device) const {
        return devices_.find(device)->second;
    }
    [[nodiscard]] Sequence sequence() const { return sequence_; }
    // Of the last event.
    [[nodiscard]] Timestamp time() const { return time_; }

private:
    Event& add(EventKind kind, std::string_view device, std::string_view name,
               std::string_view payload) {
        const auto [found, is_new] =
            devices_.try_emplace(std::string(device), static_cast<DeviceIndex>(next_device_));
        if (is_new) ++next_device_;
        time_ += std::chrono::milliseconds(1);
        Event& event = events_.emplace_back();
        event.sequence = ++sequence_;
        event.time = time_;
        event.device = found->second;
        event.device_id = keep(device);
        event.kind = kind;
        event.name = keep(name);
        event.payload = keep(payload);
        return event;
    }
    std::string_view keep(std::string_view text) { return texts_.emplace_back(text); }

    Sequence sequence_ = 0;
    Timestamp time_{std::chrono::seconds(1'795'452'000)};
    std::map<std::string, DeviceIndex, std::less<>> devices_;
    std::uint32_t next_device_ = 0;
    std::deque<std::string> texts_;
    std::vector<Event> events_;
};

}  // namespace hub::contract
