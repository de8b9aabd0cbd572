#include "daemon/log_settings.h"

#include "daemon/data_directory.h"
#include "daemon/file_target.h"
#include "daemon/journal_target.h"

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

namespace hub::daemon {
namespace {

std::string inQuotes(std::string_view word) { return "\"" + std::string(word) + "\""; }

LogLevel readLevel(const Settings& settings, std::string_view key, std::string_view word) {
    const auto level = logLevelFrom(word);
    if (!level) {
        throw settings.refusal(key, inQuotes(word) + " is none of debug, info, warning and error");
    }
    return *level;
}

LogLevels readLevels(const Settings& settings, const Options& options,
                     std::span<const std::string> parts) {
    constexpr std::string_view kKey = "log.levels";
    LogLevels levels{readLevel(settings, "log.level", options.text("log.level")), {}};
    for (const std::string& word : listFrom(options.text(kKey))) {
        const auto equals = word.find('=');
        const std::string part = word.substr(0, equals);
        if (equals == std::string::npos) {
            throw settings.refusal(kKey, inQuotes(word) + " is not as in hub=debug");
        }
        if (std::ranges::count(parts, part) == 0) {
            const std::vector<std::string_view> names(parts.begin(), parts.end());
            throw settings.refusal(
                kKey, inQuotes(part) + " is no plugin of plugins.load and no part of the hub" +
                          didYouMean(part, names));
        }
        if (!levels.of_part.emplace(part, readLevel(settings, kKey, word.substr(equals + 1)))
                 .second) {
            throw settings.refusal(kKey, inQuotes(part) + " is named twice");
        }
    }
    return levels;
}

// Of `words`, each with what it stands for, the one that `key` has as its value.
template <class Value>
Value readWord(const Settings& settings, const Options& options, std::string_view key,
               std::span<const std::pair<std::string_view, Value>> words) {
    const std::string& given = options.text(key);
    std::string expected;
    for (const auto& [word, value] : words) {
        if (word == given) {
            return value;
        }
        expected.append(expected.empty() ? "" : ", ").append(word);
    }
    throw settings.refusal(key, inQuotes(given) + " is none of " + expected);
}

}  // namespace

LogSettings readLogSettings(const Settings& settings, const Options& options,
                            const std::filesystem::path& data_directory,
                            std::span<const std::string> parts) {
    using To = LogSettings::To;
    constexpr std::pair<std::string_view, To> kTargets[] = {
        {"console", To::Console}, {"file", To::File}, {"journal", To::Journal}};
    constexpr std::pair<std::string_view, LogFormat> kFormats[] = {{"text", LogFormat::Text},
                                                                   {"json", LogFormat::Json}};
    LogSettings log;
    log.to = readWord<To>(settings, options, "log.to", kTargets);
    log.format = readWord<LogFormat>(settings, options, "log.format", kFormats);
    log.file = options.text("log.file");
    if (!log.file.has_filename()) {
        throw settings.refusal("log.file", "it names no file");
    }
    if ((data_directory / log.file).lexically_normal() ==
        data_directory / DataDirectory::kLockFile) {
        throw settings.refusal("log.file", "it is the lock of the data folder; name another file");
    }
    log.rotate_bytes = options.bytes("log.rotate_size");
    log.rotate_files = static_cast<std::size_t>(options.number("log.rotate_files"));
    log.levels = readLevels(settings, options, parts);
    return log;
}

std::unique_ptr<LogTarget> openLogTarget(const LogSettings& settings,
                                         const std::filesystem::path& data_directory) {
    switch (settings.to) {
        case LogSettings::To::Console:
            break;
        case LogSettings::To::File:
            return std::make_unique<FileTarget>(
                data_directory / settings.file, settings.format,
                FileTarget::Rotation{settings.rotate_bytes, settings.rotate_files});
        case LogSettings::To::Journal:
            return std::make_unique<JournalTarget>();
    }
    throw std::logic_error("the log stays on the console");
}

}  // namespace hub::daemon
