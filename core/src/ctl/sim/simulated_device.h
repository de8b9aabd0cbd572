#pragma once

#include "ctl/sim/hub_message.h"
#include "hub/time.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace hub::ctl::sim {

// A device's open link to the hub, as its firmware sees it.
class Uplink {
public:
    virtual ~Uplink() = default;

    // False while the hub does not read fast enough: what can wait should. When it becomes true
    // again, the device's onTime is called.
    [[nodiscard]] virtual bool hasRoom() const noexcept = 0;

    // Sends one JSON document.
    virtual void send(std::string_view document) = 0;
};

// What a firmware does, apart from sockets and clocks: it is told what happened and when, and
// answers through the uplink it is given. One thread; an uplink is valid during the call.
class SimulatedDevice {
public:
    explicit SimulatedDevice(std::string id) : id_(std::move(id)) {}
    virtual ~SimulatedDevice() = default;
    SimulatedDevice(const SimulatedDevice&) = delete;
    SimulatedDevice& operator=(const SimulatedDevice&) = delete;

    [[nodiscard]] const std::string& id() const noexcept { return id_; }

    // A link opened, the first one or one after a loss.
    virtual void onOpen(SteadyTime now, Uplink& uplink) = 0;

    // The hub said something.
    virtual void onMessage(const HubMessage& message, SteadyTime now, Uplink& uplink);

    // Does what is due. Returns when it wants to be called next, SteadyTime::max() for never.
    // Called after every other call, too.
    virtual SteadyTime onTime(SteadyTime now, Uplink& uplink) = 0;

    // Begin nothing new: the simulation is about to end.
    virtual void retire() noexcept;

    // How many messages wait for the hub's answer.
    [[nodiscard]] virtual std::size_t waiting() const noexcept;

private:
    const std::string id_;
};

}  // namespace hub::ctl::sim
