// The example of plugins/README.md: complete, compiled and loaded as it stands there.
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

TEST(HelloPlugin, StandsInTheReadmeAsItIsBuilt) {
    const std::string readme = contentOf("plugins/README.md");
    EXPECT_THAT(readme,
                testing::HasSubstr("```cpp\n" + contentOf("tests/fixtures/hello/hello_plugin.cpp") +
                                   "```"));
    EXPECT_THAT(readme,
                testing::HasSubstr("```cmake\n" + contentOf("tests/fixtures/hello/CMakeLists.txt") +
                                   "```"));
}

}  // namespace
}  // namespace hub::plugins
