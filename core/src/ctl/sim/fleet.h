#pragma once

#include "ctl/sim/device_client.h"
#include "net/timer.h"

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

namespace hub::ctl::sim {

// All simulated devices of a process and their links to one hub. Loop's thread only.
class Fleet {
public:
    static constexpr std::chrono::seconds kAckLimit{2};    // for what waits when it finishes
    static constexpr std::chrono::seconds kCloseLimit{1};  // for the closing handshakes after that

    // `loop` and `statistics` must outlive it.
    Fleet(net::Loop& loop, const HubUrl& url, const Endpoint& endpoint,
          std::vector<std::unique_ptr<SimulatedDevice>> devices, Statistics& statistics);

    [[nodiscard]] std::size_t size() const noexcept { return clients_.size(); }

    // Begins to connect all of them.
    void start();

    // Lets every device bring to its end what it began, closes the links with 1000 and then calls
    // `finished`, once, soon after kAckLimit and kCloseLimit at the latest. To be called once.
    void finish(std::function<void()> finished);

private:
    void closeLinks();

    FleetContext context_;
    std::deque<DeviceClient> clients_;  // never moved
    net::Timer ack_deadline_;
    net::Timer close_deadline_;
};

}  // namespace hub::ctl::sim
