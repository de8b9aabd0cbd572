#pragma once

#include "hub/options.h"

#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace hub::daemon {

// One value an operator has given.
struct Setting {
    std::string key;
    std::string value;
    std::string origin;  // where, for messages: `etc/hubd.properties:12`, `--set`
};

// A setting that no declared option takes.
struct UnknownSetting {
    std::string sentence;           // names it, where it came from, and the nearest key there is
    bool section_declared = false;  // other keys of its section are known: it is misspelt
};

// The configuration is wrong: `what()` is one line that names the key, where its value came from
// and what would be right.
class SettingsError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// What an operator has set, from all sources: a flag wins over the environment, the environment
// over the file, and within one source the last. One thread.
class Settings {
public:
    // `environment` holds variables by name; those that do not begin with `HUB_` are left alone,
    // and so are those that Kubernetes sets in every container beside a service called `hub` or
    // `hub-...`: HUB_SERVICE_HOST, HUB_SERVICE_PORT, HUB_PORT=tcp://10.0.0.7:8000,
    // HUB_PORT_8000_TCP_ADDR and the like.
    Settings(std::vector<Setting> file, const std::map<std::string, std::string>& environment,
             std::vector<Setting> flags);

    // The values given for `declared`, each checked against its option; for the keys not given
    // there is no entry. Throws SettingsError for the first bad one.
    [[nodiscard]] std::map<std::string, std::string> values(std::span<const Option> declared) const;

    // What was given, from any source, and is none of `declared`.
    [[nodiscard]] std::vector<UnknownSetting> unknown(std::span<const Option> declared) const;

    // The error that says `why` the value of `key` will not do, and where it came from.
    [[nodiscard]] SettingsError refusal(std::string_view key, std::string_view why) const;

private:
    [[nodiscard]] const Setting* find(std::string_view key) const;

    // Constant after construction.
    std::vector<Setting> file_;
    std::vector<Setting> environment_;  // `key` is the variable's name
    std::vector<Setting> flags_;
};

// The environment variable for `key`: `HUB_WS_MESSAGE_LIMIT` for `ws.message_limit`. The hub's own
// section is not said twice: `HUB_PORT` for `hub.port`.
[[nodiscard]] std::string environmentName(std::string_view key);

// The words of a list: what commas and white space separate.
[[nodiscard]] std::vector<std::string> listFrom(std::string_view text);

}  // namespace hub::daemon
