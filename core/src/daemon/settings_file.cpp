#include "daemon/settings_file.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

namespace hub::daemon {
namespace {

constexpr std::size_t kMaxBytes = 1024 * 1024;

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kSpace = " \t\r";
    const auto begin = text.find_first_not_of(kSpace);
    if (begin == std::string_view::npos) {
        return {};
    }
    return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

bool isKey(std::string_view word) {
    constexpr std::string_view kLetters =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    return !word.empty() && word.find_first_not_of(kLetters) == std::string_view::npos;
}

// The files of a folder that may be missing.
std::vector<std::filesystem::path> dropIns(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    std::error_code error;
    std::filesystem::directory_iterator entry(folder, error);
    if (error == std::errc::no_such_file_or_directory) {
        return files;
    }
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
        const std::filesystem::path& path = entry->path();
        if (path.extension() == ".properties" && !path.filename().native().starts_with('.')) {
            files.push_back(path);
        }
    }
    if (error) {
        throw SettingsError("cannot read the folder " + folder.string() + ": " + error.message());
    }
    std::ranges::sort(files, {}, &std::filesystem::path::native);
    return files;
}

}  // namespace

std::vector<Setting> parseSettings(std::string_view text, std::string_view name) {
    std::vector<Setting> settings;
    for (int number = 1; !text.empty(); ++number) {
        const auto end = std::min(text.find('\n'), text.size());
        const std::string_view line = trimmed(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty() || line.front() == '#') {
            continue;
        }
        const std::string origin = std::string(name) + ":" + std::to_string(number);
        const auto equals = line.find('=');
        const std::string_view key = trimmed(line.substr(0, equals));
        if (equals == std::string_view::npos || !isKey(key)) {
            throw SettingsError(origin + ": a line is `key = value`, or begins with `#`");
        }
        const auto earlier = std::ranges::find(settings, key, &Setting::key);
        if (earlier != settings.end()) {
            throw SettingsError(origin + ": \"" + std::string(key) + "\" stands already at " +
                                earlier->origin + "; keep one of them");
        }
        settings.push_back(
            {std::string(key), std::string(trimmed(line.substr(equals + 1))), origin});
    }
    return settings;
}

std::vector<Setting> readSettingsFile(const std::filesystem::path& file) {
    // A pipe might hold up the start for ever.
    std::error_code error;
    const auto status = std::filesystem::status(file, error);
    if (!error && !std::filesystem::is_regular_file(status)) {
        throw SettingsError("cannot read the configuration file " + file.string() +
                            ": it is no regular file");
    }
    errno = 0;
    std::ifstream stream(file, std::ios::binary);
    std::string text(kMaxBytes + 1, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!stream.is_open() || stream.bad()) {
        throw SettingsError("cannot read the configuration file " + file.string() + ": " +
                            std::generic_category().message(errno));
    }
    text.resize(static_cast<std::size_t>(stream.gcount()));
    if (text.size() > kMaxBytes) {
        throw SettingsError("the configuration file " + file.string() +
                            " is longer than 1 MiB: it is not one");
    }
    return parseSettings(text, file.string());
}

std::vector<Setting> readSettingsFiles(const std::filesystem::path& file) {
    std::vector<Setting> settings = readSettingsFile(file);
    for (const std::filesystem::path& drop_in : dropIns(file.parent_path() / "conf.d")) {
        std::ranges::move(readSettingsFile(drop_in), std::back_inserter(settings));
    }
    return settings;
}

}  // namespace hub::daemon
