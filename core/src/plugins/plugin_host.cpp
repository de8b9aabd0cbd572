#include "plugins/plugin_host.h"

#include <Poco/Exception.h>

#include <algorithm>
#include <exception>
#include <ranges>
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

// Declared in the order of building: the instance goes before the services and the logger it uses.
struct PluginHost::Member {
    std::string name;
    bool required = false;
    PluginState state = PluginState::Failed;
    std::string reason;  // Failed only

    std::unique_ptr<PluginLibrary> library;
    std::unique_ptr<Logger> logger;
    std::unique_ptr<HubServices> services;
    std::unique_ptr<Plugin> plugin;

    [[nodiscard]] std::optional<PluginKind> kind() const {
        return library ? std::optional(library->kind()) : std::nullopt;
    }
};

PluginHost::PluginHost(const PluginSelection& selection, std::span<const Option> core,
                       LoggerFactory make_logger)
    : make_logger_(std::move(make_logger)), logger_(make_logger_("plugins")) {
    for (const std::string& name : selection.load) {
        Member& member = members_.emplace_back();
        member.name = name;
        member.required = std::ranges::count(selection.required, name) > 0;
        attempt(member, PluginFailure::Step::Load, [&] {
            load(member, selection.directory, core);
            member.state = PluginState::Loaded;
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
        for (const Member& other : members_) {
            taken = taken || (other.plugin && declares(other.plugin->options(), option.name));
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
    for (const Member& member : members_) {
        if (member.plugin) {
            all.push_back({member.name, member.plugin->options()});
        }
    }
    return all;
}

void PluginHost::configure(const std::map<std::string, std::string>& given) {
    for (Member& member : members_) {
        if (member.state != PluginState::Loaded) {
            continue;
        }
        attempt(member, PluginFailure::Step::Configure, [&] {
            const std::span<const Option> declared = member.plugin->options();
            std::map<std::string, std::string> own;
            for (const auto& [key, value] : given) {
                if (declares(declared, key)) {
                    own.emplace(key, value);
                }
            }
            member.plugin->configure(Options(declared, own));
            member.state = PluginState::Configured;
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
    for (Member& member : members_) {
        if (member.state != PluginState::Configured || member.kind() != kind) {
            continue;
        }
        attempt(member, PluginFailure::Step::Start, [&] {
            member.services = make_services(*member.logger);
            member.plugin->start(*member.services);
            member.state = PluginState::Started;
        });
    }
}

void PluginHost::stop(PluginKind kind) noexcept {
    for (Member& member : members_ | std::views::reverse) {
        if (member.state == PluginState::Started && member.kind() == kind) {
            member.plugin->stop();
            member.plugin.reset();
            member.services.reset();
            member.state = PluginState::Stopped;
        }
    }
}

void PluginHost::stopAll() noexcept {
    stop(PluginKind::Extension);
    stop(PluginKind::Transport);
    stop(PluginKind::Store);
}

std::vector<PluginStatus> PluginHost::status() const {
    std::vector<PluginStatus> all;
    for (const Member& member : members_) {
        PluginStatus status{member.name, "", member.kind(), member.state, {}};
        if (member.library) {
            status.version = member.library->version();
        }
        if (member.state == PluginState::Failed) {
            status.health = {Health::State::Failed, member.reason};
        } else if (member.state == PluginState::Started) {
            try {
                status.health = member.plugin->health();
            } catch (...) {
                status.health = {Health::State::Failed, reasonInFlight()};
            }
        }
        all.push_back(std::move(status));
    }
    return all;
}

void PluginHost::attempt(Member& member, PluginFailure::Step step,
                         const std::function<void()>& action) {
    try {
        action();
    } catch (...) {
        member.reason = reasonInFlight();
        member.state = PluginState::Failed;
        member.plugin.reset();
        member.services.reset();
        const std::string sentence =
            "plugin " + member.name + " " + std::string(outcomeOf(step)) + ": " + member.reason;
        if (member.required) {
            throw PluginFailure(step, member.kind(), sentence);
        }
        logger_->error(sentence);
    }
}

}  // namespace hub::plugins
