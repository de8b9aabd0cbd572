#pragma once

#include "daemon/control_signals.h"
#include "daemon/core_settings.h"
#include "daemon/process_log.h"
#include "daemon/service_manager.h"
#include "daemon/settings.h"

#include <cstddef>
#include <filesystem>
#include <functional>

namespace hub::daemon {

// The process a hub runs in. What it refers to must outlive the run.
struct HubProcess {
    ProcessLog& log;
    ControlSignals& signals;
    ServiceManager& service_manager;
    std::filesystem::path pid_file;    // empty: none
    bool in_background = false;        // without a terminal, once it serves
    std::function<void()> on_serving;  // the start has succeeded
};

// Checks the whole configuration, that of the plugins included, and touches nothing. Returns how
// many plugins the hub would go on without, which the log names. Throws SettingsError or
// StartFailure.
[[nodiscard]] std::size_t checkHub(const Settings& settings, const CoreSettings& core,
                                   ProcessLog& log);

// The life of a hub: checks the whole configuration before it touches anything, takes the data
// folder, starts the hub with its plugins, tells on stdout where it is found, and stops all in
// order when it is asked to. `core` was read from `settings`.
// Throws SettingsError or StartFailure, both before anything was served.
void runHub(const Settings& settings, const CoreSettings& core, const HubProcess& process);

}  // namespace hub::daemon
