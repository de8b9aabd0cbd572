#include "daemon/core_settings.h"

#include <algorithm>
#include <array>
#include <utility>

namespace hub::daemon {
namespace {

using Type = Option::Type;

constexpr std::int64_t kMi = 1024 * 1024;

constexpr std::array kCoreOptions = {
    Option{"hub.address", Type::Text, "127.0.0.1",
           "The address to listen on: an IPv4 or IPv6 address; 0.0.0.0 or :: for all."},
    Option{"hub.port", Type::Number, "8000",
           "The TCP port for devices, REST and pages; 0 takes any free one.", 0, 65535},
    Option{"hub.data_dir", Type::Text, "./var",
           "The folder for everything the hub keeps; a relative one begins where hubd is started."},
    Option{"hub.io_threads", Type::Number, "0",
           "How many threads serve connections; 0 is one for each core.", 0, 256},
    Option{"hub.http_workers", Type::Number, "4", "How many threads answer REST requests.", 1, 256},
    Option{"hub.log_limit", Type::Bytes, "16M",
           "How many bytes of events may wait for the store before devices are slowed down.", kMi,
           4096 * kMi},
    Option{"hub.body_limit", Type::Bytes, "1M", "The longest body of a REST request.", 1024,
           1024 * kMi},
    Option{"hub.device_limit", Type::Number, "100000",
           "How many devices may be known; further ones are refused.", 1, 100'000'000},
    Option{"log.level", Type::Text, "info",
           "The least important lines that are logged: debug, info, warning or error."},
    Option{"plugins.dir", Type::Text, "",
           "The folder plugins are loaded from; empty: `plugins` beside the folder of hubd."},
    Option{"plugins.load", Type::Text, "sqlite-store, ws-transport, http-api",
           "The plugins to load; of one kind, they start in this order."},
    Option{"plugins.required", Type::Text, "sqlite-store, ws-transport, http-api",
           "The plugins without which the hub refuses to start."},
};

constexpr std::array<std::pair<std::string_view, LogLevel>, 4> kLogLevels = {{
    {"debug", LogLevel::Debug},
    {"info", LogLevel::Info},
    {"warning", LogLevel::Warning},
    {"error", LogLevel::Error},
}};

LogLevel logLevelFrom(const Settings& settings, std::string_view word) {
    const auto found =
        std::ranges::find(kLogLevels, word, [](const auto& one) { return one.first; });
    if (found == kLogLevels.end()) {
        throw settings.refusal(
            "log.level", "\"" + std::string(word) + "\" is none of debug, info, warning and error");
    }
    return found->second;
}

// The words of a comma-separated list.
std::vector<std::string> listFrom(std::string_view text) {
    constexpr std::string_view kBetween = ", \t";
    std::vector<std::string> words;
    for (auto begin = text.find_first_not_of(kBetween); begin != std::string_view::npos;
         begin = text.find_first_not_of(kBetween)) {
        text.remove_prefix(begin);
        const auto end = std::min(text.find_first_of(kBetween), text.size());
        words.emplace_back(text.substr(0, end));
        text.remove_prefix(end);
    }
    return words;
}

void checkSelection(const Settings& settings, const plugins::PluginSelection& plugins) {
    for (const std::string& name : plugins.load) {
        if (name.find('/') != std::string::npos) {
            throw settings.refusal("plugins.load", "\"" + name +
                                                       "\" is a path; name the plugin, and its "
                                                       "folder in plugins.dir");
        }
        if (std::ranges::count(plugins.load, name) > 1) {
            throw settings.refusal("plugins.load", "\"" + name + "\" is named twice");
        }
    }
    for (const std::string& name : plugins.required) {
        if (std::ranges::count(plugins.load, name) == 0) {
            throw settings.refusal("plugins.required",
                                   "\"" + name + "\" is not among those of plugins.load");
        }
    }
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
    core.hub.address = options.text("hub.address");
    core.hub.port = static_cast<std::uint16_t>(options.number("hub.port"));
    core.hub.io_threads = static_cast<std::size_t>(options.number("hub.io_threads"));
    core.hub.http_workers = static_cast<std::size_t>(options.number("hub.http_workers"));
    core.hub.log_bytes = options.bytes("hub.log_limit");
    core.hub.http_body_bytes = options.bytes("hub.body_limit");
    core.hub.devices = static_cast<std::size_t>(options.number("hub.device_limit"));
    core.hub.data_directory = absolute(options.text("hub.data_dir"));

    const std::string& directory = options.text("plugins.dir");
    core.plugins.directory = directory.empty() ? executable.parent_path().parent_path() / "plugins"
                                               : absolute(directory);
    core.plugins.load = listFrom(options.text("plugins.load"));
    core.plugins.required = listFrom(options.text("plugins.required"));
    checkSelection(settings, core.plugins);

    core.log_level = logLevelFrom(settings, options.text("log.level"));
    return core;
}

}  // namespace hub::daemon
