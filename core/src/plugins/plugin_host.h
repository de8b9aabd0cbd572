#pragma once

#include "hub/hub_services.h"
#include "hub/logger.h"
#include "hub/plugin.h"
#include "hub/plugin_status.h"
#include "plugins/plugin_library.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace hub::plugins {

// Which plugins a host loads.
struct PluginSelection {
    std::filesystem::path directory;    // `ws-transport` is `<directory>/ws-transport.so`
    std::vector<std::string> load;      // names, each once; start order within a kind
    std::vector<std::string> required;  // of these, the ones the hub cannot go on without
};

// The keys one plugin declares; valid as long as the host.
struct PluginOptions {
    std::string_view plugin;
    std::span<const Option> options;
};

// How long one plugin may take to stop. Whatever a call of the hub may wait for within a plugin
// (the store for `Devices::forget`, a reader for `History`) ends clearly sooner, within a second:
// such a call must not make its plugin seem to hang. A store has more, as its disk may be slow.
struct StopLimits {
    std::chrono::milliseconds store{4000};
    std::chrono::milliseconds others{2000};
};

// A required plugin failed. `what()` is one sentence that names it and its reason.
class PluginFailure : public std::runtime_error {
public:
    enum class Step : std::uint8_t { Load, Configure, Start };

    PluginFailure(Step step, std::optional<PluginKind> kind, const std::string& sentence)
        : std::runtime_error(sentence), step_(step), kind_(kind) {}

    [[nodiscard]] Step step() const noexcept { return step_; }
    // Nothing when the plugin could not be loaded.
    [[nodiscard]] std::optional<PluginKind> kind() const noexcept { return kind_; }

private:
    Step step_;
    std::optional<PluginKind> kind_;
};

// All plugins of a hub, and the order of their lives: constructor (loads) -> configure -> start
// -> stop of each kind -> destructor.
//
// Whatever a plugin throws ends here. One that fails is destroyed; if it is required, the step
// throws PluginFailure, otherwise the reason is one line in the log and the others go on. One that
// does not stop in time is left behind, as it is. One thread, but for `status`.
class PluginHost {
public:
    // What stopped plugins have left running.
    enum class Remains : std::uint8_t {
        Nothing,
        Threads,  // one still holds a sink or session, or called the hub after its stop
        Stop,     // one has not returned from `stop`
    };

    using LoggerFactory = std::function<std::unique_ptr<Logger>(std::string_view name)>;
    using ServicesFactory = std::function<std::unique_ptr<HubServices>(Logger& logger)>;

    // Loads the selected plugins. No plugin may declare a key of `core` or of another plugin.
    // Throws PluginFailure.
    PluginHost(const PluginSelection& selection, std::span<const Option> core,
               LoggerFactory make_logger, const StopLimits& stop_limits = {});
    // Stops what still runs. Nothing may remain running then: see `remains`.
    ~PluginHost();
    PluginHost(const PluginHost&) = delete;
    PluginHost& operator=(const PluginHost&) = delete;

    // The keys of the plugins that were loaded, in the order of loading.
    [[nodiscard]] std::vector<PluginOptions> options() const;

    // Gives every plugin those of the `given` values that are its own. Throws PluginFailure.
    void configure(const std::map<std::string, std::string>& given);

    // Starts the stores, then the transports, then the extensions. Each gets services of its own
    // from `make_services`, which refuse once it has stopped; what they refer to must outlive the
    // host. Throws PluginFailure, and has then stopped all that had started.
    void start(const ServicesFactory& make_services);

    // Stops the plugins of one kind, the last started first, each on a thread of its own that is
    // given its limit. Extensions are stopped first, then transports, then stores: the caller
    // has work to do in between.
    void stop(PluginKind kind) noexcept;

    // While it is not Nothing, neither the host nor anything its plugins may use may be destroyed:
    // the process must end without that.
    [[nodiscard]] Remains remains() const;

    // Every selected plugin, in the order of loading. Asks those that run how they are, on the
    // calling thread; none that is being stopped. Any thread.
    [[nodiscard]] std::vector<PluginStatus> status() const;

private:
    class Member;

    void load(Member& member, const std::filesystem::path& directory,
              std::span<const Option> core) const;
    void startKind(PluginKind kind, const ServicesFactory& make_services);
    void stop(const std::shared_ptr<Member>& member);
    void warnOf(const std::string& held, const std::string& plugin);
    void stopAll() noexcept;
    void attempt(Member& member, PluginFailure::Step step, const std::function<void()>& action);

    // Constant after construction.
    const LoggerFactory make_logger_;
    const std::shared_ptr<Logger> logger_;  // shared with the leases of the plugins
    const StopLimits stop_limits_;

    // In the order of loading; none is added or taken after construction. Shared with the threads
    // that stop them.
    std::vector<std::shared_ptr<Member>> members_;
};

}  // namespace hub::plugins
