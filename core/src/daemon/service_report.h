#pragma once

#include "daemon/service_manager.h"
#include "hub/time.h"

#include <chrono>
#include <functional>
#include <string>

namespace hub::daemon {

// Tells a service manager regularly how the hub is: one line for people every ten seconds, if it
// has changed, and the sign of life its watchdog waits for, as long as the hub is alive. One
// thread.
class ServiceReport {
public:
    static constexpr std::chrono::seconds kStatusEvery{10};

    // All must outlive it. `alive` may take a second.
    ServiceReport(ServiceManager& manager, const Clock& clock, std::function<std::string()> status,
                  std::function<bool()> alive);

    // Tells what is due, and returns for how long nothing else will be; the first time it also says
    // that the process is ready.
    [[nodiscard]] std::chrono::milliseconds tell();

private:
    void tellStatus();

    // Constant after construction.
    ServiceManager& manager_;
    const Clock& clock_;
    const std::function<std::string()> status_;
    const std::function<bool()> alive_;

    bool ready_ = false;
    std::string told_;
    SteadyTime next_status_;
    SteadyTime next_sign_;
};

}  // namespace hub::daemon
