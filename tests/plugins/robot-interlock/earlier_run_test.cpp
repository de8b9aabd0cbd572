#include "earlier_run.h"

#include "fakes/fake_history.h"
#include "fakes/known_devices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace hub::robot_interlock {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class EarlierRunTest : public testing::Test {
protected:
    EarlierRunTest() {
        devices_.known = {{DeviceIndex{0}, "servos", "esp32s3"}, {DeviceIndex{1}, "lamp", "light"}};
    }

    // The newest so far.
    CommandNumber recorded(const std::string& name, const std::string& type, CommandStatus status,
                           const std::string& key = "") {
        fakes::FakeHistory::Command row;
        row.record.number = CommandNumber{++last_};
        row.record.command = {"c-" + std::to_string(last_), name, "{}"};
        row.record.device_type = type;
        row.record.idempotency_key = key;
        row.progress.status = status;
        history_.command_rows.insert(history_.command_rows.begin(), row);
        return row.record.number;
    }
    CommandNumber ownCommand(const std::string& name, CommandStatus status) {
        return recorded(name, "esp32", status, "robot-interlock/" + std::to_string(last_));
    }
    // That many refused movements, which are the newest.
    void othersHaveSent(std::size_t count) {
        std::vector<fakes::FakeHistory::Command> rows(count);
        for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
            row->record.number = CommandNumber{++last_};
            row->record.command = {"c-" + std::to_string(last_), "forward", "{}"};
            row->record.device_type = "esp32";
            row->progress.status = CommandStatus::Rejected;
        }
        history_.command_rows.insert(history_.command_rows.begin(), rows.begin(), rows.end());
    }
    void changed(CommandNumber command, const std::string& device, TargetStatus status,
                 bool late = false) {
        fakes::FakeHistory::CommandTarget row{};
        row.command = command;
        row.device_id = device;
        row.status = status;
        row.late = late;
        history_.target_rows.push_back(row);
    }
    EarlierRun run() { return readEarlierRun(history_, devices_).value(); }

    fakes::FakeHistory history_;
    fakes::KnownDevices devices_;

private:
    std::uint64_t last_ = 0;
};

TEST_F(EarlierRunTest, ANewHubHasLeftNothing) {
    EXPECT_FALSE(run().locked);
    EXPECT_THAT(run().poses, IsEmpty());
}

TEST_F(EarlierRunTest, RobotsWereLeftLockedWhenALockIsTheNewestOfOurs) {
    ownCommand("unlock", CommandStatus::Timeout);
    ownCommand("lock", CommandStatus::Timeout);
    recorded("forward", "esp32", CommandStatus::Rejected);
    EXPECT_TRUE(run().locked);
    ownCommand("unlock", CommandStatus::Timeout);
    EXPECT_FALSE(run().locked);
}

TEST_F(EarlierRunTest, AnUnlockThatWentOutFreesRobots) {
    for (const CommandStatus status :
         {CommandStatus::NoDevices, CommandStatus::Queued, CommandStatus::Sent,
          CommandStatus::AckSuccess, CommandStatus::AckError, CommandStatus::Expired}) {
        ownCommand("lock", CommandStatus::Timeout);
        ownCommand("unlock", status);
        EXPECT_FALSE(run().locked) << toString(status);
    }
}

TEST_F(EarlierRunTest, AnUnlockThatReachedNobodyLeavesThemLocked) {
    for (const CommandStatus status :
         {CommandStatus::Pending, CommandStatus::Cancelled, CommandStatus::Rejected}) {
        ownCommand("unlock", status);
        EXPECT_TRUE(run().locked) << toString(status);
    }
}

TEST_F(EarlierRunTest, ALockIsFoundBehindThousandsOfRefusedMovements) {
    ownCommand("lock", CommandStatus::Timeout);
    othersHaveSent(4321);
    EXPECT_TRUE(run().locked);
}

TEST_F(EarlierRunTest, CommandsOfOthersLockNothing) {
    othersHaveSent(2 * HistoryQuery::kMaxLimit);
    EXPECT_FALSE(run().locked);
}

TEST_F(EarlierRunTest, RobotsCountAsLockedWhenTheSearchIsTooLong) {
    ownCommand("unlock", CommandStatus::Timeout);
    othersHaveSent(kMaxLooks - 1);
    EXPECT_FALSE(run().locked);
    othersHaveSent(1);
    EXPECT_TRUE(run().locked);
}

TEST_F(EarlierRunTest, WhatAnOperatorLockedStaysSo) {
    recorded("lock", "esp32", CommandStatus::Timeout);
    recorded("lock", "esp32", CommandStatus::Timeout, "an-operators-key");
    EXPECT_FALSE(run().locked);
}

TEST_F(EarlierRunTest, PosesThatMayBeUnderWayAreFound) {
    const auto sent = recorded("handsup", "esp32s3", CommandStatus::Sent);
    changed(sent, "servos", TargetStatus::Pending);
    changed(sent, "servos", TargetStatus::Sent);
    const auto pending = recorded("headup", "esp32s3", CommandStatus::Pending);
    changed(pending, "servos", TargetStatus::Pending);
    EXPECT_THAT(run().poses, ElementsAre(TargetKey{"c-2", "servos"}, TargetKey{"c-1", "servos"}));
}

TEST_F(EarlierRunTest, APoseIsFoundBehindThousandsOfOpenCommands) {
    changed(recorded("handsup", "esp32s3", CommandStatus::Sent), "servos", TargetStatus::Sent);
    for (int i = 0; i < 1234; ++i) recorded("wave", "light", CommandStatus::Sent);
    EXPECT_THAT(run().poses, ElementsAre(TargetKey{"c-1", "servos"}));
}

TEST_F(EarlierRunTest, WhatMovesNoServoIsNoPose) {
    const auto forward = recorded("forward", "esp32s3", CommandStatus::Sent);
    changed(forward, "servos", TargetStatus::Sent);
    const auto others = recorded("handsup", "", CommandStatus::Sent);
    changed(others, "lamp", TargetStatus::Sent);
    changed(others, "", TargetStatus::Sent);
    changed(others, "servos", TargetStatus::Sent);
    changed(others, "servos", TargetStatus::AckError);
    changed(others, "servos", TargetStatus::AckSuccess, true);
    const auto queued = recorded("handsup", "esp32s3", CommandStatus::Queued);
    changed(queued, "servos", TargetStatus::Queued);
    EXPECT_THAT(run().poses, IsEmpty());
}

TEST_F(EarlierRunTest, AHistoryThatCannotBeReadIsAnError) {
    history_.broken = Error{Error::Kind::Unavailable, "the disk is gone"};
    EXPECT_EQ(readEarlierRun(history_, devices_).error().message, "the disk is gone");
}

}  // namespace
}  // namespace hub::robot_interlock
