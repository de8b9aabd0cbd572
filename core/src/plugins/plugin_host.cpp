#include "plugins/plugin_host.h"

#include "plugins/lease.h"
#include "plugins/plugin_services.h"
#include "sync/gate.h"

#include <Poco/Exception.h>

#include <algorithm>
#include <exception>
#include <future>
#include <mutex>
#include <ranges>
#include <thread>
#include <utility>

namespace hub::plugins {
namespace {

// What the exception in flight says.
std::string reasonInFlight() {
    try {
        throw;
    } catch (const Poco::Exception& error) {
        return error.displayText();  // what() is only the name of the exception's class
    } catch (const std::exception& error) {
        return error.what();
    } catch (...) {
        return "it threw something that is no std::exception";
    }
}

std::string_view outcomeOf(PluginFailure::Step step) {
    switch (step) {
        case PluginFailure::Step::Load:
            return "cannot be loaded";
        case PluginFailure::Step::Configure:
            return "refuses its configuration";
        case PluginFailure::Step::Start:
            return "cannot start";
    }
    return "";
}

bool declares(std::span<const Option> options, std::string_view name) {
    return std::ranges::find(options, name, &Option::name) != options.end();
}

}  // namespace

// Belongs to the host's thread; `end` to one of its own, `status` to any.
class PluginHost::Member {
public:
    Member(std::string own_name, bool is_required)
        : name(std::move(own_name)), required(is_required) {}

    [[nodiscard]] std::optional<PluginKind> kind() const {
        return library ? std::optional(library->kind()) : std::nullopt;
    }
    [[nodiscard]] PluginState state() const {
        const std::lock_guard lock(mutex_);
        return state_;
    }
    void become(PluginState state, std::string reason = {}) {
        const std::lock_guard lock(mutex_);
        state_ = state;
        reason_ = std::move(reason);
    }

    // The end of one that was started. Returns what it still held when its `stop` had returned.
    std::string end() {
        inquiries_.close();
        plugin->stop();
        std::string held = lease->end();
        plugin.reset();
        return held;
    }

    [[nodiscard]] PluginStatus status() const;

    const std::string name;
    const bool required;
    bool hangs = false;  // its end has not come in time

    // In the order of building: the instance goes before the services and the logger it uses.
    std::unique_ptr<PluginLibrary> library;
    std::unique_ptr<Logger> logger;
    std::shared_ptr<Lease> lease;
    std::unique_ptr<PluginServices> services;
    std::unique_ptr<Plugin> plugin;

private:
    [[nodiscard]] Health askHealth() const;

    mutable sync::Gate inquiries_;  // into `plugin`, once it is started

    // Guarded by mutex_.
    mutable std::mutex mutex_;
    PluginState state_ = PluginState::Failed;
    std::string reason_;  // Failed only
};

PluginStatus PluginHost::Member::status() const {
    PluginStatus status{.name = name, .version = {}, .kind = kind(), .required = required};
    if (library) status.version = library->version();
    {
        const std::lock_guard lock(mutex_);
        status.state = state_;
        status.health.sentence = reason_;
    }
    switch (status.state) {
        case PluginState::Failed:
            status.health.state = Health::State::Failed;
            break;
        case PluginState::Started:
            status.health = askHealth();
            break;
        case PluginState::Loaded:
        case PluginState::Configured:
        case PluginState::Stopped:
            break;
    }
    return status;
}

Health PluginHost::Member::askHealth() const {
    const auto inside = inquiries_.enter();
    if (!inside) return {Health::State::Degraded, "it is being stopped"};
    try {
        return plugin->health();
    } catch (...) {
        return {Health::State::Failed, reasonInFlight()};
    }
}

PluginHost::PluginHost(const PluginSelection& selection, std::span<const Option> core,
                       LoggerFactory make_logger, const StopLimits& stop_limits)
    : make_logger_(std::move(make_logger)),
      logger_(make_logger_("plugins")),
      stop_limits_(stop_limits) {
    for (const std::string& name : selection.load) {
        const bool required = std::ranges::count(selection.required, name) > 0;
        Member& member = *members_.emplace_back(std::make_shared<Member>(name, required));
        attempt(member, PluginFailure::Step::Load, [&] {
            load(member, selection.directory, core);
            member.become(PluginState::Loaded);
        });
    }
}

PluginHost::~PluginHost() { stopAll(); }

void PluginHost::load(Member& member, const std::filesystem::path& directory,
                      std::span<const Option> core) const {
    auto library = std::make_unique<PluginLibrary>(directory / (member.name + ".so"));
    if (library->name() != member.name) {
        throw std::runtime_error("the library calls itself \"" + library->name() +
                                 "\". Name the file after the plugin.");
    }
    auto plugin = library->create();
    for (const Option& option : plugin->options()) {
        bool taken = declares(core, option.name);
        for (const auto& other : members_) {
            taken = taken || (other->plugin && declares(other->plugin->options(), option.name));
        }
        if (taken) {
            throw std::runtime_error("it declares the key \"" + std::string(option.name) +
                                     "\", which is another's. Name keys after the plugin.");
        }
    }
    member.logger = make_logger_(member.name);
    member.library = std::move(library);
    member.plugin = std::move(plugin);
}

std::vector<PluginOptions> PluginHost::options() const {
    std::vector<PluginOptions> all;
    for (const auto& member : members_) {
        if (member->plugin) {
            all.push_back({member->name, member->plugin->options()});
        }
    }
    return all;
}

void PluginHost::configure(const std::map<std::string, std::string>& given) {
    for (const auto& member : members_) {
        if (member->state() != PluginState::Loaded) {
            continue;
        }
        attempt(*member, PluginFailure::Step::Configure, [&] {
            const std::span<const Option> declared = member->plugin->options();
            std::map<std::string, std::string> own;
            for (const auto& [key, value] : given) {
                if (declares(declared, key)) {
                    own.emplace(key, value);
                }
            }
            member->plugin->configure(Options(declared, own));
            member->become(PluginState::Configured);
        });
    }
}

void PluginHost::start(const ServicesFactory& make_services) {
    try {
        startKind(PluginKind::Store, make_services);
        startKind(PluginKind::Transport, make_services);
        startKind(PluginKind::Extension, make_services);
    } catch (...) {
        stopAll();
        throw;
    }
}

void PluginHost::startKind(PluginKind kind, const ServicesFactory& make_services) {
    for (const auto& member : members_) {
        if (member->state() != PluginState::Configured || member->kind() != kind) {
            continue;
        }
        attempt(*member, PluginFailure::Step::Start, [&] {
            auto services = make_services(*member->logger);
            member->lease = std::make_shared<Lease>(member->name, logger_);
            member->services = std::make_unique<PluginServices>(member->lease, std::move(services));
            member->plugin->start(*member->services);
            member->become(PluginState::Started);
        });
    }
}

void PluginHost::stop(PluginKind kind) noexcept {
    for (const auto& member : members_ | std::views::reverse) {
        if (member->state() == PluginState::Started && member->kind() == kind) {
            stop(member);
        }
    }
}

void PluginHost::stop(const std::shared_ptr<Member>& member) {
    const std::chrono::milliseconds limit =
        member->kind() == PluginKind::Store ? stop_limits_.store : stop_limits_.others;
    std::packaged_task<std::string()> end([member] { return member->end(); });
    std::future<std::string> held = end.get_future();
    std::thread thread(std::move(end));
    if (held.wait_for(limit) == std::future_status::ready) {
        thread.join();
        member->become(PluginState::Stopped);
        warnOf(held.get(), member->name);
        return;
    }
    thread.detach();
    member->lease->revoke();
    member->hangs = true;
    member->become(PluginState::Failed, "it does not stop");
    logger_->error("plugin " + member->name + " does not stop: left behind after " +
                   std::to_string(limit.count()) +
                   " ms, and the process will end without waiting for it");
}

void PluginHost::warnOf(const std::string& held, const std::string& plugin) {
    if (held.empty()) return;
    logger_->warning("plugin " + plugin + " still holds " + held +
                     " after its end, which takes nothing any more: a fault of the plugin");
}

void PluginHost::stopAll() noexcept {
    stop(PluginKind::Extension);
    stop(PluginKind::Transport);
    stop(PluginKind::Store);
}

PluginHost::Remains PluginHost::remains() const {
    Remains remains = Remains::Nothing;
    for (const auto& member : members_) {
        if (member->hangs) return Remains::Stop;
        if (member->lease && member->lease->strays()) remains = Remains::Threads;
    }
    return remains;
}

std::vector<PluginStatus> PluginHost::status() const {
    std::vector<PluginStatus> all;
    for (const auto& member : members_) {
        all.push_back(member->status());
    }
    return all;
}

void PluginHost::attempt(Member& member, PluginFailure::Step step,
                         const std::function<void()>& action) {
    try {
        action();
    } catch (...) {
        const std::string reason = reasonInFlight();
        member.become(PluginState::Failed, reason);
        // What a start that threw has attached would call the plugin beyond its end: the plugin
        // was never told to give it back, so that is no fault of it.
        if (member.lease) member.lease->end();
        member.plugin.reset();
        if (member.lease) warnOf(member.lease->end(), member.name);
        const std::string sentence =
            "plugin " + member.name + " " + std::string(outcomeOf(step)) + ": " + reason;
        if (member.required) {
            throw PluginFailure(step, member.kind(), sentence);
        }
        logger_->error(sentence);
    }
}

}  // namespace hub::plugins
