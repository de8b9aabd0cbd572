#pragma once

#include "command_listener.h"
#include "hub/plugin.h"
#include "hub/registration.h"
#include "interlock.h"
#include "movement_guard.h"
#include "servos.h"

#include <memory>
#include <vector>

namespace hub::robot_interlock {

// Has the wheels of a robot stand still while its servos strike a pose: see README.md. It has no
// options.
class RobotInterlockPlugin final : public Plugin {
public:
    [[nodiscard]] std::span<const Option> options() const noexcept override;
    void configure(const Options& options) override;
    void start(HubServices& hub) override;
    void stop() noexcept override;
    [[nodiscard]] Health health() const override;

private:
    void attach(HubServices& hub);

    // From start to stop. What stands further down uses what stands above it.
    std::unique_ptr<Servos> servos_;
    std::unique_ptr<Interlock> interlock_;
    std::unique_ptr<CommandListener> listener_;
    std::unique_ptr<MovementGuard> guard_;
    std::vector<Registration> registrations_;  // the guard and the routes
};

}  // namespace hub::robot_interlock
