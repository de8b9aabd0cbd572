#pragma once

#include "hub/command.h"
#include "hub/event.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
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
    EventStory(Sequence last_sequence, Timestamp last_time, CommandNumber last_command = {})
        : sequence_(last_sequence), time_(last_time), command_(last_command) {}

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
    // A command is recorded for so many devices; how it stands with each of them `stands` tells. It
    // gets its number, its time and, unless it has one, an id.
    CommandNumber records(CommandRecord record, std::uint32_t target_count) {
        command_ = static_cast<CommandNumber>(static_cast<std::uint64_t>(command_) + 1);
        record.number = command_;
        record.created = time_;
        if (record.command.id.empty()) {
            record.command.id = "command-" + std::to_string(static_cast<std::uint64_t>(command_));
        }
        CommandSoFar& command = commands_[command_];
        command.record = &records_.emplace_back(std::move(record));
        command.progress.target_count = target_count;
        command.counts.by_status[static_cast<std::size_t>(TargetStatus::Pending)] = target_count;
        command.progress.status = statusOf(command.counts);
        if (target_count == 0) command.progress.completed = time_;
        add(EventKind::CommandRecorded, command.record->command.payload, command, {});
        return command_;
    }
    // A command stands with a device in another way than before; at first it is pending.
    EventStory& stands(CommandNumber number, std::string_view device, TargetStatus status,
                       std::string_view payload = "{}") {
        CommandSoFar& command = commands_[number];
        TargetStatus& target = command.targets[std::string(device)];
        --command.counts.by_status[static_cast<std::size_t>(target)];
        ++command.counts.by_status[static_cast<std::size_t>(status)];
        target = status;
        if (status == TargetStatus::Sent) {
            ++command.counts.ever_sent;
            if (!command.progress.executed) command.progress.executed = time_;
        }
        command.progress.status = statusOf(command.counts);
        command.progress.success_count = command.counts[TargetStatus::AckSuccess];
        if (command.counts.open() == 0) command.progress.completed = time_;
        add(EventKind::CommandTarget, payload, command, {.target = status}, device);
        return *this;
    }
    // A device acknowledges a command whose outcome it has already.
    EventStory& acknowledgesLate(CommandNumber number, std::string_view device,
                                 std::string_view payload = R"({"late":true})") {
        add(EventKind::CommandTarget, payload, commands_[number],
            {.target = TargetStatus::AckSuccess, .late = true}, device);
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
    [[nodiscard]] const CommandRecord& recordOf(CommandNumber number) const {
        return *commands_.at(number).record;
    }
    [[nodiscard]] const CommandProgress& progressOf(CommandNumber number) const {
        return commands_.at(number).progress;
    }
    // How a command stands with the devices it was told of.
    [[nodiscard]] const std::map<std::string, TargetStatus, std::less<>>& targetsOf(
        CommandNumber number) const {
        return commands_.at(number).targets;
    }

private:
    struct CommandSoFar {
        const CommandRecord* record = nullptr;
        CommandProgress progress;
        TargetCounts counts;
        std::map<std::string, TargetStatus, std::less<>> targets;
    };

    void add(EventKind kind, std::string_view payload, const CommandSoFar& command,
             CommandChange change, std::string_view device = {}) {
        change.record = command.record;
        change.progress = command.progress;
        Event& event =
            device.empty() ? add(kind, "command", payload) : add(kind, device, "command", payload);
        event.command = &changes_.emplace_back(change);
    }
    Event& add(EventKind kind, std::string_view device, std::string_view name,
               std::string_view payload) {
        const auto [found, is_new] =
            devices_.try_emplace(std::string(device), static_cast<DeviceIndex>(next_device_));
        if (is_new) ++next_device_;
        Event& event = add(kind, name, payload);
        event.device = found->second;
        event.device_id = keep(device);
        return event;
    }
    Event& add(EventKind kind, std::string_view name, std::string_view payload) {
        time_ += std::chrono::milliseconds(1);
        Event& event = events_.emplace_back();
        event.sequence = ++sequence_;
        event.time = time_;
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
    CommandNumber command_{};
    std::map<CommandNumber, CommandSoFar> commands_;
    std::deque<CommandRecord> records_;
    std::deque<CommandChange> changes_;
    std::deque<std::string> texts_;
    std::vector<Event> events_;
};

}  // namespace hub::contract
