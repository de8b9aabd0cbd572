#include "daemon/plugin_list.h"

#include "fakes/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace hub::daemon {
namespace {

using testing::MatchesRegex;

// A folder with the plugins of the project, as far as they are let in.
class PluginListTest : public testing::Test {
protected:
    void letIn(const std::string& name) const {
        std::filesystem::create_symlink(std::filesystem::path(HUB_PLUGINS) / (name + ".so"),
                                        folder_.path() / (name + ".so"));
    }
    std::string list(std::vector<std::string> load, std::vector<std::string> required) const {
        return listPlugins({folder_.path(), std::move(load), std::move(required)});
    }

    fakes::TemporaryFolder folder_;
};

TEST_F(PluginListTest, ShowsTheSelectedOnesInOrderAndThenTheOthers) {
    letIn("sqlite-store");
    letIn("http-api");
    letIn("ws-transport");
    EXPECT_THAT(list({"ws-transport", "sqlite-store"}, {"sqlite-store"}),
                MatchesRegex("NAME          KIND       VERSION  STATE\n"
                             "ws-transport  transport  [0-9.]+    loaded\n"
                             "sqlite-store  store      [0-9.]+    loaded, required\n"
                             "http-api      extension  [0-9.]+    not selected\n"));
}

TEST_F(PluginListTest, SaysWhyOneCannotBeLoaded) {
    std::ofstream(folder_.path() / "broken.so") << "this is no library";
    std::ofstream(folder_.path() / "read.me") << "nor is this";
    EXPECT_THAT(list({"missing"}, {"missing"}),
                MatchesRegex("NAME     KIND  VERSION  STATE\n"
                             "missing  -     -        failed, required: .*/missing.so: [^\n]+\n"
                             "broken   -     -        not selected: .*/broken.so: [^\n]+\n"));
}

TEST_F(PluginListTest, AnEmptyFolderShowsNone) {
    EXPECT_EQ(list({}, {}), "NAME  KIND  VERSION  STATE\n");
    EXPECT_EQ(listPlugins({folder_.path() / "missing", {}, {}}), "NAME  KIND  VERSION  STATE\n");
}

}  // namespace
}  // namespace hub::daemon
