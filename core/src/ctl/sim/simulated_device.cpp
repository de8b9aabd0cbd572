#include "ctl/sim/simulated_device.h"

namespace hub::ctl::sim {

void SimulatedDevice::onMessage(const HubMessage& /*message*/, SteadyTime /*now*/,
                                Uplink& /*uplink*/) {}

void SimulatedDevice::retire() noexcept {}

std::size_t SimulatedDevice::waiting() const noexcept { return 0; }

}  // namespace hub::ctl::sim
