#include "rule.h"

#include <algorithm>

namespace hub::robot_interlock {

namespace {

constexpr std::array<std::string_view, 8> kMovements{"forward",   "backward",     "left",
                                                     "right",     "MOVE_FORWARD", "MOVE_BACKWARD",
                                                     "TURN_LEFT", "TURN_RIGHT"};

}  // namespace

bool isPose(std::string_view command) noexcept {
    return std::ranges::find(kPoses, command, &Pose::command) != kPoses.end();
}

bool isMovement(std::string_view command) noexcept {
    return std::ranges::find(kMovements, command) != kMovements.end();
}

std::optional<Pose> poseFrom(std::string_view word) noexcept {
    const auto found = std::ranges::find(kPoses, word, &Pose::word);
    if (found == kPoses.end()) return std::nullopt;
    return *found;
}

}  // namespace hub::robot_interlock
