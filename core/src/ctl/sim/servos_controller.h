#pragma once

#include "ctl/sim/simulated_device.h"
#include "ctl/sim/statistics.h"

#include <chrono>
#include <deque>
#include <string>

namespace hub::ctl::sim {

// `servoscontroller` (esp32s3): a figure moved by servos. It sends a heartbeat every 5 s and
// answers every command: a pose (resetposition, handsup, headup, headleft) or one servo (a payload
// with channel and angle) with success once the movement has ended, anything else with an error at
// once. Movements run one after the other, also over a loss of the link.
class ServosController final : public SimulatedDevice {
public:
    static constexpr std::chrono::seconds kHeartbeat{5};
    static constexpr std::chrono::milliseconds kMovement{1'000};
    static constexpr std::size_t kMaxMovements = 32;  // more are answered with an error

    // `statistics` must outlive it.
    explicit ServosController(Statistics& statistics);

    void onOpen(SteadyTime now, Uplink& uplink) override;
    void onMessage(const HubMessage& message, SteadyTime now, Uplink& uplink) override;
    SteadyTime onTime(SteadyTime now, Uplink& uplink) override;

private:
    struct Movement {
        std::string command_id;
        SteadyTime ends_at;
    };

    Statistics& statistics_;
    SteadyTime next_heartbeat_ = SteadyTime::max();
    std::deque<Movement> movements_;  // in the order of their ends
};

}  // namespace hub::ctl::sim
