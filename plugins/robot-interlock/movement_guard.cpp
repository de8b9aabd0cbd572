#include "movement_guard.h"

#include "rule.h"

namespace hub::robot_interlock {

std::optional<std::string> MovementGuard::refuse(const Command& command, const Device& target) {
    // One that is offline strikes no pose now: if it is queued, this is asked again.
    if (target.type == kServoType && target.online && isPose(command.name)) {
        interlock_.asked({command.id, target.id});
        return std::nullopt;
    }
    // An `unlock` that is queued for a robot must not free it in the middle of the next pose.
    if (target.type == kWheelType && (isMovement(command.name) || command.name == "unlock")) {
        return interlock_.objection();
    }
    return std::nullopt;
}

}  // namespace hub::robot_interlock
