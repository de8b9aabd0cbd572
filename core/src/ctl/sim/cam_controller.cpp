#include "ctl/sim/cam_controller.h"

#include "ctl/sim/command_ack.h"

namespace hub::ctl::sim {

CamController::CamController(Statistics& statistics)
    : SimulatedDevice("camcontroller"), statistics_(statistics) {}

void CamController::onOpen(SteadyTime now, Uplink& uplink) {
    uplink.send(R"({"message_type":"registration","device_type":"esp32s3cam","metadata":{)"
                R"("firmware_version":"1.2.5","camera":"OV2640","audio":{"codec":"pcm_s16le",)"
                R"("sample_rate":16000,"channels":1},"tags":["simulated"]}})");
    next_heartbeat_ = now + kHeartbeat;
}

void CamController::onMessage(const HubMessage& message, SteadyTime /*now*/, Uplink& uplink) {
    if (message.kind != HubMessage::Kind::Command) return;
    uplink.send(message.command_name == "start_recording"
                    ? commandDone(message.command_id)
                    : commandRefused(message.command_id, "a camera knows start_recording only"));
    ++statistics_.commands_answered;
}

SteadyTime CamController::onTime(SteadyTime now, Uplink& uplink) {
    if (next_heartbeat_ <= now) {
        uplink.send(R"({"message_type":"heartbeat"})");
        next_heartbeat_ = now + kHeartbeat;
    }
    return next_heartbeat_;
}

}  // namespace hub::ctl::sim
