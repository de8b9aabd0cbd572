#include "daemon/core_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
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
    EXPECT_EQ(settings.hub.http_workers, 32U);
    EXPECT_EQ(settings.hub.log_bytes, 16U * 1024 * 1024);
    EXPECT_EQ(settings.hub.feed_bytes, 8U * 1024 * 1024);
    EXPECT_EQ(settings.hub.http_body_bytes, 1024U * 1024);
    EXPECT_THAT(settings.hub.origins, ElementsAre());
    EXPECT_EQ(settings.hub.devices, HubSettings{}.devices);
    EXPECT_EQ(settings.hub.timeouts.of("lamp-1", "esp32"), std::chrono::seconds(90));
    EXPECT_EQ(settings.hub.links_per_address, HubSettings{}.links_per_address);
    EXPECT_EQ(settings.hub.connects_per_address, HubSettings{}.connects_per_address);
    EXPECT_EQ(settings.hub.unregistered_per_address, HubSettings{}.unregistered_per_address);
    EXPECT_EQ(settings.log.to, LogSettings::To::Console);
    EXPECT_EQ(settings.log.file, "hubd.log");
    EXPECT_EQ(settings.log.rotate_bytes, 10U * 1024 * 1024);
    EXPECT_EQ(settings.log.rotate_files, 5U);
    EXPECT_EQ(settings.log.format, LogFormat::Text);
    EXPECT_EQ(settings.log.levels.of("hub"), LogLevel::Info);
    EXPECT_EQ(settings.plugins.directory, "/opt/hub/lib/hub/plugins");
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
                                        {"hub.feed_bytes", "3M", ""},
                                        {"hub.body_limit", "4k", ""},
                                        {"hub.origins", "https://panel.example, *", ""},
                                        {"hub.device_limit", "7", ""},
                                        {"hub.links_per_address", "11", ""},
                                        {"hub.connects_per_address", "12", ""},
                                        {"hub.unregistered_per_address", "13", ""},
                                        {"log.to", "file", ""},
                                        {"log.file", "/var/log/hubd.log", ""},
                                        {"log.rotate_size", "64k", ""},
                                        {"log.rotate_files", "0", ""},
                                        {"log.format", "json", ""},
                                        {"log.level", "warning", ""},
                                        {"log.levels", "two=debug, hub=error", ""},
                                        {"plugins.dir", "plugins", ""},
                                        {"plugins.load", "one,two ,  three,", ""},
                                        {"plugins.required", "", ""}});

    EXPECT_EQ(settings.hub.address, "::");
    EXPECT_EQ(settings.hub.port, 0);
    EXPECT_EQ(settings.hub.data_directory, "/home/bob/data");
    EXPECT_EQ(settings.hub.io_threads, 3U);
    EXPECT_EQ(settings.hub.http_workers, 5U);
    EXPECT_EQ(settings.hub.log_bytes, 2U * 1024 * 1024);
    EXPECT_EQ(settings.hub.feed_bytes, 3U * 1024 * 1024);
    EXPECT_EQ(settings.hub.http_body_bytes, 4U * 1024);
    EXPECT_THAT(settings.hub.origins, ElementsAre("https://panel.example", "*"));
    EXPECT_EQ(settings.hub.devices, 7U);
    EXPECT_EQ(settings.hub.links_per_address, 11U);
    EXPECT_EQ(settings.hub.connects_per_address, 12U);
    EXPECT_EQ(settings.hub.unregistered_per_address, 13U);
    EXPECT_EQ(settings.log.to, LogSettings::To::File);
    EXPECT_EQ(settings.log.file, "/var/log/hubd.log");
    EXPECT_EQ(settings.log.rotate_bytes, 64U * 1024);
    EXPECT_EQ(settings.log.rotate_files, 0U);
    EXPECT_EQ(settings.log.format, LogFormat::Json);
    EXPECT_EQ(settings.log.levels.of("hub"), LogLevel::Error);
    EXPECT_EQ(settings.log.levels.of("two"), LogLevel::Debug);
    EXPECT_EQ(settings.log.levels.of("three"), LogLevel::Warning);
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
    EXPECT_EQ(refusalOf("hub.device_limit", "4194305"),
              "--set: hub.device_limit: \"4194305\" is not a whole number between 1 and 4194304");
}

TEST(CoreSettings, RefusesAnOriginThatIsNone) {
    EXPECT_EQ(
        refusalOf("hub.origins", "https://panel.example, panel.example"),
        "--set: hub.origins: \"panel.example\" is no origin: write scheme://host[:port], or *");
    EXPECT_EQ(refusalOf("hub.origins", "https://panel.example/"),
              "--set: hub.origins: \"https://panel.example/\" is no origin: write "
              "scheme://host[:port], or *");
}

TEST(CoreSettings, ReadsTimeoutsByTypeAndByDevice) {
    using std::chrono::milliseconds;
    const CoreSettings settings = core({{"presence.timeout", "60", ""},
                                        {"presence.type_timeouts", "esp32=90s, sensor=30,", ""},
                                        {"presence.device_timeouts", "weather-1=0600.5", ""}});
    EXPECT_EQ(settings.hub.timeouts.of("a", "lamp"), milliseconds(60'000));
    EXPECT_EQ(settings.hub.timeouts.of("a", "esp32"), milliseconds(90'000));
    EXPECT_EQ(settings.hub.timeouts.of("a", "sensor"), milliseconds(30'000));
    EXPECT_EQ(settings.hub.timeouts.of("weather-1", "sensor"), milliseconds(600'500));
}

TEST(CoreSettings, RefusesATimeoutThatIsNone) {
    for (const char* const entry : {"sensor", "sensor=", "=30", "sensor=abc", "sensor=0",
                                    "sensor=-5", "sensor=30x", "sensor=86401", "a=b=3"}) {
        EXPECT_EQ(refusalOf("presence.type_timeouts", std::string("esp32=90,") + entry),
                  "--set: presence.type_timeouts: \"" + std::string(entry) +
                      "\" is not a name and its timeout, 1s to 1d, as in name=90s");
    }
    EXPECT_EQ(
        refusalOf("presence.device_timeouts", "weather-1"),
        "--set: presence.device_timeouts: \"weather-1\" is not a name and its timeout, 1s to 1d, "
        "as in name=90s");
    EXPECT_EQ(refusalOf("presence.type_timeouts", "a=1,a=2"),
              "--set: presence.type_timeouts: \"a\" is named twice");
    EXPECT_THAT(refusalOf("presence.timeout", "0"), HasSubstr("--set: presence.timeout: \"0\""));
}

TEST(CoreSettings, RefusesAnUnknownLogLevel) {
    EXPECT_EQ(refusalOf("log.level", "loud"),
              "--set: log.level: \"loud\" is none of debug, info, warning and error");
}

TEST(CoreSettings, RefusesAWordThatIsNoTargetAndNoFormat) {
    EXPECT_EQ(refusalOf("log.to", "syslog"),
              "--set: log.to: \"syslog\" is none of console, file, journal");
    EXPECT_EQ(refusalOf("log.format", "xml"), "--set: log.format: \"xml\" is none of text, json");
}

TEST(CoreSettings, RefusesALogFileWithoutAName) {
    EXPECT_EQ(refusalOf("log.file", ""), "--set: log.file: it names no file");
    EXPECT_EQ(refusalOf("log.file", "logs/"), "--set: log.file: it names no file");
}

TEST(CoreSettings, RefusesToLogIntoTheLockOfItsFolder) {
    const std::string refusal =
        "--set: log.file: it is the lock of the data folder; name another file";
    EXPECT_EQ(refusalOf("log.file", "hubd.lock"), refusal);
    EXPECT_EQ(refusalOf("log.file", "./logs/../hubd.lock"), refusal);
    EXPECT_EQ(refusalOf("log.file", "/home/ada/var/hubd.lock"), refusal);
    EXPECT_EQ(refusalOf("log.file", "/var/log/hubd.lock"), "");
}

TEST(CoreSettings, RefusesLevelsItCannotUnderstand) {
    EXPECT_EQ(refusalOf("log.levels", "http-api"),
              "--set: log.levels: \"http-api\" is not as in hub=debug");
    EXPECT_EQ(refusalOf("log.levels", "http-api=loud"),
              "--set: log.levels: \"loud\" is none of debug, info, warning and error");
    EXPECT_EQ(refusalOf("log.levels", "http-app=info"),
              "--set: log.levels: \"http-app\" is no plugin of plugins.load and no part of the "
              "hub; did you mean \"http-api\"?");
    EXPECT_EQ(refusalOf("log.levels", "hub=info,hub=debug"),
              "--set: log.levels: \"hub\" is named twice");
}

TEST(CoreSettings, RefusesAnEmptyDataFolder) {
    EXPECT_EQ(refusalOf("hub.data_dir", ""), "--set: hub.data_dir: it is empty; name a folder");
}

TEST(CoreSettings, RefusesAPluginNamedTwice) {
    EXPECT_EQ(refusalOf("plugins.load", "http-api,sqlite-store,ws-transport,http-api"),
              "--set: plugins.load: \"http-api\" is named twice");
}

TEST(CoreSettings, LoadsFurtherPluginsBehindTheOthers) {
    EXPECT_THAT(core({{"plugins.also", "rules, bridge", ""}}).plugins.load,
                ElementsAre("sqlite-store", "ws-transport", "http-api", "rules", "bridge"));
    EXPECT_EQ(refusalOf("plugins.also", "http-api"),
              "--set: plugins.also: \"http-api\" is named twice");
    EXPECT_THAT(refusalOf("plugins.also", "../evil"),
                HasSubstr("--set: plugins.also: \"../evil\" is a path"));
}

TEST(CoreSettings, RefusesAnAddressThatIsNone) {
    EXPECT_EQ(
        refusalOf("hub.address", "hub.example"),
        "--set: hub.address: \"hub.example\" is no IP address: give one, such as 192.0.2.7 or "
        "::1, or localhost; other names are not looked up, and the port is that of hub.port");
    EXPECT_THAT(refusalOf("hub.address", "localhost:8000"), HasSubstr("the port is that of"));
    EXPECT_EQ(refusalOf("hub.address", "::1"), "");
    EXPECT_EQ(refusalOf("hub.address", "localhost"), "");
}

TEST(CoreSettings, RefusesAPathForAPlugin) {
    EXPECT_EQ(refusalOf("plugins.load", "../evil"),
              "--set: plugins.load: \"../evil\" is a path; name the plugin, and its folder in "
              "plugins.dir");
}

TEST(CoreSettings, TheSafeModeLoadsOnlyWhatIsRequired) {
    const CoreSettings settings =
        inSafeMode(core({{"plugins.load", "a,b,c,d", ""}, {"plugins.required", "c,a", ""}}));
    EXPECT_TRUE(settings.safe);
    EXPECT_THAT(settings.plugins.load, ElementsAre("a", "c"));
    EXPECT_THAT(settings.left_out, ElementsAre("b", "d"));
}

TEST(CoreSettings, RefusesToRequireWhatItDoesNotLoad) {
    EXPECT_EQ(
        refusalOf("plugins.required", "sqlite-stor"),
        "default value: plugins.load: it lacks \"sqlite-stor\", which plugins.required names: "
        "add it, or take it out of plugins.required");
    EXPECT_EQ(refusalOf("plugins.load", "http-api"),
              "--set: plugins.load: it lacks \"sqlite-store\", which plugins.required names: add "
              "it, or take it out of plugins.required");
}

}  // namespace
}  // namespace hub::daemon
