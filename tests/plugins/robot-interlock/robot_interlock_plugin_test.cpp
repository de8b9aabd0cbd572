#include "robot_interlock_plugin.h"

#include "fakes/fake_history.h"
#include "fakes/fake_hub.h"
#include "fakes/known_devices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace hub::robot_interlock {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

Device device(std::string id, std::string type, bool online = true) {
    Device device;
    device.id = std::move(id);
    device.type = std::move(type);
    device.online = online;
    return device;
}

// Routes that wait for calls in progress when they go, as the hub's do.
class WaitingRoutes final : public HttpRoutes {
public:
    fakes::FakeHttpRoutes own;

    [[nodiscard]] Registration route(std::string_view method, std::string_view pattern,
                                     HttpHandler handler) override {
        const auto route = std::make_shared<Registration>(
            own.route(method, pattern, [this, handler](const HttpRequest& request) {
                const std::shared_lock call(calls_);
                return handler(request);
            }));
        return Registration([this, route] {
            const std::unique_lock ended(calls_);
            *route = {};
        });
    }
    [[nodiscard]] Registration probe(std::string_view, HttpHandler) override { return {}; }

private:
    std::shared_mutex calls_;
};

// The plugin between a hub made by hand, its operators and its robots.
class RobotInterlock : public testing::Test {
protected:
    RobotInterlock() {
        devices_.known = {device("servos", "esp32s3"), device("wheels", "esp32"),
                          device("lamp", "light")};
        hub_.use(devices_);
        hub_.setHistory(&history_);
    }
    ~RobotInterlock() override { stops(); }

    void starts() {
        plugin_.emplace();
        plugin_->configure(Options{plugin_->options(), {}});
        plugin_->start(hub_);
    }
    void stops() {
        if (plugin_) plugin_->stop();
        plugin_.reset();
    }

    // What the plugin says when `command` is about to be given to a device.
    std::optional<std::string> objection(const std::string& name, const std::string& device_id,
                                         const std::string& id = "c-1") {
        return hub_.ledger().objection({id, name, "{}"}, *devices_.find(device_id));
    }
    bool wheelsMayMove() { return !objection("forward", "wheels", "movement"); }

    // A command stands so with a device; `more` are further members.
    void stands(const std::string& id, const std::string& name, const std::string& status,
                const std::string& device_id = "servos", const std::string& more = "") {
        hub_.feed().publish(device_id, "command",
                            R"({"command_id":")" + id + R"(","command_name":")" + name +
                                R"(","status":")" + status + '"' + more + "}");
    }
    // An operator's pose, as it goes through the ledger.
    void poseIsSent(const std::string& id) {
        EXPECT_EQ(objection("handsup", "servos", id), std::nullopt);
        stands(id, "handsup", "pending", "servos", R"(,"payload":{})");
        stands(id, "handsup", "sent");
    }
    void wheelsAreLocked() {
        poseIsSent("c-0");
        EXPECT_THAT(told(1), ElementsAre("lock"));
    }
    // And the plugin's thread sees it.
    void passes(milliseconds time) {
        hub_.time().advance(time);
        stands("of-no-concern", "handsup", "rejected");
    }
    // What the robots were told so far, once that is so much.
    std::vector<std::string> told(std::size_t count) {
        EXPECT_TRUE(hub_.ledger().awaitRequests(count));
        std::vector<std::string> names;
        for (const CommandRequest& request : hub_.ledger().requests()) {
            names.push_back(request.name);
        }
        return names;
    }
    // The history has this command as sent to this device.
    void wasRecorded(const std::string& id, const std::string& name, const std::string& device_id) {
        fakes::FakeHistory::Command command;
        command.record.number = CommandNumber{7};
        command.record.command = {id, name, "{}"};
        command.progress.status = CommandStatus::Sent;
        history_.command_rows.push_back(command);
        fakes::FakeHistory::CommandTarget target{};
        target.command = command.record.number;
        target.device_id = device_id;
        target.status = TargetStatus::Sent;
        history_.target_rows.push_back(target);
    }
    void nothingCanBeStored() {
        hub_.ledger().refuse(Error{Error::Kind::Unavailable, "the disk is full"});
    }
    // The plugin has lost its view of the poses and has it again.
    void lags() {
        hub_.feed().lag();
        while (objection("forward", "wheels", "movement").value_or("").starts_with("whether")) {
            std::this_thread::yield();
        }
    }
    HttpResponse strike(const std::string& pose) {
        return hub_.routes().send("POST", "/api/servo/pose/" + pose);
    }
    std::string servos() { return hub_.routes().get("/api/servo/all").body; }

    fakes::FakeHub hub_;
    fakes::FakeHistory history_;
    fakes::KnownDevices devices_;
    std::optional<RobotInterlockPlugin> plugin_;
};

TEST_F(RobotInterlock, WheelsMoveWhileNoPoseIsUnderWay) {
    starts();
    EXPECT_TRUE(wheelsMayMove());
    EXPECT_EQ(plugin_->health().state, Health::State::Ok);
}

TEST_F(RobotInterlock, APoseStopsTheWheelsAtOnceAndForFiveSecondsAfterIt) {
    starts();
    EXPECT_EQ(objection("handsup", "servos"), std::nullopt);
    EXPECT_EQ(objection("forward", "wheels", "movement"),
              "a servo pose is under way: wheels stand still until 5 s after it");
    EXPECT_THAT(told(1), ElementsAre("lock"));
    stands("c-1", "handsup", "pending", "servos", R"(,"payload":{})");
    stands("c-1", "handsup", "sent");
    passes(minutes(1));
    EXPECT_FALSE(wheelsMayMove());
    stands("c-1", "handsup", "ack_success");
    passes(milliseconds(4999));
    EXPECT_FALSE(wheelsMayMove());
    passes(milliseconds(1));
    EXPECT_TRUE(wheelsMayMove());
    EXPECT_THAT(told(2), ElementsAre("lock", "unlock"));
}

TEST_F(RobotInterlock, OnlyMovementsOfWheelsAreRefused) {
    starts();
    poseIsSent("c-1");
    for (const char* name : {"forward", "backward", "left", "right", "MOVE_FORWARD",
                             "MOVE_BACKWARD", "TURN_LEFT", "TURN_RIGHT"}) {
        EXPECT_TRUE(objection(name, "wheels", "movement")) << name;
        EXPECT_FALSE(objection(name, "lamp", "movement")) << name;
    }
    EXPECT_FALSE(objection("stop", "wheels", "stop"));
    EXPECT_FALSE(objection("lock", "wheels", "lock"));
    EXPECT_FALSE(objection("headup", "servos", "c-2"));
}

TEST_F(RobotInterlock, LockAndUnlockAreForAllWheels) {
    starts();
    poseIsSent("c-1");
    stands("c-1", "handsup", "timeout");
    ASSERT_THAT(told(1), ElementsAre("lock"));
    passes(seconds(5));
    ASSERT_THAT(told(2), ElementsAre("lock", "unlock"));
    const auto requests = hub_.ledger().requests();
    for (const CommandRequest& request : requests) {
        EXPECT_EQ(request.targets.by, CommandTargets::By::Type);
        EXPECT_EQ(request.targets.word, "esp32");
    }
    EXPECT_FALSE(requests[0].queue_offline);
    EXPECT_TRUE(requests[1].queue_offline);
    EXPECT_EQ(requests[1].ttl, minutes(10));
    EXPECT_NE(requests[0].idempotency_key, requests[1].idempotency_key);
}

TEST_F(RobotInterlock, PosesThatOverlapLockOnce) {
    starts();
    poseIsSent("c-1");
    ASSERT_THAT(told(1), ElementsAre("lock"));
    poseIsSent("c-2");
    stands("c-1", "handsup", "ack_success");
    passes(seconds(6));
    EXPECT_FALSE(wheelsMayMove());
    stands("c-2", "handsup", "ack_error");
    passes(seconds(5));
    EXPECT_TRUE(wheelsMayMove());
    EXPECT_THAT(told(2), ElementsAre("lock", "unlock"));
}

TEST_F(RobotInterlock, WhatIsNoPoseOfServosLocksNothing) {
    devices_.known.push_back(device("away", "esp32s3", false));
    starts();
    EXPECT_FALSE(objection("handsup", "lamp"));
    EXPECT_FALSE(objection("handsup", "away"));
    EXPECT_FALSE(objection("wave", "servos"));
    stands("c-2", "handsup", "sent", "lamp");
    stands("c-3", "handsup", "sent", "nobody");
    hub_.feed().publish(
        {.kind = EventKind::Message,
         .device_id = "servos",
         .name = "command",
         .payload = R"({"command_id":"c-4","command_name":"handsup","status":"sent"})"});
    EXPECT_TRUE(wheelsMayMove());
}

TEST_F(RobotInterlock, APoseThatAnotherGuardRefusesLocksForNoLonger) {
    starts();
    EXPECT_FALSE(objection("handsup", "servos"));
    ASSERT_THAT(told(1), ElementsAre("lock"));
    stands("c-1", "handsup", "rejected");
    EXPECT_TRUE(wheelsMayMove());
    EXPECT_THAT(told(2), ElementsAre("lock", "unlock"));
}

TEST_F(RobotInterlock, ARobotThatWaitedForItsUnlockIsNotFreedInTheNextPose) {
    starts();
    EXPECT_FALSE(objection("unlock", "wheels", "unlock"));
    poseIsSent("c-1");
    // As the hub asks when the robot is back.
    EXPECT_EQ(objection("unlock", "wheels", "unlock"),
              "a servo pose is under way: wheels stand still until 5 s after it");
    ASSERT_THAT(told(1), ElementsAre("lock"));
    stands("c-1", "handsup", "ack_success");
    passes(seconds(5));
    EXPECT_FALSE(objection("unlock", "wheels", "unlock"));
    EXPECT_THAT(told(2), ElementsAre("lock", "unlock"));
}

TEST_F(RobotInterlock, TheRouteLocksBeforeThePose) {
    starts();
    const HttpResponse response = strike("reset");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(
        response.body,
        R"({"pose":"reset","command_id":"00000000-0000-7000-8000-000000000002","status":"sent"})");
    const auto requests = hub_.ledger().requests();
    ASSERT_GE(requests.size(), 2U);
    EXPECT_EQ(requests[0].name, "lock");
    EXPECT_EQ(requests[1].name, "resetposition");
    EXPECT_EQ(requests[1].targets.word, "esp32s3");
    // Nobody was asked about it, so there is no pose to wait for.
    EXPECT_THAT(told(3), ElementsAre("lock", "resetposition", "unlock"));
}

TEST_F(RobotInterlock, ThePoseOfTheRouteEndsTheInterlockAsAnyOther) {
    starts();
    poseIsSent("c-1");
    EXPECT_EQ(strike("headup").status, 200);
    EXPECT_FALSE(wheelsMayMove());
    stands("c-1", "handsup", "ack_success");
    passes(seconds(5));
    EXPECT_TRUE(wheelsMayMove());
    EXPECT_THAT(told(3), ElementsAre("lock", "headup", "unlock"));
}

TEST_F(RobotInterlock, APoseThatNobodyKnowsIsNotFound) {
    starts();
    const HttpResponse response = strike("salute");
    EXPECT_EQ(response.status, 404);
    EXPECT_THAT(
        response.body,
        HasSubstr(R"(There is no pose \"salute\"; there are reset, handsup, headup, headleft.)"));
    EXPECT_TRUE(hub_.ledger().requests().empty());
}

TEST_F(RobotInterlock, ARefusedPoseIsAnsweredWithTheReason) {
    starts();
    wheelsAreLocked();
    hub_.ledger().answer(CommandStatus::Rejected,
                         {{"servos", TargetStatus::Rejected, "the arm is being repaired"}});
    const HttpResponse response = strike("handsup");
    EXPECT_EQ(response.status, 409);
    EXPECT_THAT(response.body, HasSubstr("The pose was refused: the arm is being repaired."));
}

TEST_F(RobotInterlock, AReasonThatIsASentenceIsLeftSo) {
    starts();
    wheelsAreLocked();
    hub_.ledger().answer(CommandStatus::Rejected,
                         {{"servos", TargetStatus::Rejected, "The arm is being repaired."}});
    EXPECT_THAT(strike("handsup").body, HasSubstr("The arm is being repaired.\""));
}

TEST_F(RobotInterlock, NoPoseIsStruckWhileARobotThatIsOnlineGotNoLock) {
    starts();
    for (const TargetStatus status : {TargetStatus::Unreachable, TargetStatus::Rejected}) {
        hub_.ledger().answer(CommandStatus::Sent, {{"another", TargetStatus::Sent, ""},
                                                   {"wheels", status, "its queue is full"}});
        const HttpResponse response = strike("handsup");
        EXPECT_EQ(response.status, 503);
        EXPECT_THAT(response.body, HasSubstr("lock did not reach robot wheels: its queue is full"));
        EXPECT_EQ(plugin_->health().state, Health::State::Degraded);
        EXPECT_TRUE(hub_.log().contains(LogLevel::Warning, "lock did not reach robot wheels"));

        hub_.ledger().answer(CommandStatus::Sent, {{"wheels", TargetStatus::Sent, ""}});
        // The other one was locked.
        while (plugin_->health().state != Health::State::Ok) passes(seconds(1));
        EXPECT_EQ(hub_.ledger().requests().back().name, "unlock");
    }
    EXPECT_EQ(strike("handsup").status, 200);
}

TEST_F(RobotInterlock, ARobotThatIsOfflineNeedsNoLock) {
    devices_.known.push_back(device("away", "esp32", false));
    starts();
    hub_.ledger().answer(CommandStatus::Unreachable, {{"away", TargetStatus::Unreachable, ""}});
    EXPECT_EQ(strike("handsup").status, 200);
    EXPECT_EQ(plugin_->health().state, Health::State::Ok);
}

TEST_F(RobotInterlock, NoPoseIsStruckWhileRobotsCannotBeLocked) {
    starts();
    nothingCanBeStored();
    EXPECT_FALSE(objection("handsup", "servos"));
    const HttpResponse response = strike("handsup");
    EXPECT_EQ(response.status, 503);
    EXPECT_THAT(response.body,
                HasSubstr("The robots could not be locked, so no pose is struck: "
                          "lock could not be sent to the robots: the disk is full."));
    EXPECT_EQ(plugin_->health().state, Health::State::Degraded);
    EXPECT_EQ(plugin_->health().sentence, "lock could not be sent to the robots: the disk is full");
    EXPECT_TRUE(hub_.log().contains(LogLevel::Warning, "lock could not be sent to the robots"));

    hub_.ledger().refuse(std::nullopt);
    stands("c-1", "handsup", "sent");
    const std::size_t tried = hub_.ledger().requests().size();
    passes(seconds(1));
    EXPECT_EQ(told(tried + 1).back(), "lock");
    EXPECT_EQ(strike("handsup").status, 200);
    EXPECT_EQ(plugin_->health().state, Health::State::Ok);
}

TEST_F(RobotInterlock, AnUnlockThatCannotBeSentIsTriedAgain) {
    starts();
    poseIsSent("c-1");
    ASSERT_THAT(told(1), ElementsAre("lock"));
    nothingCanBeStored();
    stands("c-1", "handsup", "ack_success");
    passes(seconds(5));
    ASSERT_THAT(told(2), ElementsAre("lock", "unlock"));
    hub_.ledger().refuse(std::nullopt);
    // The time of the attempt is taken after it: so more than one second may be needed.
    while (hub_.ledger().requests().size() < 3) passes(seconds(1));
    EXPECT_THAT(told(3), ElementsAre("lock", "unlock", "unlock"));
}

TEST_F(RobotInterlock, RobotsThatAreLockedWhenThePluginStopsStaySo) {
    starts();
    poseIsSent("c-1");
    ASSERT_THAT(told(1), ElementsAre("lock"));
    stops();
    EXPECT_THAT(told(1), ElementsAre("lock"));
    EXPECT_TRUE(hub_.log().contains(LogLevel::Warning, "robots stay locked"));
    EXPECT_EQ(hub_.routes().count(), 0U);
    EXPECT_EQ(hub_.feed().listeners(), 0U);
    EXPECT_TRUE(hub_.ledger().guards().empty());
}

TEST_F(RobotInterlock, APoseThatWaitsForTheLockIsGivenUpWhenThePluginStops) {
    WaitingRoutes routes;
    hub_.use(routes);
    starts();
    // An attempt to lock has failed, and the next one is not due yet.
    nothingCanBeStored();
    EXPECT_FALSE(objection("handsup", "servos"));
    while (plugin_->health().state == Health::State::Ok) std::this_thread::yield();
    stands("c-1", "handsup", "rejected");
    EXPECT_TRUE(wheelsMayMove());
    auto response = std::async(std::launch::async, [&routes] {
        return routes.own.send("POST", "/api/servo/pose/handsup");
    });
    while (wheelsMayMove()) std::this_thread::yield();
    stops();
    EXPECT_THAT(response.get().body, HasSubstr("the hub is stopping"));
}

TEST_F(RobotInterlock, RobotsThatAreFreeAreLeftAloneWhenThePluginStops) {
    starts();
    stops();
    EXPECT_TRUE(hub_.ledger().requests().empty());
}

TEST_F(RobotInterlock, RobotsThatAnEarlierRunLeftLockedAreUnlockedAfterFiveSeconds) {
    fakes::FakeHistory::Command lock;
    lock.record.command.name = "lock";
    lock.record.device_type = "esp32";
    lock.record.idempotency_key = "robot-interlock/1";
    history_.command_rows.push_back(lock);
    starts();
    EXPECT_FALSE(wheelsMayMove());
    passes(seconds(5));
    EXPECT_TRUE(wheelsMayMove());
    EXPECT_THAT(told(1), ElementsAre("unlock"));
}

TEST_F(RobotInterlock, APoseOfAnEarlierRunIsWaitedFor) {
    wasRecorded("c-7", "handsup", "servos");
    starts();
    ASSERT_THAT(told(1), ElementsAre("lock"));
    passes(minutes(1));
    EXPECT_FALSE(wheelsMayMove());
    stands("c-7", "handsup", "ack_success");
    passes(seconds(5));
    EXPECT_TRUE(wheelsMayMove());
    EXPECT_THAT(told(2), ElementsAre("lock", "unlock"));
}

TEST_F(RobotInterlock, WheelsStandStillWhileTheHistoryCannotBeRead) {
    history_.broken = Error{Error::Kind::Unavailable, "the disk is gone"};
    starts();
    EXPECT_EQ(objection("forward", "wheels"),
              "whether a servo pose is under way cannot be seen just now: try again");
    while (plugin_->health().state == Health::State::Ok) std::this_thread::yield();
    EXPECT_EQ(plugin_->health().sentence, "poses cannot be followed: the disk is gone");
    EXPECT_THAT(told(1), ElementsAre("lock"));
    stops();
}

TEST_F(RobotInterlock, WithoutAHistoryThereIsNothingToGoOnWith) {
    hub_.setHistory(nullptr);
    starts();
    EXPECT_TRUE(wheelsMayMove());
}

TEST_F(RobotInterlock, WhatWasMissedIsReadInTheHistory) {
    starts();
    poseIsSent("c-1");
    ASSERT_THAT(told(1), ElementsAre("lock"));
    wasRecorded("c-7", "handsup", "servos");
    lags();
    stands("c-1", "handsup", "ack_success");
    passes(seconds(5));
    EXPECT_FALSE(wheelsMayMove());
    stands("c-7", "handsup", "ack_success");
    passes(seconds(5));
    EXPECT_TRUE(wheelsMayMove());
    EXPECT_THAT(told(2), ElementsAre("lock", "unlock"));
}

TEST_F(RobotInterlock, APoseOfADeviceThatWasForgottenMeanwhileIsOver) {
    starts();
    poseIsSent("c-1");
    stands("c-2", "servo", "pending", "servos", R"(,"payload":{"channel":4,"angle":12})");
    stands("c-2", "servo", "sent");
    ASSERT_THAT(told(1), ElementsAre("lock"));
    // Its outcome is told to nobody who missed it.
    lags();
    EXPECT_THAT(servos(), testing::Not(HasSubstr("true")));
    EXPECT_FALSE(wheelsMayMove());
    passes(seconds(5));
    EXPECT_TRUE(wheelsMayMove());
    EXPECT_THAT(told(2), ElementsAre("lock", "unlock"));
}

TEST_F(RobotInterlock, AStartThatFailsLeavesNothingAttached) {
    const auto taken = hub_.routes().route("GET", "/api/servo/all",
                                           [](const HttpRequest&) { return HttpResponse{}; });
    plugin_.emplace();
    EXPECT_THROW(plugin_->start(hub_), std::logic_error);
    plugin_.reset();
    EXPECT_EQ(hub_.routes().count(), 1U);
    EXPECT_EQ(hub_.feed().listeners(), 0U);
    EXPECT_TRUE(hub_.ledger().guards().empty());
}

TEST_F(RobotInterlock, ServosAreShownUnderTheirChannels) {
    starts();
    EXPECT_THAT(
        servos(),
        AllOf(testing::StartsWith(
                  R"({"0":{"channel":0,"current_angle":90,"target_angle":90,"is_moving":false},)"),
              testing::EndsWith(
                  R"("9":{"channel":9,"current_angle":90,"target_angle":90,"is_moving":false}})")));
    stands("c-1", "servo", "pending", "servos", R"(,"payload":{"channel":4,"angle":12.5})");
    stands("c-1", "servo", "sent");
    EXPECT_THAT(
        servos(),
        HasSubstr(R"("4":{"channel":4,"current_angle":90,"target_angle":12.5,"is_moving":true})"));
    stands("c-1", "servo", "ack_success");
    EXPECT_THAT(
        servos(),
        HasSubstr(
            R"("4":{"channel":4,"current_angle":12.5,"target_angle":12.5,"is_moving":false})"));
    EXPECT_TRUE(wheelsMayMove());
}

TEST_F(RobotInterlock, OnlyWhatIsSentToServosMovesThem) {
    starts();
    stands("c-1", "servo", "pending", "lamp", R"(,"payload":{"channel":4,"angle":12})");
    stands("c-1", "servo", "sent", "lamp");
    EXPECT_THAT(servos(), testing::Not(HasSubstr("true")));
}

TEST_F(RobotInterlock, AllServosMoveDuringAPose) {
    starts();
    poseIsSent("c-1");
    EXPECT_THAT(servos(), testing::Not(HasSubstr("false")));
    stands("c-1", "handsup", "ack_success");
    EXPECT_THAT(servos(), testing::Not(HasSubstr("true")));
}

}  // namespace
}  // namespace hub::robot_interlock
