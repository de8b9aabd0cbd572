#include "command_listener.h"

#include "rule.h"

#include <optional>

namespace hub::robot_interlock {

void CommandListener::listen(Sequence after) {
    // The old one ends first, so that one thread at a time is here.
    listening_ = {};
    listening_ = feed_.listen(TopicFilter::parse("devices/+/command").value(), after, *this);
}

void CommandListener::onEvents(std::span<const Event> events) {
    for (const Event& event : events) {
        if (const auto change = targetChangeOf(event)) hear(*change);
    }
}

// A registration must not end inside a call that came through it.
void CommandListener::onLag(Sequence position) noexcept {
    interlock_.post([this, position] { listen(position); });
}

void CommandListener::hear(const TargetChange& change) {
    const bool pose = isPose(change.command_name);
    // An outcome is also told of a device that is just being forgotten.
    if ((pose || change.move) && isOpen(change.status) && !hasServos(change.target.device_id)) {
        return;
    }
    if (pose) interlock_.heard(change.target, change.status);
    servos_.heard(change);
}

bool CommandListener::hasServos(std::string_view device_id) const {
    const auto device = devices_.find(device_id);
    return device && device->type == kServoType;
}

}  // namespace hub::robot_interlock
