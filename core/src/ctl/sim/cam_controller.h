#pragma once

#include "ctl/sim/simulated_device.h"
#include "ctl/sim/statistics.h"

#include <chrono>

namespace hub::ctl::sim {

// `camcontroller` (esp32s3cam): a camera with a microphone. It sends a heartbeat every 5 s,
// acknowledges start_recording at once and refuses any other command.
class CamController final : public SimulatedDevice {
public:
    static constexpr std::chrono::seconds kHeartbeat{5};

    // `statistics` must outlive it.
    explicit CamController(Statistics& statistics);

    void onOpen(SteadyTime now, Uplink& uplink) override;
    void onMessage(const HubMessage& message, SteadyTime now, Uplink& uplink) override;
    SteadyTime onTime(SteadyTime now, Uplink& uplink) override;

private:
    Statistics& statistics_;
    SteadyTime next_heartbeat_ = SteadyTime::max();
};

}  // namespace hub::ctl::sim
