#include "plugins/plugin_host.h"

#include "fakes/fake_devices.h"
#include "fakes/fake_hub.h"
#include "fakes/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace hub::plugins {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;
using testing::UnorderedElementsAre;

using Names = std::vector<std::string>;

// What plugins and the host log: `<logger>: <message>`. Any thread.
class Heard {
public:
    void hear(std::string line) {
        const std::lock_guard lock(mutex_);
        lines_.push_back(std::move(line));
        heard_.notify_all();
    }
    [[nodiscard]] Names lines() const {
        const std::lock_guard lock(mutex_);
        return lines_;
    }
    void clear() {
        const std::lock_guard lock(mutex_);
        lines_.clear();
    }
    // False when the line has not come within a minute.
    [[nodiscard]] bool await(const std::string& line) {
        std::unique_lock lock(mutex_);
        return heard_.wait_for(lock, std::chrono::minutes(1),
                               [&] { return std::ranges::find(lines_, line) != lines_.end(); });
    }

private:
    mutable std::mutex mutex_;
    std::condition_variable heard_;
    Names lines_;
};

// Loads fixture plugins.
class PluginHostTest : public testing::Test {
protected:
    std::unique_ptr<PluginHost> host(const Names& load, const Names& required = {},
                                     std::span<const Option> core = {}) {
        return std::make_unique<PluginHost>(
            PluginSelection{directory_, load, required}, core,
            [heard = heard_](std::string_view name) {
                return std::make_unique<Scribe>(name, heard);
            },
            StopLimits{.store = stop_limit_, .others = stop_limit_});
    }

    std::unique_ptr<PluginHost> started(const Names& load, const Names& required = {}) {
        auto plugins = host(load, required);
        plugins->configure({});
        plugins->start(services());
        return plugins;
    }

    PluginHost::ServicesFactory services() {
        return [this](Logger& logger) {
            auto hub = std::make_unique<fakes::FakeHub>();
            hub->use(logger);
            hub->use(devices_);
            return hub;
        };
    }

    [[nodiscard]] Names heard() const { return heard_->lines(); }

    // The failure that `action` ends with.
    template <class Action>
    static PluginFailure failureOf(Action action) {
        try {
            action();
        } catch (const PluginFailure& failure) {
            return failure;
        }
        ADD_FAILURE() << "nothing failed";
        return {PluginFailure::Step::Load, {}, ""};
    }

    std::filesystem::path directory_ = FIXTURE_PLUGINS;
    std::chrono::milliseconds stop_limit_ = std::chrono::minutes(1);
    fakes::FakeDevices devices_;
    // Shared with the loggers: a plugin that does not stop keeps its own.
    std::shared_ptr<Heard> heard_ = std::make_shared<Heard>();

private:
    class Scribe final : public Logger {
    public:
        Scribe(std::string_view name, std::shared_ptr<Heard> heard)
            : name_(name), heard_(std::move(heard)) {}
        void log(LogLevel, std::string_view message) noexcept override {
            heard_->hear(name_ + ": " + std::string(message));
        }
        [[nodiscard]] bool enabled(LogLevel) const noexcept override { return true; }

    private:
        std::string name_;
        std::shared_ptr<Heard> heard_;
    };
};

TEST_F(PluginHostTest, StartsStoresThenTransportsThenExtensions) {
    const auto plugins =
        started({"extension-two", "transport-two", "extension-one", "store-one", "transport-one"});

    EXPECT_THAT(
        heard(),
        ElementsAre("store-one: started with default", "transport-two: started with default",
                    "transport-one: started with default", "extension-two: started with default",
                    "extension-one: started with default"));
}

TEST_F(PluginHostTest, StopsEachKindInReverseAndDestroysWhatItStopped) {
    const auto plugins = started({"store-one", "extension-one", "extension-two"});
    heard_->clear();

    plugins->stop(PluginKind::Extension);
    EXPECT_THAT(heard(), ElementsAre("extension-two: stopped", "extension-two: destroyed",
                                     "extension-one: stopped", "extension-one: destroyed"));
    heard_->clear();

    plugins->stop(PluginKind::Transport);
    EXPECT_THAT(heard(), IsEmpty());

    plugins->stop(PluginKind::Store);
    EXPECT_THAT(heard(), ElementsAre("store-one: stopped", "store-one: destroyed"));
}

TEST_F(PluginHostTest, StopsNothingTwice) {
    auto plugins = started({"extension-one"});
    plugins->stop(PluginKind::Extension);
    heard_->clear();

    plugins->stop(PluginKind::Extension);
    plugins.reset();
    EXPECT_THAT(heard(), IsEmpty());
}

TEST_F(PluginHostTest, DestructionStopsWhatRunsInOrder) {
    auto plugins = started({"store-one", "transport-one", "extension-one"});
    heard_->clear();

    plugins.reset();
    EXPECT_THAT(heard(), ElementsAre("extension-one: stopped", "extension-one: destroyed",
                                     "transport-one: stopped", "transport-one: destroyed",
                                     "store-one: stopped", "store-one: destroyed"));
}

TEST_F(PluginHostTest, GivesEveryPluginItsOwnValues) {
    const auto plugins = host({"extension-one", "extension-two"});
    plugins->configure({{"extension-two.word", "two"}, {"extension-one.word", "one"}});
    plugins->start(services());

    EXPECT_THAT(heard(),
                ElementsAre("extension-one: started with one", "extension-two: started with two"));
}

TEST_F(PluginHostTest, CollectsTheKeysOfAllPlugins) {
    const auto plugins = host({"extension-one", "store-one", "missing"});

    const auto options = plugins->options();
    ASSERT_EQ(options.size(), 2U);
    EXPECT_EQ(options[0].plugin, "extension-one");
    EXPECT_EQ(options[0].options.front().name, "extension-one.word");
    EXPECT_EQ(options[1].plugin, "store-one");
}

TEST_F(PluginHostTest, GoesOnWithoutAnOptionalPluginThatCannotBeLoaded) {
    const auto plugins = started({"other-api", "extension-one"});

    EXPECT_THAT(heard(),
                ElementsAre(AllOf(StartsWith("plugins: plugin other-api cannot be loaded: "),
                                  HasSubstr("other-api.so: built for plugin API ")),
                            "extension-one: started with default"));
}

TEST_F(PluginHostTest, GoesOnWithoutAnOptionalPluginThatThrowsInConstruction) {
    const auto plugins = started({"fails-to-construct", "extension-one"});

    EXPECT_THAT(heard(), ElementsAre("plugins: plugin fails-to-construct cannot be loaded: "
                                     "no memory for it",
                                     "extension-one: started with default"));
}

TEST_F(PluginHostTest, GoesOnWithoutAnOptionalPluginThatThrowsInConfigure) {
    const auto plugins = started({"fails-to-configure", "extension-one"});

    EXPECT_THAT(heard(), ElementsAre("plugins: plugin fails-to-configure refuses its "
                                     "configuration: failing.mood: choose a better one",
                                     "extension-one: started with default"));
}

TEST_F(PluginHostTest, GoesOnWithoutAnOptionalPluginThatThrowsInStart) {
    const auto plugins = started({"fails-to-start", "extension-one"});

    EXPECT_THAT(heard(), ElementsAre("plugins: plugin fails-to-start cannot start: "
                                     "File not found: the file it needs: /nowhere",
                                     "extension-one: started with default"));
}

TEST_F(PluginHostTest, DetachesAPluginThatThrowsInStartBeforeItGoes) {
    const auto plugins = started({"fails-attached"});

    EXPECT_THAT(heard(),
                ElementsAre("fails-attached: its route is gone", "fails-attached: the plugin goes",
                            "plugins: plugin fails-attached cannot start: "
                            "only half of it is there"));
}

TEST_F(PluginHostTest, SurvivesWhatIsNoException) {
    const auto plugins = started({"fails-oddly", "extension-one"});

    EXPECT_THAT(heard(), ElementsAre("plugins: plugin fails-oddly cannot start: "
                                     "it threw something that is no std::exception",
                                     "extension-one: started with default"));
}

TEST_F(PluginHostTest, SurvivesServicesThatCannotBeMade) {
    const auto plugins = host({"extension-one"});
    plugins->configure({});
    plugins->start([](Logger&) -> std::unique_ptr<HubServices> {
        throw std::runtime_error("no services today");
    });

    EXPECT_THAT(heard(), ElementsAre("plugins: plugin extension-one cannot start: "
                                     "no services today"));
}

TEST_F(PluginHostTest, ARequiredPluginThatCannotBeLoadedEndsTheStart) {
    const auto failure = failureOf([this] {
        auto plugins = host({"store-one", "missing"}, {"missing"});
    });

    EXPECT_EQ(failure.step(), PluginFailure::Step::Load);
    EXPECT_EQ(failure.kind(), std::nullopt);
    EXPECT_EQ(std::string(failure.what()),
              "plugin missing cannot be loaded: " + (directory_ / "missing.so").string() +
                  ": no such file");
}

TEST_F(PluginHostTest, ARequiredPluginThatRefusesItsConfigurationEndsTheStart) {
    const auto plugins = host({"fails-to-configure"}, {"fails-to-configure"});

    const auto failure = failureOf([&] { plugins->configure({}); });
    EXPECT_EQ(failure.step(), PluginFailure::Step::Configure);
    EXPECT_EQ(failure.kind(), PluginKind::Extension);
}

TEST_F(PluginHostTest, ARequiredStoreThatCannotStartEndsTheStart) {
    const auto plugins = host({"failing-store"}, {"failing-store"});
    plugins->configure({});

    const auto failure = failureOf([&] { plugins->start(services()); });
    EXPECT_EQ(failure.step(), PluginFailure::Step::Start);
    EXPECT_EQ(failure.kind(), PluginKind::Store);
}

TEST_F(PluginHostTest, ARequiredPluginThatCannotStartHasTheOthersStopped) {
    const auto plugins = host({"store-one", "fails-to-start", "extension-one"}, {"fails-to-start"});
    plugins->configure({});

    const auto failure = failureOf([&] { plugins->start(services()); });
    EXPECT_STREQ(failure.what(),
                 "plugin fails-to-start cannot start: File not found: the file it needs: /nowhere");
    EXPECT_THAT(heard(), ElementsAre("store-one: started with default", "store-one: stopped",
                                     "store-one: destroyed"));
}

TEST_F(PluginHostTest, RefusesAKeyThatIsAnothers) {
    const std::array core{Option{"extension-one.word", Option::Type::Text, "", "Taken."}};
    const auto plugins = host({"extension-one"}, {}, core);

    EXPECT_THAT(heard(),
                ElementsAre("plugins: plugin extension-one cannot be loaded: it declares "
                            "the key \"extension-one.word\", which is another's. Name keys "
                            "after the plugin."));
    EXPECT_THAT(plugins->options(), IsEmpty());
}

TEST_F(PluginHostTest, RefusesALibraryUnderAnotherName) {
    const auto fixtures = directory_;
    const fakes::TemporaryFolder folder;
    directory_ = folder.path();
    std::filesystem::copy_file(fixtures / "extension-one.so", directory_ / "renamed.so");

    const auto plugins = host({"renamed"});
    EXPECT_THAT(heard(), ElementsAre("plugins: plugin renamed cannot be loaded: the library calls "
                                     "itself \"extension-one\". Name the file after the plugin."));
}

TEST_F(PluginHostTest, TellsHowEveryPluginIs) {
    const auto plugins = started({"extension-one", "fails-to-start", "missing"});

    const auto running = plugins->status();
    ASSERT_EQ(running.size(), 3U);
    EXPECT_EQ(running[0].name, "extension-one");
    EXPECT_EQ(running[0].version, "1.2.3");
    EXPECT_EQ(running[0].kind, PluginKind::Extension);
    EXPECT_EQ(running[0].state, PluginState::Started);
    EXPECT_EQ(running[0].health.sentence, "a fixture is never quite well");
    EXPECT_EQ(running[1].state, PluginState::Failed);
    EXPECT_EQ(running[1].health.state, Health::State::Failed);
    EXPECT_THAT(running[1].health.sentence, HasSubstr("/nowhere"));
    EXPECT_EQ(running[2].kind, std::nullopt);
    EXPECT_EQ(running[2].version, "");

    plugins->stop(PluginKind::Extension);
    EXPECT_EQ(plugins->status()[0].state, PluginState::Stopped);
}

TEST_F(PluginHostTest, AHealthThatThrowsIsAFailure) {
    const auto plugins = started({"throws-in-health"});

    const PluginStatus status = plugins->status().at(0);
    EXPECT_EQ(status.state, PluginState::Started);
    EXPECT_EQ(status.health.state, Health::State::Failed);
    EXPECT_EQ(status.health.sentence, "no idea how it is");
}

TEST_F(PluginHostTest, LeavesBehindAPluginThatDoesNotStop) {
    stop_limit_ = std::chrono::milliseconds(100);
    const auto plugins = started({"extension-one", "hangs-in-stop"});
    heard_->clear();

    plugins->stop(PluginKind::Extension);
    EXPECT_THAT(heard(), ElementsAre("plugins: plugin hangs-in-stop does not stop: left behind "
                                     "after 100 ms, and the process will end without waiting for "
                                     "it",
                                     "extension-one: stopped", "extension-one: destroyed"));
    EXPECT_EQ(plugins->remains(), PluginHost::Remains::Stop);
    EXPECT_EQ(plugins->status()[0].state, PluginState::Stopped);
    EXPECT_EQ(plugins->status()[1].state, PluginState::Failed);
    EXPECT_EQ(plugins->status()[1].health.sentence, "it does not stop");
}

TEST_F(PluginHostTest, APluginThatGoesOnAfterItsStopIsRefused) {
    const auto plugins = started({"publishes-after-stop"});
    EXPECT_EQ(plugins->remains(), PluginHost::Remains::Nothing);

    plugins->stop(PluginKind::Transport);
    EXPECT_EQ(plugins->remains(), PluginHost::Remains::Threads);
    ASSERT_TRUE(heard_->await("publishes-after-stop: everything was refused"));
    EXPECT_THAT(
        heard(),
        UnorderedElementsAre(
            "plugins: plugin publishes-after-stop still holds 1 event sink, 1 device session after "
            "its end, which takes nothing any more: a fault of the plugin",
            "plugins: plugin publishes-after-stop calls the hub (DeviceSession::publish) after it "
            "has been stopped: refused. A thread of it still runs, which is a fault of the plugin.",
            "publishes-after-stop: everything was refused"));
    EXPECT_THAT(devices_.takeStory(), Not(Contains(HasSubstr("late"))));
}

TEST_F(PluginHostTest, DetachesWhatAPluginHasForgottenToGiveBack) {
    const auto plugins = started({"keeps-its-route"});
    plugins->stop(PluginKind::Extension);

    EXPECT_THAT(heard(), ElementsAre("plugins: plugin keeps-its-route still holds 1 route after "
                                     "its end, which takes nothing any more: a fault of the "
                                     "plugin"));
    EXPECT_EQ(plugins->remains(), PluginHost::Remains::Nothing);
}

TEST_F(PluginHostTest, NeverAsksAPluginThatIsBeingStopped) {
    const auto plugins = started({"extension-one"});
    std::atomic<bool> stopped = false;
    std::thread asking([&] {
        while (!stopped) {
            const PluginStatus status = plugins->status().at(0);
            EXPECT_THAT(status.health.sentence,
                        AnyOf("a fixture is never quite well", "it is being stopped", ""));
        }
    });
    plugins->stop(PluginKind::Extension);
    stopped = true;
    asking.join();
    EXPECT_EQ(plugins->status()[0].health.sentence, "");
}

}  // namespace
}  // namespace hub::plugins
