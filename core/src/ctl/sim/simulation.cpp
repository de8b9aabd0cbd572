#include "ctl/sim/simulation.h"

#include <utility>

namespace hub::ctl::sim {

namespace {

constexpr std::chrono::milliseconds kTick{200};
constexpr std::chrono::seconds kLineInterval{5};
constexpr std::chrono::seconds kTerminalWindow{1};

SteadyTime::duration meterWindow(Display display) {
    return display == Display::Terminal ? kTerminalWindow : kLineInterval;
}

}  // namespace

Simulation::Simulation(const Clock& clock, const HubUrl& url, const Endpoint& endpoint,
                       std::vector<std::unique_ptr<SimulatedDevice>> devices,
                       Statistics& statistics, const SimulationSettings& settings,
                       std::ostream& out)
    : settings_(settings),
      statistics_(statistics),
      out_(out),
      loop_(clock),
      fleet_(loop_, url, endpoint, std::move(devices), statistics),
      signals_(loop_, [this] { stop(); }),
      tick_(loop_, [this] { onTick(); }),
      end_(loop_, [this] { stop(); }),
      meter_(meterWindow(settings.display), clock.steady()) {}

void Simulation::run() {
    loop_.post([this] { start(); });
    loop_.run();
    if (settings_.display == Display::Terminal) out_ << std::endl;
}

void Simulation::start() {
    if (stopping_) return;  // by a signal that came first
    started_at_ = shown_at_ = loop_.now();
    if (settings_.duration) end_.arm(started_at_ + *settings_.duration);
    tick_.arm(started_at_ + kTick);
    fleet_.start();
}

void Simulation::stop() {
    if (std::exchange(stopping_, true)) {
        loop_.stop();
    } else {
        end_.disarm();
        fleet_.finish([this] { loop_.stop(); });
    }
}

void Simulation::onTick() {
    const SteadyTime now = loop_.now();
    tick_.arm(now + kTick);
    const bool hopeless = statistics_.connects == 0 && now - started_at_ >= kFirstConnectLimit;
    if (hopeless && !stopping_) stop();
    if (settings_.display == Display::Terminal ||
        (settings_.display == Display::Lines && now - shown_at_ >= kLineInterval)) {
        shown_at_ = now;
        show();
    }
}

void Simulation::show() {
    const Progress progress = meter_.read(fleet_.size(), statistics_, loop_.now());
    const std::string line = formatProgress(progress, settings_.width);
    if (settings_.display == Display::Terminal) {
        out_ << '\r' << line << "\x1b[K" << std::flush;  // what is left of a longer line goes
    } else {
        out_ << line << std::endl;
    }
}

}  // namespace hub::ctl::sim
