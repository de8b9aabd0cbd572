#include "robot_interlock_plugin.h"

#include "earlier_run.h"
#include "hub/plugin_export.h"
#include "servo_routes.h"

namespace hub::robot_interlock {

namespace {

// Without a history there is nothing to go on with.
EarlierRun earlierRun(HubServices& hub) {
    if (hub.history() == nullptr) return {};
    const auto run = readEarlierRun(*hub.history(), hub.devices());
    if (run) return run.value();
    hub.logger().warning("whether robots were left locked cannot be read: " + run.error().message +
                         "; send unlock to them if they were");
    return {};
}

}  // namespace

std::span<const Option> RobotInterlockPlugin::options() const noexcept { return {}; }

void RobotInterlockPlugin::configure(const Options&) {}

void RobotInterlockPlugin::start(HubServices& hub) {
    // What happens while the past is read is heard afterwards.
    const Sequence now = hub.events().durable();
    servos_ = std::make_unique<Servos>();
    interlock_ = std::make_unique<Interlock>(
        InterlockSurroundings{hub.commands(), hub.clock(), hub.logger()}, earlierRun(hub));
    listener_ =
        std::make_unique<CommandListener>(hub.events(), hub.devices(), *interlock_, *servos_);
    guard_ = std::make_unique<MovementGuard>(*interlock_);
    try {
        listener_->listen(now);
        attach(hub);
    } catch (...) {
        stop();
        throw;
    }
}

void RobotInterlockPlugin::attach(HubServices& hub) {
    registrations_.push_back(hub.commands().attach(*guard_));
    registrations_.push_back(hub.http().route("GET", "/api/servo/all", [this](const HttpRequest&) {
        return showServos(*servos_, interlock_->posing());
    }));
    registrations_.push_back(hub.http().route(
        "POST", "/api/servo/pose/{pose}", [this, &hub](const HttpRequest& request) {
            return strikePose(*interlock_, hub.commands(), request);
        }));
}

// The interlock's thread ends first: it may be about to listen anew.
void RobotInterlockPlugin::stop() noexcept {
    registrations_.clear();
    interlock_->stop();
    listener_.reset();
}

Health RobotInterlockPlugin::health() const { return interlock_->health(); }

}  // namespace hub::robot_interlock

HUB_EXPORT_PLUGIN(hub::robot_interlock::RobotInterlockPlugin, "robot-interlock", HUB_VERSION,
                  hub::PluginKind::Extension)
