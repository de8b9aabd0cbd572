#include "movement_guard.h"

#include "rule.h"

namespace hub::robot_interlock {

std::optional<std::string> MovementGuard::refuse(const Command& command, const Device& target) {
    // One that is offline strikes no pose now: if it is queued, this is asked again.
    if (target.type == kServoType && target.online && isPose(command.name)) {
        interlock_.asked({command.id, target.id});
        return std::nullopt;
    }
    if (target.type == kWheelType && isMovement(command.name) && interlock_.engaged()) {
        return "a servo pose is under way: wheels stand still until 5 s after it";
    }
    return std::nullopt;
}

}  // namespace hub::robot_interlock
