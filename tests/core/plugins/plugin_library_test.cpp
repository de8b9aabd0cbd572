#include "plugins/plugin_library.h"

#include "fakes/temporary_folder.h"
#include "plugins/library_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <type_traits>

namespace hub::plugins {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

static_assert(!std::is_copy_constructible_v<PluginLibrary>);

std::filesystem::path fixture(const std::string& name) {
    return std::filesystem::path(FIXTURE_PLUGINS) / (name + ".so");
}

// The reason why a library is refused, without the file it begins with; "" when it is not refused.
std::string refusalOf(const std::filesystem::path& file) {
    try {
        const PluginLibrary library(file);
        return "";
    } catch (const std::runtime_error& error) {
        const std::string line = error.what();
        const std::string begin = file.string() + ": ";
        EXPECT_THAT(line, AllOf(StartsWith(begin), Not(HasSubstr("\n"))));
        return line.substr(begin.size());
    }
}

TEST(PluginLibrary, ReadsTheStampAndMakesAnInstance) {
    const PluginLibrary library(fixture("transport-one"));

    EXPECT_EQ(library.name(), "transport-one");
    EXPECT_EQ(library.version(), "1.2.3");
    EXPECT_EQ(library.kind(), PluginKind::Transport);
    const auto plugin = library.create();
    ASSERT_EQ(plugin->options().size(), 1U);
    EXPECT_EQ(plugin->options().front().name, "transport-one.word");
}

TEST(PluginLibrary, EachLibraryMakesItsOwnClassWhenNamesAreEqual) {
    const PluginLibrary one(fixture("extension-one"));
    const PluginLibrary two(fixture("extension-two"));

    EXPECT_EQ(one.create()->options().front().name, "extension-one.word");
    EXPECT_EQ(two.create()->options().front().name, "extension-two.word");
}

TEST(PluginLibrary, AnInstanceOutlivesTheLibraryObject) {
    auto plugin = PluginLibrary(fixture("extension-one")).create();
    EXPECT_EQ(plugin->options().front().name, "extension-one.word");
}

TEST(PluginLibrary, RefusesAnotherApi) {
    EXPECT_EQ(refusalOf(fixture("other-api")),
              "built for plugin API " + std::to_string(kPluginApi + 1) + ", this hub speaks " +
                  std::to_string(kPluginApi) + ". Rebuild the plugin.");
}

TEST(PluginLibrary, RefusesAnotherToolchain) {
    EXPECT_EQ(refusalOf(fixture("other-toolchain")),
              "built with fortran-77, this hub with " + std::string(kToolchain) +
                  ". Rebuild the plugin with the hub's compiler.");
}

TEST(PluginLibrary, RefusesAStampThatIsNone) {
    EXPECT_EQ(refusalOf(fixture("other-magic")),
              "its symbol hub_plugin_stamp is not that of a hub plugin");
}

TEST(PluginLibrary, RefusesAKindItDoesNotKnow) {
    EXPECT_EQ(refusalOf(fixture("other-kind")),
              "its stamp names no kind of plugin this hub knows. Rebuild the plugin.");
}

TEST(PluginLibrary, RefusesALibraryWithoutAStamp) {
    EXPECT_EQ(refusalOf(fixture("foreign")),
              "not a hub plugin (it has no symbol hub_plugin_stamp)");
}

TEST(PluginLibrary, RefusesALibraryWithoutAClass) {
    EXPECT_EQ(refusalOf(fixture("no-manifest")),
              "exports no class. End the plugin's source with HUB_EXPORT_PLUGIN.");
}

TEST(PluginLibrary, RefusesTwoClasses) {
    EXPECT_EQ(refusalOf(fixture("two-classes")),
              "exports 2 plugin classes, a plugin library has exactly one");
}

TEST(PluginLibrary, RefusesWhatIsNoLibrary) {
    EXPECT_EQ(refusalOf(__FILE__), "not a shared library");
    EXPECT_THAT(refusalOf("/proc/self/exe"), StartsWith("cannot be loaded: "));
    EXPECT_EQ(refusalOf(fixture("missing")), "no such file");
    EXPECT_EQ(refusalOf(fixture("store_one")), R"(no such file; did you mean "store-one"?)");
    EXPECT_EQ(refusalOf(FIXTURE_PLUGINS), "no such file");
}

TEST(PluginLibrary, RefusesALibraryThatNeedsWhatIsNotThere) {
    EXPECT_THAT(refusalOf(fixture("needs-symbol")),
                AllOf(StartsWith("cannot be loaded: "), HasSubstr("notInAnyLibrary")));
    EXPECT_THAT(refusalOf(fixture("needs-library")),
                AllOf(StartsWith("cannot be loaded: "), HasSubstr("libfixture_absent.so")));
}

// The dynamic linker would end the process with SIGBUS or SIGSEGV.
TEST(PluginLibrary, RefusesALibraryThatIsCutOffAnywhere) {
    const fakes::TemporaryFolder folder;
    const auto file = folder.path() / "cut.so";
    std::filesystem::copy_file(fixture("extension-one"), file);

    for (const int size : {8192, 4096, 100, 64, 5}) {
        std::filesystem::resize_file(file, static_cast<std::uintmax_t>(size));
        EXPECT_EQ(refusalOf(file), "is damaged: its headers speak of more than its " +
                                       std::to_string(size) + " bytes. Install the plugin again.");
    }
    std::filesystem::resize_file(file, 0);
    EXPECT_EQ(refusalOf(file), "is empty. Install the plugin again.");
}

TEST(PluginLibrary, RefusesALibraryWithNonsenseInItsHeader) {
    const fakes::TemporaryFolder folder;
    const auto file = folder.path() / "odd.so";
    for (std::streamoff at = 4; at < 64; ++at) {
        std::filesystem::copy_file(fixture("extension-one"), file,
                                   std::filesystem::copy_options::overwrite_existing);
        std::fstream(file, std::ios::in | std::ios::out | std::ios::binary).seekp(at).put('\xff');
        try {
            checkLibraryFile(file);
        } catch (const std::runtime_error& error) {
            EXPECT_THAT(error.what(), AnyOf(StartsWith("is damaged: "),
                                            StartsWith("not a shared library for this machine")));
        }
    }
}

}  // namespace
}  // namespace hub::plugins
