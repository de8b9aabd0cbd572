#pragma once

#include "daemon/core_settings.h"
#include "daemon/settings.h"

#include <Poco/Util/ServerApplication.h>

#include <filesystem>
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
    [[nodiscard]] std::optional<std::string> usageError(const std::vector<std::string>& arguments);
    [[nodiscard]] Settings readSettings() const;
    [[nodiscard]] CoreSettings coreSettings(const Settings& settings) const;
    [[nodiscard]] std::string helpText() const;

    // Constant after construction. Where the process was started: a daemon is moved to `/` before
    // any path of its configuration is read.
    const std::filesystem::path working_directory_;

    // Written while the command line is read.
    std::filesystem::path settings_file_;  // empty: none
    std::vector<Setting> flags_;
    bool wants_help_ = false;
    bool wants_version_ = false;
};

}  // namespace hub::daemon
