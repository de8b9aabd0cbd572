#include "sqlite_store_plugin.h"

#include "contract/event_story.h"
#include "fakes/fake_hub.h"
#include "fakes/temporary_folder.h"
#include "shell.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <stdexcept>

namespace hub::sqlite_store {
namespace {

using testing::HasSubstr;

class SqliteStorePluginTest : public testing::Test {
protected:
    SqliteStorePluginTest() { hub_.setDataDirectory(folder_.path()); }

    void configure(const std::map<std::string, std::string>& given) {
        plugin_.configure(Options(plugin_.options(), given));
    }

    fakes::TemporaryFolder folder_;
    fakes::FakeHub hub_;
    SqliteStorePlugin plugin_;
};

TEST_F(SqliteStorePluginTest, KeepsHubDbInTheDataDirectory) {
    configure({});
    plugin_.start(hub_);
    EXPECT_TRUE(std::filesystem::exists(folder_.path() / "hub.db"));
    EXPECT_EQ(plugin_.health().state, Health::State::Ok);
    plugin_.stop();
}

TEST_F(SqliteStorePluginTest, OffersWhatItStoresAsHistory) {
    configure({{"store.readers", "1"}});
    plugin_.start(hub_);
    contract::EventStory story;
    story.reports("lamp-1", R"({"on":true})");
    ASSERT_TRUE(hub_.store()->append(story.take()).ok());
    std::string seen;
    EXPECT_TRUE(hub_.history()
                    ->states({}, [&](const StateRow& row) { return (seen = row.state, true); })
                    .ok());
    EXPECT_EQ(seen, R"({"on":true})");
    plugin_.stop();
}

TEST_F(SqliteStorePluginTest, StoppingDetachesAndClosesTheFile) {
    configure({{"store.path", "other.db"}});
    plugin_.start(hub_);
    contract::EventStory story;
    story.reports("lamp-1", "{}");
    ASSERT_TRUE(hub_.store()->append(story.take()).ok());
    EXPECT_TRUE(hub_.history()->states({}, [](const StateRow&) { return true; }).ok());
    plugin_.stop();
    EXPECT_EQ(hub_.store(), nullptr);
    EXPECT_EQ(hub_.history(), nullptr);
    EXPECT_FALSE(std::filesystem::exists(folder_.path() / "other.db-wal"));
    EXPECT_EQ(Shell(folder_.path() / "other.db").value("SELECT count(*) FROM state"), "1");
}

TEST_F(SqliteStorePluginTest, AnAbsolutePathIsTakenAsItIs) {
    const fakes::TemporaryFolder elsewhere;
    configure({{"store.path", (elsewhere.path() / "x.db").string()}});
    plugin_.start(hub_);
    EXPECT_TRUE(std::filesystem::exists(elsewhere.path() / "x.db"));
    plugin_.stop();
}

TEST_F(SqliteStorePluginTest, APathThatNamesNoFileIsRefused) {
    for (const char* const path : {"", "folder/"}) {
        try {
            configure({{"store.path", path}});
            FAIL() << '"' << path << "\" must be refused";
        } catch (const std::invalid_argument& e) {
            EXPECT_THAT(e.what(), HasSubstr("store.path"));
        }
    }
}

TEST_F(SqliteStorePluginTest, AFileThatCannotBeUsedStopsTheStart) {
    configure({{"store.path", "missing/hub.db"}});
    EXPECT_THROW(plugin_.start(hub_), std::exception);
}

TEST_F(SqliteStorePluginTest, ADamagedFileIsSetAsideOnlyWhenThatIsWanted) {
    std::ofstream(folder_.path() / "hub.db") << std::string(10'000, 'x');
    configure({});
    EXPECT_THROW(plugin_.start(hub_), std::exception);
    configure({{"store.recover", "true"}});
    plugin_.start(hub_);
    EXPECT_TRUE(hub_.log().contains(LogLevel::Error, "set aside as " + folder_.path().string()));
    plugin_.stop();
}

TEST_F(SqliteStorePluginTest, KeepsHistoryAsLongAsIsConfigured) {
    configure({{"store.retention_time", "3600"}});
    plugin_.start(hub_);
    contract::EventStory story;
    story.reports("lamp-1", "1").reports("lamp-1", "2");
    ASSERT_TRUE(hub_.store()->append(story.take()).ok());
    const Timestamp later = story.time() + std::chrono::hours(2);
    while (hub_.store()->maintain(later)) {
    }
    EXPECT_EQ(Shell(folder_.path() / "hub.db").value("SELECT group_concat(seq) FROM state"), "2");
    plugin_.stop();
}

}  // namespace
}  // namespace hub::sqlite_store
