// The real hubd with plugins that break their promises: it says so, and goes on or ends well.
#include "fakes/temporary_folder.h"
#include "integration/clients.h"
#include "integration/hub_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace hub::integration {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class PluginFaults : public testing::Test {
protected:
    PluginFaults() {
        std::filesystem::create_directory(plugins());
        for (const char* name : {"sqlite-store", "ws-transport", "http-api"}) {
            link(HUB_PLUGIN_PATH, name);
        }
    }

    [[nodiscard]] std::filesystem::path plugins() const { return folder_.path() / "plugins"; }
    [[nodiscard]] std::filesystem::path library(const std::string& name) const {
        return plugins() / (name + ".so");
    }
    void link(const std::filesystem::path& from, const std::string& name) const {
        std::filesystem::create_symlink(from / (name + ".so"), library(name));
    }
    [[nodiscard]] std::filesystem::path data() const { return folder_.path() / "data"; }

    // The hub's own plugins and one with a fault.
    [[nodiscard]] std::vector<std::string> with(const std::string& name) const {
        return {"--set", "plugins.dir=" + plugins().string(), "--set",
                "plugins.load=sqlite-store, ws-transport, http-api, " + name};
    }

    // A device that has connected, and to which what it said was acknowledged.
    static std::unique_ptr<DeviceClient> servedDevice(const HubProcess& hub) {
        auto device = std::make_unique<DeviceClient>(hub.port(), "lamp");
        device->send(R"({"message_type":"registration","device_type":"lamp","msg_id":1})");
        EXPECT_EQ(device->receive(), R"({"message_type":"ack","msg_id":1})");
        return device;
    }

    fakes::TemporaryFolder folder_;
};

TEST_F(PluginFaults, ALibraryThatIsCutOffIsLeftOut) {
    std::filesystem::copy_file(std::filesystem::path(FIXTURE_PATH) / "extension-one.so",
                               library("extension-one"));
    std::filesystem::resize_file(library("extension-one"), 8192);
    HubProcess hub(data(), with("extension-one"));
    const auto device = servedDevice(hub);
    EXPECT_EQ(hub.stop(), 0);
    EXPECT_THAT(hub.output(), HasSubstr("plugin extension-one cannot be loaded: " +
                                        library("extension-one").string() + ": is damaged"));
}

TEST_F(PluginFaults, OneThatThrowsInItsStartIsLeftOut) {
    link(FIXTURE_PATH, "fails-to-start");
    HubProcess hub(data(), with("fails-to-start"));
    const auto device = servedDevice(hub);
    EXPECT_EQ(hub.stop(), 0);
    EXPECT_THAT(hub.output(), HasSubstr("plugin fails-to-start cannot start: "));
}

TEST_F(PluginFaults, OneThatDoesNotStopIsLeftBehindAndTheRestStopsWell) {
    link(FIXTURE_PATH, "hanging-transport");
    HubProcess hub(data(), with("hanging-transport"));
    const auto device = servedDevice(hub);
    EXPECT_EQ(hub.stop(), 1);
    EXPECT_THAT(hub.output(), AllOf(HasSubstr("plugin hanging-transport does not stop"),
                                    Not(HasSubstr("unacknowledged events are lost"))));
    EXPECT_FALSE(std::filesystem::exists(data() / "hub.db-wal")) << "the store was closed";
    EXPECT_EQ(queryOne(data() / "hub.db", "SELECT offline_reason FROM devices"), "hub_stopped");
}

TEST_F(PluginFaults, NothingThatIsPublishedAfterStopIsStored) {
    link(FIXTURE_PATH, "publishes-after-stop");
    HubProcess hub(data(), with("publishes-after-stop"));
    const auto device = servedDevice(hub);
    EXPECT_EQ(hub.stop(), 0);
    EXPECT_THAT(hub.output(),
                AllOf(HasSubstr("plugin publishes-after-stop still holds 1 event sink, 1 device "
                                "session after its end"),
                      Not(HasSubstr("something was allowed"))));
    EXPECT_EQ(queryOne(data() / "hub.db",
                       "SELECT count(*) FROM device_state_snapshots WHERE device_id = 'stray'"),
              "0");
    EXPECT_EQ(queryOne(data() / "hub.db", "SELECT count(*) FROM devices WHERE device_id = 'late'"),
              "0");
}

TEST_F(PluginFaults, ARequiredPluginThatHasFailedMakesTheHubNotReady) {
    link(FIXTURE_PATH, "says-it-failed");
    std::vector<std::string> options = with("says-it-failed");
    options.insert(options.end(), {"--set", "plugins.required=sqlite-store, says-it-failed"});
    HubProcess hub(data(), options);
    const Reply ready = get(hub.port(), "/readyz");
    EXPECT_EQ(ready.status, 503);
    EXPECT_THAT(ready.body,
                HasSubstr("plugin says-it-failed has failed: the broker does not answer"));
    EXPECT_EQ(hub.stop(), 0);
}

}  // namespace
}  // namespace hub::integration
