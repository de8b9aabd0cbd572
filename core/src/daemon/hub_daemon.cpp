#include "daemon/hub_daemon.h"

#include "daemon/console_log.h"
#include "daemon/hub_run.h"
#include "daemon/key_help.h"
#include "daemon/process.h"
#include "daemon/settings_file.h"
#include "daemon/start_failure.h"
#include "plugins/plugin_host.h"

#include <Poco/Util/Option.h>
#include <Poco/Util/OptionException.h>
#include <Poco/Util/OptionProcessor.h>
#include <Poco/Util/OptionSet.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <utility>

namespace hub::daemon {
namespace {

// A flag that sets one key.
struct KeyFlag {
    const char* name;
    const char* key;
    const char* argument;
    const char* meaning;
};

constexpr std::array kKeyFlags = {
    KeyFlag{"port", "hub.port", "PORT", "listen on this TCP port; 0 takes any free one"},
    KeyFlag{"data-dir", "hub.data_dir", "FOLDER", "keep all data in this folder"},
    KeyFlag{"plugin-dir", "plugins.dir", "FOLDER", "load plugins from this folder"},
};

int exitCode(ExitStatus status) { return static_cast<int>(status); }

int refuse(ExitStatus status, const std::exception& reason) {
    ConsoleLogger("hubd").error(reason.what());
    return exitCode(status);
}

}  // namespace

HubDaemon::HubDaemon() : working_directory_(std::filesystem::current_path()) {
    openConsoleLog(STDERR_FILENO, LogLevel::Info);
}

int HubDaemon::run(int argc, char** argv) {
    // Looked through before Poco does: it would report a mistake under an exit code of its own.
    if (const auto mistake = usageError({argv + 1, argv + argc})) {
        std::cerr << "hubd: " << *mistake << " (hubd --help lists all flags)\n";
        return exitCode(ExitStatus::Usage);
    }
    const int status = ServerApplication::run(argc, argv);
    return status == EXIT_CONFIG ? exitCode(ExitStatus::Other) : status;
}

std::optional<std::string> HubDaemon::usageError(const std::vector<std::string>& arguments) {
    Poco::Util::OptionSet known;
    defineOptions(known);
    Poco::Util::OptionProcessor processor(known);
    try {
        for (const std::string& argument : arguments) {
            std::string name;
            std::string value;
            if (!processor.process(argument, name, value)) {
                return "unexpected argument \"" + argument + "\"";
            }
            if (name == "set" && value.find('=') == std::string::npos) {
                return "--set takes key=value, not \"" + value + "\"";
            }
        }
        processor.checkRequired();
    } catch (const Poco::Util::UnknownOptionException& error) {
        std::vector<std::string_view> names;
        for (const auto& option : known) {
            names.push_back(option.fullName());
        }
        return "unknown flag \"" + error.message() + "\"" + didYouMean(error.message(), names);
    } catch (const Poco::Exception& error) {
        return error.displayText();
    }
    return std::nullopt;
}

void HubDaemon::defineOptions(Poco::Util::OptionSet& options) {
    using Poco::Util::Option;
    options.addOption(Option("config", "c", "read settings from this file").argument("FILE"));
    options.addOption(Option("set", "", "set one key").argument("KEY=VALUE").repeatable(true));
    for (const KeyFlag& flag : kKeyFlags) {
        options.addOption(Option(flag.name, "", flag.meaning).argument(flag.argument));
    }
    options.addOption(Option("help", "h", "show this and all keys"));
    options.addOption(Option("version", "", "show the version"));
    ServerApplication::defineOptions(options);
}

void HubDaemon::handleOption(const std::string& name, const std::string& value) {
    ServerApplication::handleOption(name, value);
    if (name == "config") {
        settings_file_ = working_directory_ / value;
    } else if (name == "set") {
        const auto equals = value.find('=');
        flags_.push_back({value.substr(0, equals), value.substr(equals + 1), "--set"});
    } else if (name == "help") {
        wants_help_ = true;
    } else if (name == "version") {
        wants_version_ = true;
    }
    for (const KeyFlag& flag : kKeyFlags) {
        if (name == flag.name) {
            flags_.push_back({flag.key, value, "--" + name});
        }
    }
}

int HubDaemon::main(const std::vector<std::string>&) {
    try {
        if (wants_version_) {
            std::cout << "hubd " HUB_VERSION << std::endl;
        } else if (wants_help_) {
            std::cout << helpText() << std::flush;
        } else {
            prepareProcess();
            const Settings settings = readSettings();
            const CoreSettings core = coreSettings(settings);
            openConsoleLog(STDERR_FILENO, core.log_level);
            runHub(settings, core, [this] { waitForTerminationRequest(); });
        }
        return exitCode(ExitStatus::Stopped);
    } catch (const StartFailure& failure) {
        return refuse(failure.status(), failure);
    } catch (const SettingsError& error) {
        return refuse(ExitStatus::Configuration, error);
    } catch (const std::exception& error) {
        return refuse(ExitStatus::Other, error);
    }
}

Settings HubDaemon::readSettings() const {
    std::vector<Setting> file;
    if (!settings_file_.empty()) {
        file = readSettingsFile(settings_file_);
    }
    return {std::move(file), environmentVariables(), flags_};
}

CoreSettings HubDaemon::coreSettings(const Settings& settings) const {
    return readCoreSettings(settings, working_directory_, executablePath());
}

std::string HubDaemon::helpText() const {
    plugins::PluginSelection selection = coreSettings(readSettings()).plugins;
    selection.required.clear();  // a plugin that cannot be loaded is left out of the help
    const plugins::PluginHost plugins(selection, coreOptions(), makeConsoleLogger);

    std::string text =
        "usage: hubd [flags]\n\nRuns a device hub until SIGTERM or SIGINT.\n\nFlags\n";
    for (const auto& flag : options()) {
        std::string form = flag.shortName().empty() ? "" : "-" + flag.shortName() + ", ";
        form += "--" + flag.fullName() + (flag.takesArgument() ? " " + flag.argumentName() : "");
        form.resize(std::max<std::size_t>(form.size() + 1, 24), ' ');
        text += "  " + form + flag.description() + "\n";
    }
    text +=
        "\nA key is set by a flag, or else by an environment variable (HUB_WS_TIMEOUT for\n"
        "ws.timeout, HUB_PORT for hub.port), or else by a line `key = value` of the file.\n";
    text += keyHelp("the hub", coreOptions());
    for (const plugins::PluginOptions& one : plugins.options()) {
        text += keyHelp(one.plugin, one.options);
    }
    text +=
        "\nExit codes: 0 stopped on request, 1 other, 2 usage, 3 configuration, 4 cannot listen,\n"
        "5 data folder or store unusable, 6 required plugin refused.\n";
    return text;
}

}  // namespace hub::daemon
