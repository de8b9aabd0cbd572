#include "daemon/core_settings.h"

#include "http/origins.h"
#include "hub/device.h"
#include "net/socket_address.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace hub::daemon {
namespace {

using Type = Option::Type;

constexpr std::int64_t kMi = 1024 * 1024;
constexpr std::int64_t kDay = 24 * 60 * 60;

constexpr std::array kCoreOptions = {
    Option{"hub.address", Type::Text, "127.0.0.1",
           "The IP address to listen on, or localhost; 0.0.0.0 or :: for all there are."},
    Option{"hub.port", Type::Number, "8000",
           "The TCP port for devices, REST and pages; 0 takes any free one.", 0, 65535},
    Option{"hub.data_dir", Type::Text, "./var",
           "The folder for everything the hub keeps; a relative one begins where hubd is started."},
    Option{"hub.io_threads", Type::Number, "0",
           "How many threads serve connections; 0 is one for each core.", 0, 256},
    Option{"hub.http_workers", Type::Number, "32",
           "How many threads answer REST requests; a command keeps one until it is on disk.", 1,
           256},
    Option{"hub.log_limit", Type::Bytes, "16M",
           "How many bytes of events may wait for the store before devices are slowed down.", kMi,
           4096 * kMi},
    Option{"hub.feed_bytes", Type::Bytes, "8M",
           "How many bytes of the newest events are kept for live feeds, while there are any; one "
           "that falls further behind has to resume from the history.",
           kMi, 4096 * kMi},
    Option{"hub.body_limit", Type::Bytes, "1M", "The longest body of a REST request.", 1024,
           1024 * kMi},
    Option{"hub.origins", Type::Text, "",
           "The origins whose web pages may use the hub, also of its own under a name: "
           "https://host[:port], ..., or * for any."},
    Option{"hub.device_limit", Type::Number, "100000",
           "How many devices may be known; further ones are refused.", 1,
           static_cast<std::int64_t>(kMaxDevices)},
    Option{"hub.links_per_address", Type::Number, "0",
           "How many connections one IP address (IPv6: one /64) may have; 0 is nine tenths of the "
           "open files the hub may have.",
           0, 10'000'000},
    Option{"hub.connects_per_address", Type::Number, "0",
           "How many new connections one address may make in a second, twice as many at once; 0 is "
           "no limit.",
           0, 1'000'000},
    Option{"hub.unregistered_per_address", Type::Number, "4096",
           "How many WebSocket links of one address may be without a registered device; 0 is no "
           "limit.",
           0, 10'000'000},
    Option{"presence.timeout", Type::Duration, "90s",
           "A device that is silent for so long is offline; after a third of that it is pinged.", 1,
           kDay},
    Option{"presence.type_timeouts", Type::Text, "",
           "Other timeouts for some types of devices: esp32=90s, sensor=15m."},
    Option{"presence.device_timeouts", Type::Text, "",
           "Other timeouts for some devices, whatever their type: weather-1=1h."},
    Option{"log.to", Type::Text, "console",
           "Where the log goes: console, file or journal; with --daemon, file instead of console."},
    Option{"log.file", Type::Text, "hubd.log",
           "The log file; a relative one lies in the data folder."},
    Option{"log.rotate_size", Type::Bytes, "10M",
           "A log file of so many bytes is renamed to hubd.log.1, and a new one begun.", 64 * 1024,
           1024 * 1024 * kMi},
    Option{"log.rotate_files", Type::Number, "5", "How many renamed log files are kept.", 0, 1000},
    Option{"log.format", Type::Text, "text",
           "The lines on the console and in the file: text, or json for one object a line."},
    Option{"log.level", Type::Text, "info",
           "The least important lines that are logged: debug, info, warning or error."},
    Option{"log.levels", Type::Text, "",
           "Other levels for some parts: sqlite-store=debug,hub=warning."},
    Option{"plugins.dir", Type::Text, "",
           "The folder plugins are loaded from; empty: the one hubd was built or installed with."},
    Option{"plugins.load", Type::Text, "sqlite-store, ws-transport, http-api",
           "The plugins to load; of one kind, they start in this order."},
    Option{"plugins.also", Type::Text, "",
           "Further plugins to load, behind those of plugins.load: my-rules, my-bridge."},
    Option{"plugins.required", Type::Text, "sqlite-store, ws-transport, http-api",
           "The plugins without which the hub refuses to start."},
};

// In a build, `bin` and `plugins` are neighbours; installed, the plugins are below `lib`.
std::filesystem::path pluginsBeside(const std::filesystem::path& executable) {
    const std::filesystem::path top = executable.parent_path().parent_path();
    std::error_code ignored;
    const bool built = std::filesystem::is_directory(top / "plugins", ignored);
    return built ? top / "plugins" : top / "lib/hub/plugins";
}

// `also` are the last of those that are loaded.
void checkSelection(const Settings& settings, const plugins::PluginSelection& plugins,
                    const std::vector<std::string>& also) {
    for (const std::string& name : plugins.load) {
        const char* const key =
            std::ranges::count(also, name) > 0 ? "plugins.also" : "plugins.load";
        if (name.find('/') != std::string::npos) {
            throw settings.refusal(key, "\"" + name +
                                            "\" is a path; name the plugin, and its folder in "
                                            "plugins.dir");
        }
        if (std::ranges::count(plugins.load, name) > 1) {
            throw settings.refusal(key, "\"" + name + "\" is named twice");
        }
    }
    for (const std::string& name : plugins.required) {
        if (std::ranges::count(plugins.load, name) == 0) {
            throw settings.refusal("plugins.load",
                                   "it lacks \"" + name +
                                       "\", which plugins.required names: add it, or take it out "
                                       "of plugins.required");
        }
    }
}

std::vector<std::string> readOrigins(const Settings& settings, std::string_view text) {
    std::vector<std::string> origins = listFrom(text);
    try {
        const http::Origins checked(origins);
    } catch (const std::invalid_argument& error) {
        throw settings.refusal("hub.origins", error.what());
    }
    return origins;
}

// Of a key whose least value, which Options has checked, is not below 0.
std::size_t count(const Options& options, std::string_view key) {
    return static_cast<std::size_t>(options.number(key));
}

std::string readAddress(const Settings& settings, std::string address) {
    if (net::SocketAddress::parse(address, 0)) return address;
    throw settings.refusal("hub.address", "\"" + address +
                                              "\" is no IP address: give one, such as 192.0.2.7 or "
                                              "::1, or localhost; other names are not looked up, "
                                              "and the port is that of hub.port");
}

// The timeouts that a list such as `esp32=90s, sensor=15m` gives to names.
registry::PresenceTimeouts::ByName readTimeouts(const Settings& settings, const Options& options,
                                                std::string_view key) {
    constexpr std::array kTimeout = {Option{"timeout", Type::Duration, "90s", "", 1, kDay}};
    registry::PresenceTimeouts::ByName timeouts;
    for (const std::string& entry : listFrom(options.text(key))) {
        const std::size_t equals = std::min(entry.find('='), entry.size());
        const std::string name = entry.substr(0, equals);
        try {
            if (name.empty() || equals == entry.size()) throw std::invalid_argument("no name");
            const Options value(kTimeout, {{"timeout", entry.substr(equals + 1)}});
            if (!timeouts.emplace(name, value.duration("timeout")).second) {
                throw settings.refusal(key, "\"" + name + "\" is named twice");
            }
        } catch (const std::invalid_argument&) {
            throw settings.refusal(
                key, "\"" + entry + "\" is not a name and its timeout, 1s to 1d, as in name=90s");
        }
    }
    return timeouts;
}

HubSettings readHubSettings(const Settings& settings, const Options& options) {
    HubSettings hub;
    hub.address = readAddress(settings, options.text("hub.address"));
    hub.port = static_cast<std::uint16_t>(options.number("hub.port"));
    hub.io_threads = count(options, "hub.io_threads");
    hub.http_workers = count(options, "hub.http_workers");
    hub.log_bytes = options.bytes("hub.log_limit");
    hub.feed_bytes = options.bytes("hub.feed_bytes");
    hub.http_body_bytes = options.bytes("hub.body_limit");
    hub.origins = readOrigins(settings, options.text("hub.origins"));
    hub.devices = count(options, "hub.device_limit");
    hub.links_per_address = count(options, "hub.links_per_address");
    hub.connects_per_address = count(options, "hub.connects_per_address");
    hub.unregistered_per_address = count(options, "hub.unregistered_per_address");
    hub.timeouts = {options.duration("presence.timeout"),
                    readTimeouts(settings, options, "presence.type_timeouts"),
                    readTimeouts(settings, options, "presence.device_timeouts")};
    return hub;
}

plugins::PluginSelection readSelection(const Settings& settings, const Options& options) {
    plugins::PluginSelection plugins;
    plugins.load = listFrom(options.text("plugins.load"));
    const std::vector<std::string> also = listFrom(options.text("plugins.also"));
    plugins.load.insert(plugins.load.end(), also.begin(), also.end());
    plugins.required = listFrom(options.text("plugins.required"));
    checkSelection(settings, plugins, also);
    return plugins;
}

}  // namespace

std::span<const Option> coreOptions() noexcept { return kCoreOptions; }

CoreSettings readCoreSettings(const Settings& settings,
                              const std::filesystem::path& working_directory,
                              const std::filesystem::path& executable) {
    const Options options(kCoreOptions, settings.values(kCoreOptions));
    const auto absolute = [&](const std::string& path) {
        return (working_directory / path).lexically_normal();
    };

    CoreSettings core;
    core.hub = readHubSettings(settings, options);
    const std::string& data_directory = options.text("hub.data_dir");
    if (data_directory.empty()) {
        throw settings.refusal("hub.data_dir", "it is empty; name a folder");
    }
    core.hub.data_directory = absolute(data_directory);

    core.plugins = readSelection(settings, options);
    const std::string& directory = options.text("plugins.dir");
    core.plugins.directory = directory.empty() ? pluginsBeside(executable) : absolute(directory);

    std::vector<std::string> parts = core.plugins.load;
    parts.insert(parts.end(), {"hub", "hubd", "plugins"});
    core.log = readLogSettings(settings, options, core.hub.data_directory, parts);
    return core;
}

CoreSettings inSafeMode(CoreSettings core) {
    std::vector<std::string>& load = core.plugins.load;
    const auto others = std::ranges::stable_partition(load, [&core](const std::string& name) {
        return std::ranges::count(core.plugins.required, name) > 0;
    });
    core.safe = true;
    core.left_out.assign(others.begin(), others.end());
    load.erase(others.begin(), others.end());
    return core;
}

}  // namespace hub::daemon
