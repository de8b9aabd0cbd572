#include "ctl/sim/servos_controller.h"

#include "ctl/sim/command_ack.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace hub::ctl::sim {

namespace {

constexpr std::array<std::string_view, 4> kPoses{"resetposition", "handsup", "headup", "headleft"};

bool isMovement(const HubMessage& command) {
    return std::ranges::find(kPoses, command.command_name) != kPoses.end() ||
           (command.channel && command.angle);
}

}  // namespace

ServosController::ServosController(Statistics& statistics)
    : SimulatedDevice("servoscontroller"), statistics_(statistics) {}

void ServosController::onOpen(SteadyTime now, Uplink& uplink) {
    uplink.send(R"({"message_type":"registration","device_type":"esp32s3","metadata":{)"
                R"("firmware_version":"3.0.2","servo_count":16,"tags":["simulated"]}})");
    next_heartbeat_ = now + kHeartbeat;
}

void ServosController::onMessage(const HubMessage& message, SteadyTime now, Uplink& uplink) {
    if (message.kind != HubMessage::Kind::Command) return;
    if (!isMovement(message)) {
        uplink.send(
            commandRefused(message.command_id, "neither a pose nor a channel and an angle"));
        ++statistics_.commands_answered;
    } else if (movements_.size() == kMaxMovements) {
        uplink.send(commandRefused(message.command_id, "too many movements wait already"));
        ++statistics_.commands_answered;
    } else {
        const SteadyTime begin =
            movements_.empty() ? now : std::max(now, movements_.back().ends_at);
        movements_.push_back({std::string(message.command_id), begin + kMovement});
    }
}

SteadyTime ServosController::onTime(SteadyTime now, Uplink& uplink) {
    if (next_heartbeat_ <= now) {
        uplink.send(R"({"message_type":"heartbeat"})");
        next_heartbeat_ = now + kHeartbeat;
    }
    while (!movements_.empty() && movements_.front().ends_at <= now) {
        uplink.send(commandDone(movements_.front().command_id));
        ++statistics_.commands_answered;
        movements_.pop_front();
    }
    return movements_.empty() ? next_heartbeat_
                              : std::min(next_heartbeat_, movements_.front().ends_at);
}

}  // namespace hub::ctl::sim
