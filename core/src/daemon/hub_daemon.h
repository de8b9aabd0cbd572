#pragma once

#include "daemon/background.h"
#include "daemon/core_settings.h"
#include "daemon/process_log.h"
#include "daemon/settings.h"

#include <Poco/Util/ServerApplication.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hub::daemon {

// hubd: reads the configuration, loads the plugins, runs the hub until it is asked to stop.
class HubDaemon final : public Poco::Util::ServerApplication {
public:
    HubDaemon();

    // The whole life of the process; returns its exit code.
    [[nodiscard]] int run(int argc, char** argv);

protected:
    void defineOptions(Poco::Util::OptionSet& options) override;
    void handleOption(const std::string& name, const std::string& value) override;
    [[nodiscard]] int main(const std::vector<std::string>& arguments) override;

private:
    enum class Task : std::uint8_t { Serve, CheckConfiguration, ListPlugins, Help, Version };

    [[nodiscard]] std::optional<std::string> usageError(const std::vector<std::string>& arguments);
    [[nodiscard]] Settings readSettings() const;
    [[nodiscard]] CoreSettings coreSettings(const Settings& settings) const;
    [[nodiscard]] static std::string helpText(const CoreSettings& core, ProcessLog& log);
    void perform(std::unique_ptr<ProcessLog>& log, const Clock& clock);
    void serve(const Settings& settings, const CoreSettings& core, ProcessLog& log);

    // Constant after construction. Where the process was started: a daemon is moved to `/` before
    // any path of its configuration is read.
    const std::filesystem::path working_directory_;

    // Written while the command line is read.
    Task task_ = Task::Serve;
    std::filesystem::path settings_file_;  // empty: none
    std::filesystem::path pid_file_;       // empty: none
    std::vector<Setting> flags_;
    bool safe_ = false;
    bool wants_background_ = false;

    std::optional<Background> background_;
};

}  // namespace hub::daemon
