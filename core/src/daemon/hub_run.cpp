#include "daemon/hub_run.h"

#include "daemon/core_settings.h"
#include "daemon/data_directory.h"
#include "daemon/listen_address.h"
#include "daemon/log_settings.h"
#include "daemon/pid_file.h"
#include "daemon/process.h"
#include "daemon/service_report.h"
#include "daemon/start_failure.h"
#include "daemon/status_line.h"
#include "daemon/stop_deadline.h"
#include "hub.h"
#include "hub/time.h"
#include "net/socket_address.h"
#include "plugins/plugin_host.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hub::daemon {
namespace {

// How long stopping waits for the store; how long it may take at all before the process is ended,
// which loses nothing that was acknowledged; and when the kernel does that, should even the log
// hang.
constexpr std::chrono::seconds kDrainLimit{1};
constexpr std::chrono::seconds kStopLimit{10};
constexpr unsigned kLastResortSeconds = 12;

ExitStatus statusOf(const plugins::PluginFailure& failure) {
    switch (failure.step()) {
        case plugins::PluginFailure::Step::Load:
            return ExitStatus::PluginRefused;
        case plugins::PluginFailure::Step::Configure:
            return ExitStatus::Configuration;
        case plugins::PluginFailure::Step::Start:
            return failure.kind() == PluginKind::Store ? ExitStatus::StoreUnusable
                                                       : ExitStatus::PluginRefused;
    }
    return ExitStatus::Other;
}

// Makes a `T`; what that throws ends the start with `status`.
template <class T, class... Arguments>
std::unique_ptr<T> makeOr(ExitStatus status, Arguments&&... arguments) {
    try {
        return std::make_unique<T>(std::forward<Arguments>(arguments)...);
    } catch (const std::exception& error) {
        throw StartFailure(status, error.what());
    }
}

std::vector<Option> allOptions(const plugins::PluginHost& plugins) {
    std::vector<Option> all(coreOptions().begin(), coreOptions().end());
    for (const plugins::PluginOptions& one : plugins.options()) {
        all.insert(all.end(), one.options.begin(), one.options.end());
    }
    return all;
}

// A key may belong to a plugin that the hub goes on without; any other unknown one is a mistake.
void refuseUnknown(const Settings& settings, const CoreSettings& core,
                   const plugins::PluginHost& plugins, Logger& logger) {
    const auto status = plugins.status();
    const bool incomplete =
        !core.left_out.empty() ||
        std::ranges::count(status, PluginState::Failed, &PluginStatus::state) > 0;
    for (const UnknownSetting& setting : settings.unknown(allOptions(plugins))) {
        if (!incomplete || setting.section_declared) {
            throw SettingsError(setting.sentence);
        }
        logger.warning(setting.sentence + " (left aside: not every plugin is loaded)");
    }
}

// The program beside hubd that simulates devices.
std::string simulator() { return executablePath().replace_filename("hubctl").string() + " sim"; }

bool hasStarted(const plugins::PluginHost& plugins, PluginKind kind) {
    return std::ranges::any_of(plugins.status(), [kind](const PluginStatus& plugin) {
        return plugin.state == PluginState::Started && plugin.kind == kind;
    });
}

// The lines a person sees; tests and scripts read the port from the first.
void announce(const HubSettings& settings, std::uint16_t port, const plugins::PluginHost& plugins) {
    const std::string authority = net::authorityOf(settings.address, port);
    std::cout << "hubd " HUB_VERSION " listening on http://" << authority << "\n"
              << "keeps its data in " << settings.data_directory.string() << "\n";
    if (hasStarted(plugins, PluginKind::Transport)) {
        std::cout << "devices connect to ws://" << authority
                  << "/ws/{device_id}; simulated ones: " << simulator() << " --url http://"
                  << authority << "\n";
    }
    std::cout.flush();
}

// What the log keeps of a start.
void logStart(Hub& hub, const HubSettings& settings, const plugins::PluginHost& plugins,
              Logger& logger) {
    const std::size_t known = hub.services(logger)->devices().count();
    logger.info("hubd " HUB_VERSION " started: http://" +
                net::authorityOf(settings.address, hub.port()) + ", data in " +
                settings.data_directory.string() + ", " + std::to_string(known) +
                (known == 1 ? " device known" : " devices known"));
    if (!hasStarted(plugins, PluginKind::Store)) {
        logger.warning("no store is attached: nothing devices say is kept");
    }
}

// Ends the process without destroying anything.
void endProcess(ExitStatus status) {
    std::cout.flush();
    std::_Exit(static_cast<int>(status));
}

// What a plugin has left running may use the hub until the last moment: the process ends around it.
void endAroundRemains(const plugins::PluginHost& plugins) {
    switch (plugins.remains()) {
        case plugins::PluginHost::Remains::Nothing:
            return;
        case plugins::PluginHost::Remains::Threads:
            endProcess(ExitStatus::Stopped);
            return;
        case plugins::PluginHost::Remains::Stop:
            endProcess(ExitStatus::Other);
    }
}

std::string_view wordFor(Hub::Drained drained) {
    switch (drained) {
        case Hub::Drained::Stored:
            return "everything is stored";
        case Hub::Drained::NotStored:
            return "not everything is stored";
        case Hub::Drained::NoStore:
            return "there was no store to keep anything";
    }
    return "";
}

// Tells what has become of what was taken in.
[[nodiscard]] Hub::Drained stop(Hub& hub, plugins::PluginHost& plugins, Logger& logger) {
    logger.info("stopping");
    ::alarm(kLastResortSeconds);
    StopDeadline deadline(kStopLimit, logger, [] { endProcess(ExitStatus::Other); });
    deadline.enter("accepting no more connections");
    hub.stopServing();
    deadline.enter("stopping the extensions");
    plugins.stop(PluginKind::Extension);
    deadline.enter("stopping the transports");
    plugins.stop(PluginKind::Transport);
    deadline.enter("storing what was taken in");
    const Hub::Drained drained = hub.drain(kDrainLimit);
    if (drained == Hub::Drained::NotStored) {
        logger.warning(
            "the store could not take everything in time: unacknowledged events are lost");
    }
    deadline.enter("stopping the store");
    plugins.stop(PluginKind::Store);
    return drained;
}

// Says in the log what the safe mode leaves out.
void tellOfSafeMode(const CoreSettings& core, Logger& logger) {
    std::string names;
    for (const std::string& name : core.left_out) {
        names.append(names.empty() ? "" : ", ").append(name);
    }
    logger.warning("safe mode: only the required plugins are loaded, without " +
                   (names.empty() ? "leaving any out" : names));
}

void configure(const Settings& settings, const CoreSettings& core, plugins::PluginHost& plugins,
               Logger& logger) {
    refuseUnknown(settings, core, plugins, logger);
    plugins.configure(settings.values(allOptions(plugins)));
}

// Only now: another hub may have been writing to the log file of this folder.
void openLog(const CoreSettings& core, const HubProcess& process, Logger& logger) {
    if (core.log.to == LogSettings::To::Console) {
        return;
    }
    try {
        process.log.moveTo(openLogTarget(core.log, core.hub.data_directory));
    } catch (const std::runtime_error& error) {
        if (core.log.to == LogSettings::To::File || process.in_background) {
            throw StartFailure(ExitStatus::Configuration, error.what());
        }
        logger.warning(std::string(error.what()) + "; the log stays on the console");
    }
}

void serveUntilStop(Hub& hub, const Clock& clock, const HubProcess& process, Logger& logger) {
    const auto services = hub.services(logger);
    StatusLine line(clock, hub.durable());
    const auto status = [&] {
        return line.text(services->readiness(), hub.online(), hub.durable());
    };
    const auto alive = [&] {
        const bool answers = services->alive();
        if (!answers) {
            logger.error("threads of the hub do not answer: its watchdog is not told it lives");
        }
        return answers;
    };
    ServiceReport report(process.service_manager, clock, status, alive);
    while (!process.signals.waitForStop(report.tell())) {
    }
    process.service_manager.stopping();
}

void serve(const Settings& settings, const CoreSettings& core, const Clock& clock,
           const HubProcess& process, Logger& logger) {
    // Destroyed in reverse: plugins end before the hub they use, and that before the folder.
    std::unique_ptr<DataDirectory> data;
    std::unique_ptr<PidFile> pid_file;
    std::unique_ptr<Hub> hub;
    plugins::PluginHost plugins(core.plugins, coreOptions(), process.log.loggers());
    configure(settings, core, plugins, logger);
    if (process.signals.stopRequested()) {
        logger.info("stopped before the start was complete");
        return;
    }

    data = makeOr<DataDirectory>(ExitStatus::StoreUnusable, core.hub.data_directory);
    if (!process.pid_file.empty()) {
        pid_file = makeOr<PidFile>(ExitStatus::Configuration, process.pid_file);
    }
    openLog(core, process, logger);
    hub = makeOr<Hub>(
        ExitStatus::CannotBind, core.hub,
        HubSurroundings{clock, logger, process.log.tail(), [&] { return plugins.status(); }});
    try {
        plugins.start([&](Logger& plugin_logger) { return hub->services(plugin_logger); });
    } catch (const plugins::PluginFailure& failure) {
        if (plugins.remains() == plugins::PluginHost::Remains::Nothing) throw;
        logger.error(failure.what());
        pid_file.reset();
        endProcess(statusOf(failure));
    }
    if (!process.signals.stopRequested()) {
        if (!isLoopback(core.hub.address)) {
            logger.warning("listening on " + core.hub.address +
                           ": whoever reaches it may connect; there are no credentials and no TLS "
                           "yet");
        }
        hub->serve();
        logStart(*hub, core.hub, plugins, logger);
        announce(core.hub, hub->port(), plugins);
        process.on_serving();
        serveUntilStop(*hub, clock, process, logger);
    }
    const SteadyTime asked = clock.steady();
    const Hub::Drained drained = stop(*hub, plugins, logger);
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(clock.steady() - asked);
    logger.info("stopped in " + std::to_string(took.count()) +
                " ms: " + std::string(wordFor(drained)));
    pid_file.reset();
    endAroundRemains(plugins);
}

// Gives what was thrown at the start its exit code.
template <class Action>
void asStartFailure(const Action& action) {
    try {
        action();
    } catch (const plugins::PluginFailure& failure) {
        throw StartFailure(statusOf(failure), failure.what());
    }
}

}  // namespace

std::size_t checkHub(const Settings& settings, const CoreSettings& core, ProcessLog& log) {
    std::size_t failed = 0;
    asStartFailure([&] {
        plugins::PluginHost plugins(core.plugins, coreOptions(), log.loggers());
        configure(settings, core, plugins, *log.logger("hub"));
        const auto status = plugins.status();
        failed = static_cast<std::size_t>(
            std::ranges::count(status, PluginState::Failed, &PluginStatus::state));
    });
    return failed;
}

void runHub(const Settings& settings, const CoreSettings& core, const HubProcess& process) {
    const auto logger = process.log.logger("hub");
    const SystemClock clock;
    if (core.safe) {
        tellOfSafeMode(core, *logger);
    }
    asStartFailure([&] { serve(settings, core, clock, process, *logger); });
}

}  // namespace hub::daemon
