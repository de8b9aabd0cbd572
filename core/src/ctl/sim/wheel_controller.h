#pragma once

#include "ctl/sim/simulated_device.h"

#include <cstdint>
#include <random>

namespace hub::ctl::sim {

// `wheelcontroller` (esp32): a small vehicle. It obeys forward, backward, left, right, stop, lock
// and unlock without ever acknowledging, sends no heartbeat, and warns of what it runs into.
class WheelController final : public SimulatedDevice {
public:
    explicit WheelController(std::minstd_rand::result_type seed);

    void onOpen(SteadyTime now, Uplink& uplink) override;
    SteadyTime onTime(SteadyTime now, Uplink& uplink) override;

private:
    SteadyTime afterAWhile(SteadyTime now);

    std::minstd_rand random_;
    SteadyTime next_alert_ = SteadyTime::max();
};

}  // namespace hub::ctl::sim
