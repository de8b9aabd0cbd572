#pragma once

#include "hub/command.h"
#include "hub/event.h"

#include <compare>
#include <cstddef>
#include <optional>
#include <string>

namespace hub::robot_interlock {

// One command as far as it concerns one device.
struct TargetKey {
    std::string command_id;
    std::string device_id;

    auto operator<=>(const TargetKey&) const = default;
};

// Where one servo is to turn.
struct ServoMove {
    static constexpr std::size_t kChannels = 10;
    static constexpr double kMaxAngle = 180;

    std::size_t channel = 0;  // below kChannels
    double angle = 0;         // degrees, 0 to kMaxAngle
};

// What an event tells of how a command stands with a device.
struct TargetChange {
    TargetKey target;
    std::string command_name;
    TargetStatus status = TargetStatus::Pending;
    // What the command's payload asks for with `channel` and `angle`. Told in the first change of a
    // device only; nothing when they are absent or out of range.
    std::optional<ServoMove> move;
};

// Nothing for an event of another kind, and for an acknowledgement that came after the outcome,
// which changes nothing.
[[nodiscard]] std::optional<TargetChange> targetChangeOf(const Event& event);

}  // namespace hub::robot_interlock
