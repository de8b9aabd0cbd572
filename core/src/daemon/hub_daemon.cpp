#include "daemon/hub_daemon.h"

#include "daemon/console_target.h"
#include "daemon/control_signals.h"
#include "daemon/hub_run.h"
#include "daemon/key_help.h"
#include "daemon/plugin_list.h"
#include "daemon/process.h"
#include "daemon/service_manager.h"
#include "daemon/settings_file.h"
#include "daemon/start_failure.h"
#include "plugins/plugin_host.h"

#include <Poco/Logger.h>
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

struct Flag {
    const char* name;
    const char* letter;
    const char* argument;  // "" when it takes none
    const char* meaning;
    const char* key;  // the one it sets; "" when it does something else
};

constexpr std::array kFlags = {
    Flag{"config", "c", "FILE", "read this file, and then conf.d/*.properties beside it", ""},
    Flag{"set", "", "KEY=VALUE", "set one key; may be given many times", ""},
    Flag{"port", "", "PORT", "listen on this TCP port; 0 takes any free one", "hub.port"},
    Flag{"data-dir", "", "FOLDER", "keep all data in this folder", "hub.data_dir"},
    Flag{"plugin-dir", "", "FOLDER", "load plugins from this folder", "plugins.dir"},
    Flag{"safe", "", "", "load only the plugins of plugins.required", ""},
    Flag{"daemon", "", "", "go into the background once the hub serves", ""},
    Flag{"pidfile", "", "FILE", "keep the process number in this file while running", ""},
    Flag{"check-config", "", "", "check the configuration, touch nothing, and end", ""},
    Flag{"list-plugins", "", "", "show which plugins there are, and end", ""},
    Flag{"help", "h", "", "show this and all keys, and end", ""},
    Flag{"version", "", "", "show the version, and end", ""},
};

constexpr const char* kExamples =
    "  hubd                                      data in ./var, on http://127.0.0.1:8000\n"
    "  hubd --port 8080 --data-dir /srv/hub\n"
    "  hubd --config /etc/hub/hubd.properties --check-config\n"
    "  hubd --config /etc/hub/hubd.properties --daemon --pidfile /run/hubd.pid\n"
    "  hubd --set presence.timeout=30 --set log.levels=ws-transport=debug\n"
    "  HUB_ADDRESS=0.0.0.0 hubd\n";

constexpr const char* kSignals =
    "\nSignals\n"
    "  TERM, INT, QUIT  stop in order; a second one ends the process at once\n"
    "  HUP              open the log file again; without one, stop if a terminal has closed\n";

constexpr const char* kExitCodes =
    "\nExit codes\n"
    "  0  stopped on request, or what was asked for is done\n"
    "  1  anything else, such as a stop that was cut short\n"
    "  2  the command line cannot be understood\n"
    "  3  the configuration is wrong, or, with --check-config, a plugin cannot run with it\n"
    "  4  the address and port cannot be listened on\n"
    "  5  the data folder or the store cannot be used\n"
    "  6  a required plugin cannot be loaded or started\n";

int exitCode(ExitStatus status) { return static_cast<int>(status); }

std::unique_ptr<ProcessLog> consoleLog(const Clock& clock, const LogSettings& settings) {
    return std::make_unique<ProcessLog>(
        clock, settings.levels, std::make_unique<ConsoleTarget>(STDERR_FILENO, settings.format));
}

// A hub that goes on without a plugin is better than none, but not what its configuration asks for.
void check(const Settings& settings, const CoreSettings& core, ProcessLog& log) {
    const std::size_t failed = checkHub(settings, core, log);
    if (failed > 0) {
        throw SettingsError("configuration is wrong: the hub would start without " +
                            std::to_string(failed) +
                            (failed == 1 ? " plugin that it names" : " plugins that it names"));
    }
    std::cout << "configuration is valid" << std::endl;
}

// A flag as it was written, without its value.
std::string flagIn(const std::string& argument) { return argument.substr(0, argument.find('=')); }

int refuse(ProcessLog& log, ExitStatus status, const std::exception& reason) {
    log.logger("hubd")->error(reason.what());
    if (log.moved()) {  // but whoever has started it looks at the console
        std::cerr << "hubd: " << reason.what() << "\n";
    }
    return exitCode(status);
}

}  // namespace

HubDaemon::HubDaemon() : working_directory_(std::filesystem::current_path()) {
    Poco::Logger::setLevel("", 0);  // what Poco logs of its own steps is of no use here
}

int HubDaemon::run(int argc, char** argv) {
    // Looked through before Poco does: it would report a mistake under an exit code of its own.
    if (const auto mistake = usageError({argv + 1, argv + argc})) {
        std::cerr << "hubd: " << *mistake << " (hubd --help lists all flags)\n";
        return exitCode(ExitStatus::Usage);
    }
    try {
        // Not Poco's run(argc, argv), whose --daemon forks first of all and so fails unseen.
        init(argc, argv);
        if (wants_background_ && task_ == Task::Serve) {
            background_.emplace();
            if (background_->inForeground()) {
                return background_->wait();
            }
        }
        const int status = ServerApplication::run();
        return status == EXIT_CONFIG ? exitCode(ExitStatus::Other) : status;
    } catch (const std::exception& error) {
        std::cerr << "hubd: " << error.what() << "\n";
        return exitCode(ExitStatus::Other);
    }
}

std::optional<std::string> HubDaemon::usageError(const std::vector<std::string>& arguments) {
    Poco::Util::OptionSet known;
    defineOptions(known);
    Poco::Util::OptionProcessor processor(known);
    std::string flag;  // the one at hand
    try {
        for (const std::string& argument : arguments) {
            flag = flagIn(argument);
            std::string name;
            std::string value;
            if (!processor.process(argument, name, value)) {
                return "unexpected argument \"" + argument + "\"";
            }
            if (name == "set" && value.find('=') == std::string::npos) {
                return "--set takes key=value, not \"" + value + "\"";
            }
            if ((name == "config" || name == "pidfile") && value.empty()) {
                return "--" + name + " takes the name of a file";
            }
        }
        processor.checkRequired();
    } catch (const Poco::Util::UnknownOptionException& error) {
        std::vector<std::string_view> names;
        for (const auto& option : known) {
            names.push_back(option.fullName());
        }
        return "unknown flag \"" + error.message() + "\"" + didYouMean(error.message(), names);
    } catch (const Poco::Util::MissingArgumentException&) {
        return flag + " needs a value";
    } catch (const Poco::Util::UnexpectedArgumentException&) {
        return flag + " takes no value";
    } catch (const Poco::Util::AmbiguousOptionException&) {
        return flag + " may mean several flags; write the whole name";
    } catch (const Poco::Exception& error) {
        return error.displayText();
    }
    return std::nullopt;
}

void HubDaemon::defineOptions(Poco::Util::OptionSet& options) {
    for (const Flag& flag : kFlags) {
        Poco::Util::Option option(flag.name, flag.letter, flag.meaning);
        if (*flag.argument != '\0') {
            option.argument(flag.argument);
        }
        options.addOption(option.repeatable(true));  // the last one counts
    }
}

void HubDaemon::handleOption(const std::string& name, const std::string& value) {
    if (name == "config") {
        settings_file_ = working_directory_ / value;
    } else if (name == "set") {
        const auto equals = value.find('=');
        flags_.push_back({value.substr(0, equals), value.substr(equals + 1), "--set"});
    } else if (name == "safe") {
        safe_ = true;
    } else if (name == "daemon") {
        wants_background_ = true;
    } else if (name == "pidfile") {
        pid_file_ = working_directory_ / value;
    } else if (name == "check-config") {
        task_ = Task::CheckConfiguration;
    } else if (name == "list-plugins") {
        task_ = Task::ListPlugins;
    } else if (name == "help") {
        task_ = Task::Help;
    } else if (name == "version") {
        task_ = Task::Version;
    }
    for (const Flag& flag : kFlags) {
        if (name == flag.name && *flag.key != '\0') {
            flags_.push_back({flag.key, value, "--" + name});
        }
    }
}

int HubDaemon::main(const std::vector<std::string>&) {
    const SystemClock clock;
    std::unique_ptr<ProcessLog> log = consoleLog(clock, {});
    try {
        perform(log, clock);
        return exitCode(ExitStatus::Stopped);
    } catch (const StartFailure& failure) {
        return refuse(*log, failure.status(), failure);
    } catch (const SettingsError& error) {
        return refuse(*log, ExitStatus::Configuration, error);
    } catch (const std::exception& error) {
        return refuse(*log, ExitStatus::Other, error);
    }
}

// `log` is replaced by the configured one as soon as the configuration is known.
void HubDaemon::perform(std::unique_ptr<ProcessLog>& log, const Clock& clock) {
    if (task_ == Task::Version) {
        std::cout << "hubd " HUB_VERSION << std::endl;
        return;
    }
    const Settings settings = readSettings();
    const CoreSettings core = coreSettings(settings);
    log = consoleLog(clock, core.log);
    switch (task_) {
        case Task::Serve:
            serve(settings, core, *log);
            break;
        case Task::CheckConfiguration:
            check(settings, core, *log);
            break;
        case Task::ListPlugins:
            std::cout << listPlugins(core.plugins) << std::flush;
            break;
        case Task::Help:
            std::cout << helpText(core, *log) << std::flush;
            break;
        case Task::Version:
            break;
    }
}

void HubDaemon::serve(const Settings& settings, const CoreSettings& core, ProcessLog& log) {
    const bool hangup_stops = livesInTerminal();
    prepareProcess();
    const auto logger = log.logger("hub");
    ControlSignals signals(
        [&] {
            if (core.log.to != LogSettings::To::File) {
                return hangup_stops;
            }
            log.reopen();
            logger->info("opened the log file again");
            return false;
        },
        *logger);
    ServiceManager manager(environmentVariables(), ::getpid());
    runHub(settings, core, {log, signals, manager, pid_file_, background_.has_value(), [this] {
                                if (background_) {
                                    background_->serving();
                                }
                            }});
}

Settings HubDaemon::readSettings() const {
    std::vector<Setting> files;
    if (!settings_file_.empty()) {
        files = readSettingsFiles(settings_file_);
    }
    return {std::move(files), environmentVariables(), flags_};
}

CoreSettings HubDaemon::coreSettings(const Settings& settings) const {
    CoreSettings core = readCoreSettings(settings, working_directory_, executablePath());
    if (background_ && core.log.to == LogSettings::To::Console) {
        core.log.to = LogSettings::To::File;  // nobody would read the console
    }
    return safe_ ? inSafeMode(std::move(core)) : core;
}

std::string HubDaemon::helpText(const CoreSettings& core, ProcessLog& log) {
    plugins::PluginSelection selection = core.plugins;
    selection.required.clear();  // a plugin that cannot be loaded is left out of the help
    const plugins::PluginHost plugins(selection, coreOptions(), log.loggers());

    std::string text = "usage: hubd [flags]\n\nRuns a device hub until it is asked to stop.\n\n";
    text.append(kExamples).append("\nFlags\n");
    for (const Flag& flag : kFlags) {
        std::string form = std::string("--") + flag.name + " " + flag.argument;
        if (*flag.letter != '\0') {
            form = std::string("-") + flag.letter + ", " + form;
        }
        form.resize(std::max<std::size_t>(form.size() + 1, 22), ' ');
        text += "  " + form + flag.meaning + "\n";
    }
    text +=
        "\nA key is set by a flag, or else by an environment variable (HUB_LOG_LEVEL for\n"
        "log.level, HUB_PORT for hub.port), or else by a line `key = value` of the files, the "
        "last\n"
        "of which wins. Variables that Kubernetes sets beside a service called hub, such as\n"
        "HUB_PORT=tcp://10.0.0.7:8000, do not count.\n";
    text += keyHelp("the hub", coreOptions());
    for (const plugins::PluginOptions& one : plugins.options()) {
        text += keyHelp(one.plugin, one.options);
    }
    return text + kSignals + kExitCodes;
}

}  // namespace hub::daemon
