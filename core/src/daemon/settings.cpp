#include "daemon/settings.h"

#include <algorithm>
#include <ranges>
#include <regex>
#include <utility>

namespace hub::daemon {
namespace {

constexpr std::string_view kVariablePrefix = "HUB_";

// `ws.` of `ws.message_limit`; "" for a key without sections.
std::string_view sectionOf(std::string_view key) { return key.substr(0, key.find('.') + 1); }

bool takes(std::span<const Option> declared, std::string_view key) {
    return std::ranges::find(declared, key, &Option::name) != declared.end();
}

// The rest of a sentence about a word that is none of `words`.
std::string hint(std::string_view word, std::span<const std::string> words) {
    const std::vector<std::string_view> views(words.begin(), words.end());
    const std::string nearest = didYouMean(word, views);
    return nearest.empty()
               ? "; `hubd --help` lists all keys, those of a plugin when plugins.also names it"
               : nearest;
}

// Named as Kubernetes names what it tells containers of a service; the same for links of Docker.
bool isServiceVariable(std::string_view name, std::string_view value) {
    static const std::regex kName(
        "HUB_(.+_)?(SERVICE_HOST|SERVICE_PORT(_.+)?|"
        "PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)");
    return std::regex_match(name.begin(), name.end(), kName) ||
           (name.ends_with("_PORT") && value.find("://") != std::string_view::npos);
}

}  // namespace

std::string environmentName(std::string_view key) {
    if (sectionOf(key) == "hub.") {
        key.remove_prefix(sectionOf(key).size());
    }
    std::string name(kVariablePrefix);
    for (const char c : key) {
        const bool lower = c >= 'a' && c <= 'z';
        const bool kept = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        name += lower ? static_cast<char>(c - 'a' + 'A') : (kept ? c : '_');
    }
    return name;
}

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

Settings::Settings(std::vector<Setting> file, const std::map<std::string, std::string>& environment,
                   std::vector<Setting> flags)
    : file_(std::move(file)), flags_(std::move(flags)) {
    for (const auto& [name, value] : environment) {
        if (name.starts_with(kVariablePrefix) && !isServiceVariable(name, value)) {
            environment_.push_back({name, value, "environment variable " + name});
        }
    }
}

const Setting* Settings::find(std::string_view key) const {
    const auto last = [](const std::vector<Setting>& layer, std::string_view name) {
        const auto reversed = layer | std::views::reverse;
        const auto found = std::ranges::find(reversed, name, &Setting::key);
        return found == reversed.end() ? nullptr : &*found;
    };
    if (const Setting* flag = last(flags_, key)) {
        return flag;
    }
    if (const Setting* variable = last(environment_, environmentName(key))) {
        return variable;
    }
    return last(file_, key);
}

std::map<std::string, std::string> Settings::values(std::span<const Option> declared) const {
    std::map<std::string, std::string> given;
    for (const Option& option : declared) {
        const Setting* setting = find(option.name);
        if (setting == nullptr) {
            continue;
        }
        const std::string key(option.name);
        try {
            // Each on its own, so that the message can say where the value came from.
            const Options check({&option, 1}, {{key, setting->value}});
        } catch (const std::invalid_argument& error) {
            throw SettingsError(setting->origin + ": " + error.what());
        }
        given.emplace(key, setting->value);
    }
    return given;
}

std::vector<UnknownSetting> Settings::unknown(std::span<const Option> declared) const {
    std::vector<std::string> keys;
    std::vector<std::string> variables;
    std::vector<std::string> sections;
    for (const Option& option : declared) {
        keys.emplace_back(option.name);
        variables.push_back(environmentName(option.name));
        sections.emplace_back(sectionOf(option.name));
    }
    std::vector<UnknownSetting> found;
    for (const auto* layer : {&flags_, &file_}) {
        for (const Setting& setting : *layer) {
            if (!takes(declared, setting.key)) {
                found.push_back({setting.origin + ": unknown key \"" + setting.key + "\"" +
                                     hint(setting.key, keys),
                                 std::ranges::count(sections, sectionOf(setting.key)) > 0});
            }
        }
    }
    for (const Setting& variable : environment_) {
        if (std::ranges::count(variables, variable.key) == 0) {
            const bool section_declared = std::ranges::any_of(sections, [&](const auto& section) {
                return section != "hub." && variable.key.starts_with(environmentName(section));
            });
            found.push_back(
                {"unknown " + variable.origin + hint(variable.key, variables), section_declared});
        }
    }
    return found;
}

SettingsError Settings::refusal(std::string_view key, std::string_view why) const {
    const Setting* setting = find(key);
    const std::string origin = setting == nullptr ? "default value" : setting->origin;
    return SettingsError(origin + ": " + std::string(key) + ": " + std::string(why));
}

}  // namespace hub::daemon
