#include "robot_interlock_plugin.h"

#include "hub/plugin_export.h"
#include "servo_routes.h"

namespace hub::robot_interlock {

std::span<const Option> RobotInterlockPlugin::options() const noexcept { return {}; }

void RobotInterlockPlugin::configure(const Options&) {}

void RobotInterlockPlugin::start(HubServices& hub) {
    servos_ = std::make_unique<Servos>();
    interlock_ = std::make_unique<Interlock>(
        InterlockSurroundings{hub.commands(), hub.devices(), hub.clock(), hub.logger()});
    listener_ = std::make_unique<CommandListener>(hub.events(), hub.devices(), hub.history(),
                                                  *interlock_, *servos_);
    guard_ = std::make_unique<MovementGuard>(*interlock_);
    try {
        attach(hub);
        interlock_->start([this] { return listener_->listen(); });
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

// The interlock goes first: routes wait for it, and its thread may be about to listen anew. The
// guard objects until it is detached.
void RobotInterlockPlugin::stop() noexcept {
    interlock_->stop();
    registrations_.clear();
    listener_.reset();
}

Health RobotInterlockPlugin::health() const { return interlock_->health(); }

}  // namespace hub::robot_interlock

HUB_EXPORT_PLUGIN(hub::robot_interlock::RobotInterlockPlugin, "robot-interlock", HUB_VERSION,
                  hub::PluginKind::Extension)
