#pragma once

#include "daemon/settings.h"

#include <filesystem>
#include <string_view>
#include <vector>

namespace hub::daemon {

// Reads a configuration file's text: lines `key = value`, and lines that are empty or begin with
// `#`. White space around key and value does not count; everything else behind the first `=` is
// the value, as it stands: there are no quotes, escapes or continued lines. A key is given once.
// `name` is what messages call the file. Throws SettingsError naming the line.
[[nodiscard]] std::vector<Setting> parseSettings(std::string_view text, std::string_view name);

// Reads `file`, a regular one of at most 1 MiB. Throws SettingsError, also when it cannot be read.
[[nodiscard]] std::vector<Setting> readSettingsFile(const std::filesystem::path& file);

// Reads `file` and then, where there is one, the folder `conf.d` beside it: the files named
// `*.properties`, as a shell would list them, in byte order of their names. What is read later
// comes later. Throws SettingsError.
[[nodiscard]] std::vector<Setting> readSettingsFiles(const std::filesystem::path& file);

}  // namespace hub::daemon
