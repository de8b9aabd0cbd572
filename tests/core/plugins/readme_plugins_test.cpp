// The examples of plugins/README.md: complete, compiled and loaded as they stand there.
#include "fakes/fake_hub.h"
#include "plugins/plugin_library.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace hub::plugins {
namespace {

std::string contentOf(const std::string& file) {
    std::ifstream stream(std::string(SOURCE_ROOT) + "/" + file);
    EXPECT_TRUE(stream) << file;
    return {std::istreambuf_iterator<char>(stream), {}};
}

TEST(HelloPlugin, AnswersItsRouteUntilItIsStopped) {
    fakes::FakeHub hub;
    const PluginLibrary library(HELLO_PLUGIN);
    const auto plugin = library.create();

    plugin->configure(Options(plugin->options(), {{"hello.name", "O\"Neill"}}));
    plugin->start(hub);
    EXPECT_EQ(hub.routes().get("/api/hello").body, R"({"hello":"O\"Neill"})");

    plugin->stop();
    EXPECT_EQ(hub.routes().count(), 0U);
}

TEST(CurfewPlugin, StopsDevicesOfItsTypeAndRefusesThemAllElseUntilItIsLifted) {
    fakes::FakeHub hub;
    const PluginLibrary library(CURFEW_PLUGIN);
    const auto plugin = library.create();
    plugin->configure(Options(plugin->options(), {{"curfew.type", "robot"}}));
    plugin->start(hub);
    const auto objectionTo = [&hub](const std::string& command, const std::string& type) {
        Device target;
        target.type = type;
        return hub.ledger().objection({"1", command, "{}"}, target).value_or("none");
    };
    EXPECT_EQ(objectionTo("forward", "robot"), "none");

    hub.ledger().answer(CommandStatus::Sent, {{"r2", TargetStatus::Sent, ""}});
    EXPECT_EQ(hub.routes().send("POST", "/api/curfew").body, R"({"stopping":1})");
    ASSERT_EQ(hub.ledger().requests().size(), 1U);
    EXPECT_EQ(hub.ledger().requests()[0].targets.word, "robot");
    EXPECT_EQ(objectionTo("forward", "robot"),
              "curfew: devices of type robot take no command but stop");
    EXPECT_EQ(objectionTo("stop", "robot"), "none");
    EXPECT_EQ(objectionTo("forward", "lamp"), "none");

    EXPECT_EQ(hub.routes().send("DELETE", "/api/curfew").status, 204);
    EXPECT_EQ(objectionTo("forward", "robot"), "none");
    plugin->stop();
    EXPECT_TRUE(hub.ledger().guards().empty());
    EXPECT_EQ(hub.routes().count(), 0U);
}

TEST(ReadmePlugins, StandInTheReadmeAsTheyAreBuilt) {
    const std::string readme = contentOf("plugins/README.md");
    for (const char* source : {"hello/hello_plugin.cpp", "curfew/curfew_plugin.cpp"}) {
        EXPECT_THAT(readme,
                    testing::HasSubstr("```cpp\n" +
                                       contentOf(std::string("tests/fixtures/") + source) + "```"));
    }
    EXPECT_THAT(readme,
                testing::HasSubstr("```cmake\n" + contentOf("tests/fixtures/hello/CMakeLists.txt") +
                                   "```"));
}

}  // namespace
}  // namespace hub::plugins
