// etc/hubd.properties says what the code says.
#include "daemon/core_settings.h"
#include "daemon/settings_file.h"
#include "fakes/recording_logger.h"
#include "plugins/plugin_host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <string>

namespace hub::daemon {
namespace {

using Defaults = std::map<std::string, std::string>;

// Every key with its default, and the comment above it.
struct Documented {
    Defaults defaults;
    std::map<std::string, std::string> comments;
};

std::string shippedFile() {
    std::ifstream stream(std::string(SOURCE_ROOT) + "/etc/hubd.properties");
    EXPECT_TRUE(stream);
    return {std::istreambuf_iterator<char>(stream), {}};
}

// Keys stand there as `#key = value`: without a space, which tells them from comments.
Documented documented() {
    static const std::regex kKey(R"(^#([a-z][a-z0-9_.]*) = ?(.*)$)");
    Documented found;
    std::istringstream lines(shippedFile());
    std::string comment;
    for (std::string line; std::getline(lines, line);) {
        std::smatch key;
        if (std::regex_match(line, key, kKey)) {
            EXPECT_TRUE(found.defaults.emplace(key[1], key[2]).second) << line;
            found.comments[key[1]] = comment;
            comment.clear();
        } else if (line.starts_with("# ")) {
            comment += (comment.empty() ? "" : " ") + line.substr(2);
        } else {
            comment.clear();
        }
    }
    return found;
}

Documented declared() {
    plugins::PluginSelection selection =
        readCoreSettings(Settings({}, {}, {}), "/", "/bin/hubd").plugins;
    selection.directory = HUB_PLUGINS;
    const plugins::PluginHost plugins(selection, coreOptions(), [](std::string_view) {
        return std::make_unique<fakes::RecordingLogger>();
    });
    Documented all;
    const auto add = [&all](std::span<const Option> options) {
        for (const Option& option : options) {
            all.defaults.emplace(option.name, option.default_value);
            all.comments.emplace(option.name, option.meaning);
        }
    };
    add(coreOptions());
    for (const plugins::PluginOptions& one : plugins.options()) {
        add(one.options);
    }
    return all;
}

TEST(ConfigurationFile, HasEveryKeyWithItsDefaultAndNoOther) {
    EXPECT_EQ(documented().defaults, declared().defaults);
}

TEST(ConfigurationFile, TellsTheMeaningInTheSameWords) {
    EXPECT_EQ(documented().comments, declared().comments);
}

TEST(ConfigurationFile, SetsNothingAsItIsShipped) {
    EXPECT_TRUE(parseSettings(shippedFile(), "etc/hubd.properties").empty());
}

}  // namespace
}  // namespace hub::daemon
