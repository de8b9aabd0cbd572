#include "ctl/import/takeover.h"

#include "core/ctl/import/old_system.h"
#include "fakes/fake_store.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace hub::ctl::importer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::ThrowsMessage;

// `08:00:05 servoscontroller status`, the time of day in UTC.
std::string lineOf(const fakes::StoredEvent& event) {
    return formatTimestamp(event.time).substr(11, 8) + " " + event.device_id + " " +
           std::string(toString(event.kind));
}

class TakeoverTest : public testing::Test {
protected:
    void takeOver() {
        OldDatabase database(old_.file(), kNow);
        Takeover takeover(database, database.survey(), store_, kNow, findings_);
        totals_ = takeover.run([](std::uint64_t) {});
        events_ = store_.events();
    }

    [[nodiscard]] std::vector<std::string> story() const {
        std::vector<std::string> lines;
        for (const auto& event : events_) lines.push_back(lineOf(event));
        return lines;
    }

    [[nodiscard]] std::vector<fakes::StoredEvent> of(EventKind kind) const {
        std::vector<fakes::StoredEvent> found;
        std::ranges::copy_if(events_, std::back_inserter(found),
                             [kind](const auto& event) { return event.kind == kind; });
        return found;
    }

    [[nodiscard]] Device device(std::string_view id) {
        for (const Device& one : store_.recover().devices) {
            if (one.id == id) return one;
        }
        ADD_FAILURE() << "no device " << id;
        return {};
    }

    void addCommand(const std::string& values) {
        old_.execute("INSERT INTO command_logs VALUES(" + values + ")");
    }

    OldSystem old_;
    fakes::FakeStore store_;
    Findings findings_;
    Totals totals_;
    std::vector<fakes::StoredEvent> events_;
};

TEST_F(TakeoverTest, ADayIsToldInTheOrderOfItsTimes) {
    old_.liveADay();
    takeOver();
    EXPECT_THAT(
        story(),
        ElementsAre("08:00:00 wheelcontroller registration", "08:00:00 wheelcontroller connected",
                    "08:00:01 servoscontroller registration", "08:00:01 servoscontroller connected",
                    "08:00:02 camcontroller registration", "08:00:02 camcontroller connected",
                    "08:00:05 servoscontroller status", "08:00:06 servoscontroller status",
                    "08:00:07 weather-1 registration",  //
                    "08:00:07 weather-1 status",
                    "08:00:10  command_recorded",  //
                    "08:00:10  command_recorded", "08:00:10 wheelcontroller command_target",
                    "08:00:11 servoscontroller command_target",
                    "08:00:12 camcontroller disconnected", "08:00:13  command_recorded",
                    "08:00:20 wheelcontroller disconnected",
                    "08:00:30 servoscontroller disconnected", "08:00:30 never-seen registration"));
    EXPECT_EQ(events_.size(), events_.back().sequence);
    EXPECT_EQ((Totals{.devices = 5,
                      .states = 3,
                      .connections = 6,
                      .events = 5,
                      .commands = 3,
                      .last_sequence = 19}),
              totals_);
}

TEST_F(TakeoverTest, DevicesAreNumberedAsTheyAppear) {
    old_.liveADay();
    takeOver();
    EXPECT_EQ(DeviceIndex{0}, device("wheelcontroller").index);
    EXPECT_EQ(DeviceIndex{3}, device("weather-1").index);
    EXPECT_EQ(DeviceIndex{4}, device("never-seen").index);
}

TEST_F(TakeoverTest, ADeviceKeepsWhatItsRowTells) {
    old_.liveADay();
    takeOver();
    const Device servos = device("servoscontroller");
    EXPECT_EQ("esp32s3", servos.type);
    EXPECT_EQ(R"({"firmware_version": "1.0.0", "servo_count": 10})", servos.metadata);
    EXPECT_EQ("2025-07-01T08:00:30.250000Z", formatTimestamp(*servos.last_heartbeat));
    EXPECT_EQ("2025-07-01T08:00:01.000000Z", formatTimestamp(*servos.connected_at));
    EXPECT_EQ("{}", device("camcontroller").metadata);
}

TEST_F(TakeoverTest, WhoWasOnlineIsOfflineSinceTheHubWasReplaced) {
    old_.liveADay();
    takeOver();
    for (const Device& one : store_.recover().devices) EXPECT_FALSE(one.online) << one.id;
    EXPECT_EQ(OfflineReason::HubRestarted, device("servoscontroller").offline_reason);
    EXPECT_EQ(OfflineReason::Lost, device("wheelcontroller").offline_reason);
    EXPECT_EQ(1U, findings_.count(Finding::LeftOnline));
}

TEST_F(TakeoverTest, WhatMakesNoSenseIsChangedOrLeftOutAndCounted) {
    old_.liveADay();
    takeOver();
    EXPECT_EQ(
        "1 noted: device was online at the end: offline now (hub_restarted) (devices "
        "servoscontroller)\n"
        "1 changed: NaN or Infinity in JSON: null now (device_state_snapshots 2)\n"
        "1 changed: device is not in the table devices: taken over with the type its rows "
        "tell (device_state_snapshots 3)\n"
        "1 left out: time cannot be read (device_state_snapshots 6)\n"
        "1 left out: device id is not 1 to 128 of A-Z a-z 0-9 . _ : - "
        "(device_state_snapshots 5)\n"
        "1 left out: state is no JSON object (device_state_snapshots 4)\n",
        findings_.text());
    EXPECT_EQ(R"({"angle": null, "note": "NaN"})", of(EventKind::Status)[1].payload);
}

TEST_F(TakeoverTest, ACommandKeepsItsTimesAndItsOutcome) {
    old_.liveADay();
    takeOver();
    const auto recorded = of(EventKind::CommandRecorded)[0];
    EXPECT_EQ(CommandNumber{1}, recorded.record->number);
    EXPECT_EQ("6f1c9a50-0000-4000-8000-000000000001", recorded.record->command.id);
    EXPECT_EQ("esp32s3", recorded.record->device_type);
    EXPECT_EQ(R"({"speed": 3})", recorded.payload);
    EXPECT_EQ(CommandStatus::AckSuccess, recorded.progress.status);
    EXPECT_EQ("2025-07-01T08:00:10.100000Z", formatTimestamp(*recorded.progress.executed));
    EXPECT_EQ("2025-07-01T08:00:11.000000Z", formatTimestamp(*recorded.progress.completed));
    EXPECT_EQ(1U, recorded.progress.target_count);
    EXPECT_EQ(1U, recorded.progress.success_count);
}

TEST_F(TakeoverTest, TheOnlyDeviceOfACommandHasItsOutcome) {
    old_.liveADay();
    takeOver();
    const auto targets = of(EventKind::CommandTarget);
    ASSERT_EQ(2U, targets.size());
    EXPECT_EQ("wheelcontroller", targets[0].device_id);
    EXPECT_EQ(TargetStatus::Timeout, targets[0].target);
    EXPECT_EQ(CommandNumber{1}, targets[1].record->number);
    EXPECT_EQ(R"({"command_id":"6f1c9a50-0000-4000-8000-000000000001","command_name":"handsup",)"
              R"("status":"ack_success","payload":{"speed": 3},"response":{"done": true}})",
              targets[1].payload);
}

TEST_F(TakeoverTest, AResponseIsLeftOutWhereItsDeviceIsNotKnown) {
    old_.liveADay();
    old_.execute("INSERT INTO devices VALUES('servos-2', 'esp32s3', 0, NULL, NULL, NULL, NULL)");
    takeOver();
    EXPECT_EQ(1U, findings_.count(Finding::ResponseWithoutDevice));
    EXPECT_EQ(1U, of(EventKind::CommandTarget).size());
}

TEST_F(TakeoverTest, ACommandThatWasOpenHasTimedOut) {
    addCommand(
        "'c-1', 'esp32', 'go', '{}', 'sent', '2025-07-01 10:00:00', '2025-07-01 10:00:01', "
        "NULL, NULL, 3, 0");
    takeOver();
    const CommandProgress progress = of(EventKind::CommandRecorded)[0].progress;
    EXPECT_EQ(CommandStatus::Timeout, progress.status);
    EXPECT_EQ("2025-07-01T08:00:01.000000Z", formatTimestamp(*progress.completed));
    EXPECT_EQ(3U, progress.target_count);
    EXPECT_EQ(0U, progress.success_count);
}

TEST_F(TakeoverTest, CommandsThatMakeNoSenseAreMendedOrLeftOut) {
    const std::string rest = "'2025-07-01 10:00:00', '2025-07-01 09:00:00', 'later', NULL, -1, 9";
    addCommand("'c-1', NULL, 'go', '[', 'whatever', " + rest);
    addCommand("'c-2', 'esp32', NULL, '{}', 'sent', " + rest);
    addCommand("'', 'esp32', 'go', '{}', 'sent', " + rest);
    takeOver();
    ASSERT_EQ(1U, of(EventKind::CommandRecorded).size());
    const auto command = of(EventKind::CommandRecorded)[0];
    EXPECT_EQ("{}", command.payload);
    EXPECT_EQ(CommandStatus::Timeout, command.progress.status);
    EXPECT_EQ(command.record->created, *command.progress.executed);
    EXPECT_EQ(command.record->created, *command.progress.completed);
    EXPECT_EQ(0U, command.progress.success_count);
    EXPECT_EQ(1U, findings_.count(Finding::UnknownStatus));
    EXPECT_EQ(1U, findings_.count(Finding::BadPayload));
    EXPECT_EQ(1U, findings_.count(Finding::UnreadableTime));
    EXPECT_EQ(2U, findings_.count(Finding::BadCommand));
    EXPECT_THAT(findings_.text(), testing::HasSubstr("(command_logs c-2, command_logs row 3)"));
}

TEST_F(TakeoverTest, ACommandIdThatComesAgainIsLeftOut) {
    old_.execute(
        "DROP TABLE command_logs; CREATE TABLE command_logs(command_id, device_type, command_name,"
        " payload, status, created_at, executed_at, completed_at, response_data,"
        " target_device_count, success_count)");
    for (int i = 0; i < 3; ++i) {
        addCommand(
            "'c-1', 'esp32', 'go', '{}', 'sent', '2025-07-01 10:00:00', NULL, NULL, NULL, 1,"
            " 0");
    }
    takeOver();
    EXPECT_EQ(1U, totals_.commands);
    EXPECT_EQ(2U, findings_.count(Finding::RepeatedCommand));
}

TEST_F(TakeoverTest, EndsThatAreTooManyShiftNoTimeButTheirOwn) {
    const auto many = OldCommands::kMaxOutcomes + 2;
    old_.execute(
        "INSERT INTO devices VALUES('wheels', 'esp32', 0, NULL, NULL, NULL, NULL);"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
        std::to_string(many) +
        ") INSERT INTO command_logs SELECT 'c-' || i, 'esp32', 'go', '{}', 'ack_success', "
        "'2025-07-01 10:00:00', NULL, '2025-08-01 10:00:00', NULL, 1, 1 FROM n");
    old_.addState(1, "2025-07-01 10:00:05");
    takeOver();
    EXPECT_EQ("2025-07-01T08:00:05.000000Z", formatTimestamp(of(EventKind::Status)[0].time));
    const auto ends = of(EventKind::CommandTarget);
    ASSERT_EQ(many, ends.size());
    EXPECT_EQ("2025-07-01T08:00:00.000000Z", formatTimestamp(ends[1].time));
    EXPECT_EQ("2025-08-01T08:00:00.000000Z", formatTimestamp(*ends[1].progress.completed));
    EXPECT_EQ("2025-08-01T08:00:00.000000Z", formatTimestamp(ends[2].time));
    EXPECT_EQ(2U, findings_.count(Finding::EarlyOutcome));
}

TEST_F(TakeoverTest, AWordOfTheConnectionLogThatIsNeitherIsAnEvent) {
    old_.execute(
        "INSERT INTO device_connection_logs VALUES"
        "(1, 'lamp', 'light', 'timeout', '2025-07-01 10:00:00', NULL),"
        "(2, 'lamp', 'light', 'reset', '2025-07-01 10:00:01', 'button'),"
        "(3, 'lamp', 'light', 'a/b', '2025-07-01 10:00:02', NULL)");
    takeOver();
    EXPECT_THAT(story(), ElementsAre("08:00:00 lamp registration", "08:00:00 lamp disconnected",
                                     "08:00:01 lamp message"));
    EXPECT_EQ(OfflineReason::Timeout, events_[1].reason);
    EXPECT_EQ("reset", events_[2].name);
    EXPECT_EQ(R"({"details":"button"})", events_[2].payload);
    EXPECT_EQ(1U, findings_.count(Finding::BadEvent));
    EXPECT_EQ(2U, totals_.events);
}

TEST_F(TakeoverTest, StatesThatAreOutOfOrderAreSorted) {
    old_.addState(1, "2025-07-01 10:00:02", R"({"n":2})");
    old_.addState(2, "2025-07-01 10:00:01", R"({"n":1})");
    takeOver();
    EXPECT_EQ(R"({"n":1})", of(EventKind::Status)[0].payload);
    EXPECT_EQ(R"({"n":2})", of(EventKind::Status)[1].payload);
}

TEST_F(TakeoverTest, AnEmptyDatabaseGivesNothing) {
    takeOver();
    EXPECT_THAT(events_, IsEmpty());
    EXPECT_EQ(Totals{}, totals_);
}

TEST_F(TakeoverTest, AStoreThatFailsEndsIt) {
    old_.liveADay();
    store_.refuse({Error::Kind::Unavailable, "the disk is full"});
    EXPECT_THAT([&] { takeOver(); }, ThrowsMessage<std::runtime_error>("the disk is full"));
}

}  // namespace
}  // namespace hub::ctl::importer
