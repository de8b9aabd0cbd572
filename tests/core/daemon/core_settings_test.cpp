#include "daemon/core_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hub::daemon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// What becomes of flags given to /opt/hub/bin/hubd, started in /home/ada.
CoreSettings core(std::vector<Setting> flags) {
    for (Setting& flag : flags) {
        flag.origin = "--set";
    }
    return readCoreSettings(Settings({}, {}, std::move(flags)), "/home/ada", "/opt/hub/bin/hubd");
}

std::string refusalOf(const std::string& key, const std::string& value) {
    try {
        (void)core({{key, value, ""}});
        return "";
    } catch (const SettingsError& error) {
        return error.what();
    }
}

TEST(CoreSettings, HasDefaultsForAPrivateHub) {
    const CoreSettings settings = core({});

    EXPECT_EQ(settings.hub.address, "127.0.0.1");
    EXPECT_EQ(settings.hub.port, 8000);
    EXPECT_EQ(settings.hub.data_directory, "/home/ada/var");
    EXPECT_EQ(settings.hub.io_threads, 0U);
    EXPECT_EQ(settings.hub.http_workers, 4U);
    EXPECT_EQ(settings.hub.log_bytes, 16U * 1024 * 1024);
    EXPECT_EQ(settings.hub.http_body_bytes, 1024U * 1024);
    EXPECT_EQ(settings.hub.devices, HubSettings{}.devices);
    EXPECT_EQ(settings.log_level, LogLevel::Info);
    EXPECT_EQ(settings.plugins.directory, "/opt/hub/plugins");
    EXPECT_THAT(settings.plugins.load, ElementsAre("sqlite-store", "ws-transport", "http-api"));
    EXPECT_EQ(settings.plugins.required, settings.plugins.load);
}

TEST(CoreSettings, TakesEveryKey) {
    const CoreSettings settings = core({{"hub.address", "::", ""},
                                        {"hub.port", "0", ""},
                                        {"hub.data_dir", "../bob/data", ""},
                                        {"hub.io_threads", "3", ""},
                                        {"hub.http_workers", "5", ""},
                                        {"hub.log_limit", "2M", ""},
                                        {"hub.body_limit", "4k", ""},
                                        {"hub.device_limit", "7", ""},
                                        {"log.level", "debug", ""},
                                        {"plugins.dir", "plugins", ""},
                                        {"plugins.load", "one,two ,  three,", ""},
                                        {"plugins.required", "", ""}});

    EXPECT_EQ(settings.hub.address, "::");
    EXPECT_EQ(settings.hub.port, 0);
    EXPECT_EQ(settings.hub.data_directory, "/home/bob/data");
    EXPECT_EQ(settings.hub.io_threads, 3U);
    EXPECT_EQ(settings.hub.http_workers, 5U);
    EXPECT_EQ(settings.hub.log_bytes, 2U * 1024 * 1024);
    EXPECT_EQ(settings.hub.http_body_bytes, 4U * 1024);
    EXPECT_EQ(settings.hub.devices, 7U);
    EXPECT_EQ(settings.log_level, LogLevel::Debug);
    EXPECT_EQ(settings.plugins.directory, "/home/ada/plugins");
    EXPECT_THAT(settings.plugins.load, ElementsAre("one", "two", "three"));
    EXPECT_THAT(settings.plugins.required, ElementsAre());
}

TEST(CoreSettings, KeepsAbsolutePaths) {
    const CoreSettings settings =
        core({{"hub.data_dir", "/srv/hub", ""}, {"plugins.dir", "/srv/plugins", ""}});

    EXPECT_EQ(settings.hub.data_directory, "/srv/hub");
    EXPECT_EQ(settings.plugins.directory, "/srv/plugins");
}

TEST(CoreSettings, RefusesABadValueWithItsOrigin) {
    EXPECT_EQ(refusalOf("hub.port", "-1"),
              "--set: hub.port: \"-1\" is not a whole number between 0 and 65535");
    EXPECT_THAT(refusalOf("hub.log_limit", "1k"), HasSubstr("--set: hub.log_limit: \"1k\""));
}

TEST(CoreSettings, RefusesAnUnknownLogLevel) {
    EXPECT_EQ(refusalOf("log.level", "loud"),
              "--set: log.level: \"loud\" is none of debug, info, warning and error");
}

TEST(CoreSettings, RefusesAPluginNamedTwice) {
    EXPECT_EQ(refusalOf("plugins.load", "http-api,sqlite-store,ws-transport,http-api"),
              "--set: plugins.load: \"http-api\" is named twice");
}

TEST(CoreSettings, RefusesAPathForAPlugin) {
    EXPECT_EQ(refusalOf("plugins.load", "../evil"),
              "--set: plugins.load: \"../evil\" is a path; name the plugin, and its folder in "
              "plugins.dir");
}

TEST(CoreSettings, RefusesToRequireWhatItDoesNotLoad) {
    EXPECT_EQ(refusalOf("plugins.required", "sqlite-stor"),
              "--set: plugins.required: \"sqlite-stor\" is not among those of plugins.load");
    EXPECT_EQ(
        refusalOf("plugins.load", "http-api"),
        "default value: plugins.required: \"sqlite-store\" is not among those of plugins.load");
}

}  // namespace
}  // namespace hub::daemon
