#include "command_listener.h"

#include "earlier_run.h"
#include "rule.h"

#include <exception>
#include <string>

namespace hub::robot_interlock {

Result<void> CommandListener::listen() {
    // The old one ends first, so that one thread at a time is here.
    listening_ = {};
    servos_.forgetMoves();
    try {
        // What happens while the history is read is heard afterwards.
        const Sequence now = feed_.durable();
        if (history_ != nullptr) {
            const auto run = readEarlierRun(*history_, devices_);
            if (!run) return run.error();
            interlock_.restart(*run);
        }
        listening_ = feed_.listen(TopicFilter::parse("devices/+/command").value(), now, *this);
    } catch (const std::exception& error) {
        return Error{Error::Kind::Unavailable, error.what()};
    }
    return {};
}

// What is missed is read in the history.
void CommandListener::onEvents(std::span<const Event> events) noexcept {
    try {
        for (const Event& event : events) {
            if (const auto change = targetChangeOf(event)) hear(*change);
        }
    } catch (...) {
        interlock_.lost();
    }
}

// A registration must not end inside a call that came through it: so the interlock's thread listens
// anew.
void CommandListener::onLag(Sequence) noexcept { interlock_.lost(); }

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
