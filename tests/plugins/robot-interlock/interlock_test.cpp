#include "interlock.h"

#include "command_listener.h"
#include "fakes/fake_commands.h"
#include "fakes/fake_event_feed.h"
#include "fakes/fake_history.h"
#include "fakes/manual_clock.h"
#include "fakes/recording_logger.h"
#include "servos.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace hub::robot_interlock {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

// One servo controller, which cannot be looked up while memory is short. Any thread.
class ScarceDevices final : public Devices {
public:
    std::atomic<bool> memory_is_short = false;

    [[nodiscard]] std::optional<Device> find(std::string_view id) const override {
        if (memory_is_short) throw std::bad_alloc();
        if (id != "servos") return std::nullopt;
        Device device;
        device.id = id;
        device.type = "esp32s3";
        device.online = true;
        return device;
    }

    void visit(std::optional<DeviceIndex>,
               const std::function<bool(const Device&)>&) const override {}
    [[nodiscard]] std::size_t count() const noexcept override { return 1; }
    [[nodiscard]] Result<void> kick(std::string_view) override { return {}; }
    [[nodiscard]] Result<void> forget(std::string_view) override { return {}; }
    [[nodiscard]] Result<std::unique_ptr<DeviceSession>> open(std::string_view,
                                                              const LinkDescription&,
                                                              const DeviceMessage&, AckTag,
                                                              EventSink&,
                                                              std::string_view) override {
        throw std::logic_error("no sessions are expected here");
    }
    [[nodiscard]] std::unique_ptr<EventSink> openSink(std::function<void()>) override {
        throw std::logic_error("no sinks are expected here");
    }
};

// A feed that takes no listeners while it has no thread for them. Any thread.
class ScarceFeed final : public EventFeed {
public:
    fakes::FakeEventFeed feed;
    std::atomic<bool> has_threads = true;

    [[nodiscard]] std::unique_ptr<EventReader> open(TopicFilter filter,
                                                    std::optional<Sequence> after,
                                                    std::function<void()> wake) override {
        return feed.open(std::move(filter), after, std::move(wake));
    }
    [[nodiscard]] Registration listen(TopicFilter filter, std::optional<Sequence> after,
                                      EventListener& listener) override {
        if (!has_threads) {
            throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again),
                                    "no thread");
        }
        return feed.listen(std::move(filter), after, listener);
    }
    [[nodiscard]] Sequence durable() const noexcept override { return feed.durable(); }
};

// Commands that take their time to be stored: all of it, until a test says that they are. Any
// thread.
class SlowCommands final : public Commands {
public:
    void awaitRequest() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return requests_ > 0; });
    }
    void store() {
        const std::lock_guard lock(mutex_);
        stored_ = true;
        changed_.notify_all();
    }
    [[nodiscard]] int requests() const {
        const std::lock_guard lock(mutex_);
        return requests_;
    }

    [[nodiscard]] Result<CommandReceipt> submit(const CommandRequest&) override {
        std::unique_lock lock(mutex_);
        ++requests_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return stored_; });
        return CommandReceipt{};
    }
    [[nodiscard]] Result<std::size_t> cancel(std::string_view) override { return std::size_t{0}; }
    [[nodiscard]] Registration attach(CommandGuard&) override { return {}; }

private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    int requests_ = 0;
    bool stored_ = false;
};

// The interlock with a listener that a short machine cannot always serve.
class InterlockTest : public testing::Test {
protected:
    void starts() {
        interlock_.start([this] { return listener_.listen(); });
    }
    bool seesPoses() {
        const auto objection = interlock_.objection();
        return !objection || objection->find("cannot be seen") == std::string::npos;
    }
    // And the interlock's thread sees it.
    void passes(seconds time) {
        clock_.advance(time);
        interlock_.heard({"of-no-concern", "servos"}, TargetStatus::Rejected);
    }
    void stands(const std::string& id, const std::string& status) {
        feed_.feed.publish("servos", "command",
                           R"({"command_id":")" + id + R"(","command_name":"handsup","status":")" +
                               status + "\"}");
    }
    std::vector<std::string> told(std::size_t count) {
        EXPECT_TRUE(commands_.awaitRequests(count));
        std::vector<std::string> names;
        for (const CommandRequest& request : commands_.requests()) names.push_back(request.name);
        return names;
    }

    fakes::FakeCommands commands_;
    ScarceFeed feed_;
    ScarceDevices devices_;
    fakes::FakeHistory history_;
    fakes::ManualClock clock_;
    fakes::RecordingLogger logger_;
    Servos servos_;
    Interlock interlock_{{commands_, devices_, clock_, logger_}};
    CommandListener listener_{feed_, devices_, &history_, interlock_, servos_};
};

TEST_F(InterlockTest, ObjectsUntilItCanSeePoses) {
    EXPECT_THAT(interlock_.objection().value_or(""), HasSubstr("cannot be seen just now"));
    starts();
    EXPECT_EQ(interlock_.objection(), std::nullopt);
    interlock_.stop();
}

TEST_F(InterlockTest, ObjectsAndTriesAgainWhileItCannotListen) {
    feed_.has_threads = false;
    starts();
    EXPECT_FALSE(seesPoses());
    EXPECT_THAT(told(1), ElementsAre("lock"));
    while (interlock_.health().state == Health::State::Ok) std::this_thread::yield();
    EXPECT_THAT(interlock_.health().sentence, HasSubstr("poses cannot be followed: no thread"));

    feed_.has_threads = true;
    while (!seesPoses()) passes(seconds(1));
    EXPECT_TRUE(interlock_.objection());  // a pose may just have ended
    passes(seconds(5));
    EXPECT_EQ(interlock_.objection(), std::nullopt);
    EXPECT_THAT(told(2), ElementsAre("lock", "unlock"));
    interlock_.stop();
}

TEST_F(InterlockTest, ListensAnewWhenAnEventCouldNotBeTaken) {
    starts();
    devices_.memory_is_short = true;
    feed_.has_threads = false;
    stands("c-1", "sent");
    EXPECT_FALSE(seesPoses());
    devices_.memory_is_short = false;
    feed_.has_threads = true;
    while (!seesPoses()) passes(seconds(1));
    passes(seconds(5));
    EXPECT_EQ(interlock_.objection(), std::nullopt);
    stands("c-2", "sent");
    EXPECT_TRUE(interlock_.objection());
    interlock_.stop();
}

TEST_F(InterlockTest, WhoEngagesWaitsForNothingOnceItStops) {
    SlowCommands commands;
    Interlock interlock({commands, devices_, clock_, logger_});
    interlock.start([] { return Result<void>(); });
    std::future<bool> engaged =
        std::async(std::launch::async, [&] { return interlock.engage().ok(); });
    commands.awaitRequest();
    std::thread stopping([&] { interlock.stop(); });
    // Though `lock` is not stored yet.
    EXPECT_FALSE(engaged.get());
    commands.store();
    stopping.join();
    EXPECT_FALSE(interlock.engage().ok());
    EXPECT_EQ(commands.requests(), 1);
}

}  // namespace
}  // namespace hub::robot_interlock
