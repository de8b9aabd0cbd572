#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace hub::robot_interlock {

// The rule that this plugin keeps: which commands to which types of devices it is about.

inline constexpr std::string_view kServoType = "esp32s3";
inline constexpr std::string_view kWheelType = "esp32";

struct Pose {
    std::string_view word;     // in the route
    std::string_view command;  // to a device of kServoType
};
inline constexpr std::array<Pose, 4> kPoses{{
    {"reset", "resetposition"},
    {"handsup", "handsup"},
    {"headup", "headup"},
    {"headleft", "headleft"},
}};

// True for a command that has the servos strike a pose.
[[nodiscard]] bool isPose(std::string_view command) noexcept;

// True for a command that has the wheels turn.
[[nodiscard]] bool isMovement(std::string_view command) noexcept;

// The pose with this word, if there is one.
[[nodiscard]] std::optional<Pose> poseFrom(std::string_view word) noexcept;

}  // namespace hub::robot_interlock
