#include "ctl/sim/wheel_controller.h"

#include <array>
#include <chrono>
#include <string_view>

namespace hub::ctl::sim {

namespace {

constexpr std::array<std::string_view, 3> kAlerts{
    R"({"message_type":"alert","alert_type":"collision","message":"bumper pressed, motors stopped"})",
    R"({"message_type":"alert","alert_type":"obstacle","message":"obstacle 14 cm ahead"})",
    R"({"message_type":"alert","alert_type":"warning","message":"motor temperature 71 C"})",
};

}  // namespace

WheelController::WheelController(std::minstd_rand::result_type seed)
    : SimulatedDevice("wheelcontroller"), random_(seed) {}

void WheelController::onOpen(SteadyTime now, Uplink& uplink) {
    uplink.send(R"({"message_type":"registration","device_type":"esp32","metadata":{)"
                R"("device_id":"wheelcontroller","firmware_version":"1.8.0","wheel_count":4,)"
                R"("tags":["simulated"]}})");
    next_alert_ = afterAWhile(now);
}

SteadyTime WheelController::onTime(SteadyTime now, Uplink& uplink) {
    if (next_alert_ <= now) {
        std::uniform_int_distribution<std::size_t> which(0, kAlerts.size() - 1);
        uplink.send(kAlerts[which(random_)]);
        next_alert_ = afterAWhile(now);
    }
    return next_alert_;
}

SteadyTime WheelController::afterAWhile(SteadyTime now) {
    std::uniform_int_distribution<int> seconds(8, 25);
    return now + std::chrono::seconds(seconds(random_));
}

}  // namespace hub::ctl::sim
