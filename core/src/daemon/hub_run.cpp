#include "daemon/hub_run.h"

#include "daemon/console_log.h"
#include "daemon/core_settings.h"
#include "daemon/data_directory.h"
#include "daemon/listen_address.h"
#include "daemon/process.h"
#include "daemon/start_failure.h"
#include "hub.h"
#include "hub/time.h"
#include "net/socket_address.h"
#include "plugins/plugin_host.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace hub::daemon {
namespace {

// How long stopping waits for the store; and how long it may take at all before the kernel ends a
// process that a plugin holds up, which loses nothing that was acknowledged.
constexpr std::chrono::seconds kDrainLimit{1};
constexpr unsigned kStopLimitSeconds = 5;

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
void refuseUnknown(const Settings& settings, const plugins::PluginHost& plugins, Logger& logger) {
    const auto status = plugins.status();
    const bool incomplete =
        std::ranges::count(status, plugins::PluginState::Failed, &plugins::PluginStatus::state) > 0;
    for (const UnknownSetting& setting : settings.unknown(allOptions(plugins))) {
        if (!incomplete || setting.section_declared) {
            throw SettingsError(setting.sentence);
        }
        logger.warning(setting.sentence + " (left aside: not every plugin could be loaded)");
    }
}

// The program beside hubd that simulates devices.
std::string simulator() { return executablePath().replace_filename("hubctl").string() + " sim"; }

// The three lines a person sees; tests and scripts read the port from the first.
void announce(const HubSettings& settings, std::uint16_t port) {
    const std::string authority = net::authorityOf(settings.address, port);
    std::cout << "hubd " HUB_VERSION " listening on http://" << authority << "\n"
              << "keeps its data in " << settings.data_directory.string() << "\n"
              << "devices connect to ws://" << authority
              << "/ws/{device_id}; simulated ones: " << simulator() << " --url ws://" << authority
              << std::endl;
}

void stop(Hub& hub, plugins::PluginHost& plugins, Logger& logger) {
    logger.info("stopping");
    ::alarm(kStopLimitSeconds);
    hub.stopServing();
    plugins.stop(PluginKind::Extension);
    plugins.stop(PluginKind::Transport);
    const auto stores = plugins.status();
    const bool stored = std::ranges::any_of(stores, [](const plugins::PluginStatus& plugin) {
        return plugin.state == plugins::PluginState::Started && plugin.kind == PluginKind::Store;
    });
    if (!hub.drain(kDrainLimit) && stored) {
        logger.warning(
            "the store could not take everything in time: unacknowledged events are lost");
    }
    plugins.stop(PluginKind::Store);
}

void serve(const Settings& settings, const CoreSettings& core,
           const std::function<void()>& wait_for_stop) {
    // Destroyed in reverse: plugins end before the hub they use, and that before the clock, the
    // logger and the folder.
    ConsoleLogger logger("hub");
    const SystemClock clock;
    std::unique_ptr<DataDirectory> data;
    std::unique_ptr<Hub> hub;
    plugins::PluginHost plugins(core.plugins, coreOptions(), makeConsoleLogger);

    refuseUnknown(settings, plugins, logger);
    plugins.configure(settings.values(allOptions(plugins)));

    data = makeOr<DataDirectory>(ExitStatus::StoreUnusable, core.hub.data_directory);
    hub = makeOr<Hub>(ExitStatus::CannotBind, core.hub, clock, logger);
    plugins.start([&](Logger& plugin_logger) { return hub->services(plugin_logger); });
    if (!isLoopback(core.hub.address)) {
        logger.warning("listening on " + core.hub.address +
                       ": whoever reaches it may connect; there are no credentials and no TLS yet");
    }
    hub->serve();
    announce(core.hub, hub->port());
    wait_for_stop();
    stop(*hub, plugins, logger);
}

}  // namespace

void runHub(const Settings& settings, const CoreSettings& core,
            const std::function<void()>& wait_for_stop) {
    try {
        serve(settings, core, wait_for_stop);
    } catch (const plugins::PluginFailure& failure) {
        throw StartFailure(statusOf(failure), failure.what());
    }
}

}  // namespace hub::daemon
