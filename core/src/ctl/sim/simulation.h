#pragma once

#include "ctl/sim/endpoint.h"
#include "ctl/sim/fleet.h"
#include "ctl/sim/progress.h"
#include "ctl/sim/statistics.h"
#include "ctl/sim/stop_signals.h"
#include "net/loop.h"
#include "net/timer.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <ostream>
#include <vector>

namespace hub::ctl::sim {

// How progress is shown.
enum class Display : std::uint8_t {
    None,
    Lines,     // a line every 5 s
    Terminal,  // one line that is rewritten five times a second
};

struct SimulationSettings {
    std::optional<std::chrono::milliseconds> duration;  // nothing: until a signal
    Display display = Display::None;
    std::size_t width = 120;  // of a line, in characters
};

// One run of a fleet, from the first connect to the last close, and what is seen of it meanwhile.
class Simulation {
public:
    // As long as nothing has ever connected, it is tried no longer than this; after that for ever.
    static constexpr std::chrono::seconds kFirstConnectLimit{10};

    // `statistics` are those that `devices` count in; they, `clock` and `out` must outlive it.
    // Throws std::system_error when the system has no descriptors left.
    Simulation(const Clock& clock, const HubUrl& url, const Endpoint& endpoint,
               std::vector<std::unique_ptr<SimulatedDevice>> devices, Statistics& statistics,
               const SimulationSettings& settings, std::ostream& out);

    // Runs on this thread until the duration has passed, SIGINT or SIGTERM comes, or nothing could
    // connect; then ends the fleet in good order. A second signal ends it at once.
    void run();

private:
    void start();
    void stop();
    void onTick();
    void show();

    const SimulationSettings settings_;
    Statistics& statistics_;
    std::ostream& out_;
    net::Loop loop_;
    Fleet fleet_;
    StopSignals signals_;
    net::Timer tick_;
    net::Timer end_;
    ProgressMeter meter_;
    SteadyTime started_at_{};
    SteadyTime shown_at_{};
    bool stopping_ = false;
};

}  // namespace hub::ctl::sim
