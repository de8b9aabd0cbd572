// The example of plugins/README.md: complete, compiled and loaded as it stands there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "core/plugins/plugin_services_fake.h"
#include "fakes/recording_logger.h"
#include "plugins/plugin_library.h"

namespace hub {
namespace {

std::string contentOf(const std::string& file) {
    std::ifstream stream(std::string(SOURCE_ROOT) + "/" + file);
    EXPECT_TRUE(stream) << file;
    return {std::istreambuf_iterator<char>(stream), {}};
}

class NoRequest final : public HttpRequest {
public:
    std::string_view method() const noexcept override { return "GET"; }
    std::string_view path() const noexcept override { return "/api/hello"; }
    std::string_view parameter(std::string_view) const noexcept override { return ""; }
    std::optional<std::string_view> query(std::string_view) const noexcept override { return {}; }
    std::optional<std::string_view> header(std::string_view) const noexcept override { return {}; }
    std::string_view body() const noexcept override { return ""; }
    std::string_view remoteAddress() const noexcept override { return "192.0.2.1:1"; }
};

TEST(HelloPlugin, AnswersItsRouteUntilItIsStopped) {
    fakes::RecordingLogger logger;
    fakes::RecordingRoutes routes;
    fakes::PluginServices services(logger, routes);
    const PluginLibrary library(HELLO_PLUGIN);
    const auto plugin = library.create();

    plugin->configure(Options(plugin->options(), {{"hello.name", "O\"Neill"}}));
    plugin->start(services);
    const auto handler = routes.handlers.find({"GET", "/api/hello"});
    ASSERT_NE(handler, routes.handlers.end());
    EXPECT_EQ(handler->second(NoRequest()).body, R"({"hello":"O\"Neill"})");

    plugin->stop();
    EXPECT_TRUE(routes.handlers.empty());
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
}  // namespace hub
