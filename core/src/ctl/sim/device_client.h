#pragma once

#include "ctl/sim/backoff.h"
#include "ctl/sim/client_link.h"
#include "ctl/sim/dial.h"
#include "ctl/sim/endpoint.h"
#include "ctl/sim/handshake_queue.h"
#include "ctl/sim/hub_message.h"
#include "ctl/sim/simulated_device.h"
#include "ctl/sim/statistics.h"
#include "net/loop.h"
#include "net/timer.h"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <string_view>

namespace hub::ctl::sim {

// What the devices of a simulation share. Loop's thread only.
struct FleetContext {
    net::Loop& loop;
    Statistics& statistics;
    std::string authority;  // of the hub, for its Host header
    Endpoint endpoint;
    HandshakeQueue handshakes{};
    HubMessageReader reader{};
    std::mt19937 random{std::random_device{}()};
    std::size_t unfinished = 0;            // devices that have not ended
    std::function<void()> all_finished{};  // called when the last of them has
};

// Keeps one simulated device connected: dials, opens the link, carries messages both ways, and when
// the link ends, for whatever reason, waits and begins again, for ever, until it is finished.
class DeviceClient final : Dial::Observer, ClientLink::Observer, Uplink {
public:
    static constexpr std::chrono::seconds kHandshakeLimit{10};  // from dialling to the open link
    static constexpr std::chrono::seconds kProven{10};  // a link that lasted resets the back-off

    // `context` must outlive it.
    DeviceClient(FleetContext& context, std::unique_ptr<SimulatedDevice> device);
    ~DeviceClient() override = default;
    DeviceClient(const DeviceClient&) = delete;
    DeviceClient& operator=(const DeviceClient&) = delete;

    // Begins to connect, as soon as it is this device's turn.
    void start();

    // Ends it: an open link is closed once nothing waits for an acknowledgement any more, anything
    // else at once. Then it counts itself out of `FleetContext::unfinished`.
    void finish();
    // After `finish`: waits for acknowledgements no longer.
    void closeLink();
    // Waits for the hub's part of the closing handshake no longer, either.
    void abort();

private:
    enum class State : std::uint8_t {
        Resting,      // waits before it tries again
        Queued,       // waits for its turn to connect
        Dialling,     // TCP connect in progress
        Handshaking,  // WebSocket handshake in progress
        Open,
        Ended,
    };

    void queue();
    void dial();
    void attemptFailed(std::string_view reason);
    void rest();
    void end();
    void onTimer();
    void act();
    void arm(SteadyTime at);

    void onConnected(net::Descriptor descriptor) override;
    void onRefused(std::string reason) override;
    void onOpen() override;
    void onText(std::string_view text) override;
    void onDrained() override;
    void onEnd(std::string_view reason) override;

    [[nodiscard]] bool hasRoom() const noexcept override;
    void send(std::string_view document) override;

    FleetContext& context_;
    const std::unique_ptr<SimulatedDevice> device_;
    const std::size_t number_;  // in its fleet, from 0 on
    Backoff backoff_;
    net::Timer timer_;  // the next attempt, the end of this one, or what the device does next
    SteadyTime armed_for_ = SteadyTime::max();
    std::unique_ptr<Dial> dial_;  // while Dialling
    ClientLink* link_ = nullptr;  // while Handshaking or Open; owned by its connection
    SteadyTime opened_at_{};
    State state_ = State::Resting;
    bool connected_before_ = false;
    bool failed_before_ = false;  // to connect, before the first link
    bool finishing_ = false;
};

}  // namespace hub::ctl::sim
