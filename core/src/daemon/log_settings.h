#pragma once

#include "daemon/log_format.h"
#include "daemon/log_target.h"
#include "daemon/process_log.h"
#include "daemon/settings.h"
#include "hub/options.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace hub::daemon {

// The configuration of the log.
struct LogSettings {
    enum class To : std::uint8_t { Console, File, Journal };

    To to = To::Console;
    LogFormat format = LogFormat::Text;
    std::filesystem::path file = "hubd.log";  // a relative one lies in the data folder
    std::size_t rotate_bytes = 0;
    std::size_t rotate_files = 0;
    LogLevels levels;
};

// Reads the keys `log.`; `options` has them, `data_directory` is absolute, `parts` are the names
// that may have a level of their own. Throws SettingsError.
[[nodiscard]] LogSettings readLogSettings(const Settings& settings, const Options& options,
                                          const std::filesystem::path& data_directory,
                                          std::span<const std::string> parts);

// The file or the journal that is configured. Throws std::runtime_error with a sentence when it
// cannot be written, or when the log is to stay on the console.
[[nodiscard]] std::unique_ptr<LogTarget> openLogTarget(const LogSettings& settings,
                                                       const std::filesystem::path& data_directory);

}  // namespace hub::daemon
