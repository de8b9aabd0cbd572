#pragma once

#include "contract/event_story.h"
#include "hub/history.h"
#include "hub/store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

// What every hub::Store with its hub::History must do. A test program includes this header,
// history_contract.h, command_contract.h and events_contract.h once, and instantiates each suite
// with its way to make one:
//
//   INSTANTIATE_TEST_SUITE_P(SqliteStore, StoreContract,
//                            testing::Values([]() -> std::unique_ptr<StoreUnderTest> { ... }));

namespace hub::contract {

// A store that a test may end and open again, and whose disk it may break.
class StoreUnderTest {
public:
    enum class End { Clean, Crash };

    virtual ~StoreUnderTest() = default;
    [[nodiscard]] virtual Store& store() = 0;
    [[nodiscard]] virtual const History& history() const = 0;

    // Ends the store and makes another one of what is kept; `recover` has not been called on it.
    virtual void reopen(End end) = 0;

    // From now on nothing can be written, until `repair`.
    virtual void breakDisk() = 0;
    virtual void repairDisk() = 0;
};

using MakeStore = std::unique_ptr<StoreUnderTest> (*)();

// Rows that own their texts.
struct SeenState {
    Sequence sequence = 0;
    Timestamp time{};
    std::optional<Timestamp> device_time;
    std::string state;

    bool operator==(const SeenState&) const = default;
};
struct SeenConnection {
    Sequence sequence = 0;
    Timestamp time{};
    std::string event;
    std::string details;

    bool operator==(const SeenConnection&) const = default;
};

inline std::ostream& operator<<(std::ostream& out, const SeenState& row) {
    return out << '#' << row.sequence << ' ' << formatTimestamp(row.time) << ' ' << row.state;
}
inline std::ostream& operator<<(std::ostream& out, const SeenConnection& row) {
    return out << '#' << row.sequence << ' ' << formatTimestamp(row.time) << ' ' << row.event << ' '
               << row.details;
}

inline std::vector<SeenState> statesIn(const History& history, const HistoryQuery& query) {
    std::vector<SeenState> seen;
    const auto result = history.states(query, [&](const StateRow& row) {
        seen.push_back({row.sequence, row.time, row.device_time, std::string(row.state)});
        return true;
    });
    EXPECT_TRUE(result.ok()) << result.error().message;
    return seen;
}

inline std::vector<SeenConnection> connectionsIn(const History& history,
                                                 const HistoryQuery& query) {
    std::vector<SeenConnection> seen;
    const auto result = history.connections(query, [&](const ConnectionRow& row) {
        seen.push_back({row.sequence, row.time, std::string(row.event), std::string(row.details)});
        return true;
    });
    EXPECT_TRUE(result.ok()) << result.error().message;
    return seen;
}

inline std::string timeText(const std::optional<Timestamp>& time) {
    return time ? formatTimestamp(*time) : std::string("never");
}

// Everything that is known of a command, its targets aside.
inline std::string describe(const CommandRecord& record, const CommandProgress& progress) {
    return "command " + std::to_string(static_cast<std::uint64_t>(record.number)) + " " +
           record.command.id + " " + record.command.name + " " + record.command.payload + " to \"" +
           record.device_type + "\" created " + formatTimestamp(record.created) + " ack within " +
           std::to_string(record.ack_timeout.count()) + " ms, ttl " +
           std::to_string(record.ttl.count()) + " ms, key \"" + record.idempotency_key +
           "\" digest " + std::to_string(record.request_digest) + ": " +
           std::string(toString(progress.status)) + " executed " + timeText(progress.executed) +
           " completed " + timeText(progress.completed) + " targets " +
           std::to_string(progress.target_count) + " successes " +
           std::to_string(progress.success_count);
}

inline std::string describe(const OpenCommand& command) {
    std::string line = describe(command.record, command.progress) + ", counts";
    for (const std::uint32_t count : command.counts.by_status) line += " " + std::to_string(count);
    line += ", ever sent " + std::to_string(command.counts.ever_sent) + ", open";
    for (const OpenCommand::Target& target : command.targets) {
        line += " " + std::to_string(static_cast<std::uint32_t>(target.device)) + " " +
                std::string(toString(target.status)) + " since " + formatTimestamp(target.since);
    }
    return line;
}

// One line for each device, in the order of their index, and for each open command, with everything
// a store recovers.
inline std::vector<std::string> describe(Recovery recovery) {
    std::ranges::sort(recovery.devices, {}, &Device::index);
    std::vector<std::string> lines{
        "up to #" + std::to_string(recovery.last_sequence) + " at " +
        formatTimestamp(recovery.last_time) + ", next device " +
        std::to_string(static_cast<std::uint32_t>(recovery.next_device)) + ", last command " +
        std::to_string(static_cast<std::uint64_t>(recovery.last_command))};
    for (const Device& d : recovery.devices) {
        lines.push_back(std::to_string(static_cast<std::uint32_t>(d.index)) + " " + d.id + " " +
                        d.type + " " + d.metadata + " by " + d.transport +
                        (d.online ? " online" : " offline ") +
                        std::string(toString(d.offline_reason)) + " connected " +
                        timeText(d.connected_at) + " disconnected " + timeText(d.disconnected_at) +
                        " heartbeat " + timeText(d.last_heartbeat) + " seen " +
                        timeText(d.last_seen) + " changed " + timeText(d.last_changed));
    }
    for (const OpenCommand& command : recovery.commands) lines.push_back(describe(command));
    return lines;
}

class StoreContract : public testing::TestWithParam<MakeStore> {
protected:
    StoreContract() : subject_(GetParam()()) { recovered_ = subject_->store().recover(); }

    // Appends what the story has told; the store must take it.
    void store() {
        const auto result = subject_->store().append(story_.take());
        ASSERT_TRUE(result.ok()) << result.error().message;
    }

    void reopen(StoreUnderTest::End end) {
        subject_->reopen(end);
        recovered_ = subject_->store().recover();
    }

    const Device& recoveredDevice(std::string_view id) const {
        const auto found = std::ranges::find(recovered_.devices, id, &Device::id);
        if (found == recovered_.devices.end()) {
            throw std::out_of_range("no device " + std::string(id) + " was recovered");
        }
        return *found;
    }

    // Lets the store do all its housekeeping.
    void maintain() {
        Timestamp now = story_.time();
        int steps = 0;
        while (subject_->store().maintain(now += std::chrono::seconds(1))) {
            ASSERT_LT(++steps, 10'000) << "housekeeping must come to an end";
        }
    }

    // A query for `device` that the caller may narrow.
    HistoryQuery of(std::string_view device) const { return {.device = story_.indexOf(device)}; }
    std::vector<SeenState> states(const HistoryQuery& query) const {
        return statesIn(subject_->history(), query);
    }
    std::vector<SeenConnection> connections(const HistoryQuery& query) const {
        return connectionsIn(subject_->history(), query);
    }

    // The payloads of what `states` found.
    std::vector<std::string> payloads(const HistoryQuery& query) const {
        std::vector<std::string> found;
        for (SeenState& row : states(query)) {
            found.push_back(std::move(row.state));
        }
        return found;
    }

    EventStory story_;
    std::unique_ptr<StoreUnderTest> subject_;
    Recovery recovered_;
};

using End = StoreUnderTest::End;
using Strings = std::vector<std::string>;

TEST_P(StoreContract, NothingIsRecoveredFromAnEmptyStore) {
    EXPECT_EQ(recovered_.last_sequence, 0U);
    EXPECT_EQ(recovered_.last_time, Timestamp{});
    EXPECT_TRUE(recovered_.devices.empty());
    EXPECT_EQ(recovered_.next_device, DeviceIndex{0});
}

TEST_P(StoreContract, TakesAnEmptyBatch) { EXPECT_TRUE(subject_->store().append({}).ok()); }

TEST_P(StoreContract, KeepsWhatItTookOverACrash) {
    story_.connects("lamp-1").reports("lamp-1", R"({"on":true})").reports("lamp-1", "{}");
    store();
    reopen(End::Crash);
    EXPECT_EQ(payloads(of("lamp-1")), (Strings{"{}", R"({"on":true})"}));
    EXPECT_EQ(connections(of("lamp-1")).size(), 1U);
}

TEST_P(StoreContract, KeepsWhatItTookOverACleanEnd) {
    story_.connects("lamp-1").reports("lamp-1", R"({"on":true})");
    store();
    reopen(End::Clean);
    EXPECT_EQ(payloads(of("lamp-1")), Strings{R"({"on":true})"});
    EXPECT_EQ(connections(of("lamp-1")).size(), 1U);
}

TEST_P(StoreContract, GoesOnBehindWhatItKept) {
    for (const auto end : {End::Crash, End::Clean, End::Crash, End::Crash}) {
        story_.reports("lamp-1", std::to_string(story_.sequence()));
        store();
        reopen(end);
    }
    EXPECT_EQ(payloads(of("lamp-1")), (Strings{"3", "2", "1", "0"}));
}

TEST_P(StoreContract, RecoversTheLastNumberAndTime) {
    story_.connects("lamp-1").reports("lamp-1", "{}");
    const Timestamp time =
        story_.after(std::chrono::microseconds(17)).says("lamp-1", "alert").time();
    store();
    for (const auto end : {End::Crash, End::Clean, End::Clean}) {
        reopen(end);
        EXPECT_EQ(recovered_.last_sequence, 3U);
        EXPECT_EQ(recovered_.last_time, time);
    }
}

TEST_P(StoreContract, RecoversADeviceThatWasOnline) {
    const Timestamp connected = story_.connects("cam-1", "mqtt").time();
    const Timestamp registered = story_.registers("cam-1", "esp32s3cam", R"({"mic":true})").time();
    const Timestamp seen = story_.reports("cam-1", "{}").time();
    store();
    for (const auto end : {End::Crash, End::Clean}) {
        reopen(end);
        const Device& cam = recoveredDevice("cam-1");
        EXPECT_EQ(cam.index, story_.indexOf("cam-1"));
        EXPECT_EQ(cam.type, "esp32s3cam");
        EXPECT_EQ(cam.metadata, R"({"mic":true})");
        EXPECT_EQ(cam.transport, "mqtt");
        EXPECT_TRUE(cam.online);
        EXPECT_EQ(cam.offline_reason, OfflineReason::None);
        EXPECT_EQ(cam.connected_at, connected);
        EXPECT_EQ(cam.disconnected_at, std::nullopt);
        EXPECT_EQ(cam.last_heartbeat, registered);
        EXPECT_EQ(cam.last_seen, seen);
        EXPECT_EQ(cam.last_changed, connected);
    }
}

TEST_P(StoreContract, RecoversWhyADeviceIsOffline) {
    const std::vector<OfflineReason> reasons{OfflineReason::Closed,      OfflineReason::Lost,
                                             OfflineReason::Timeout,     OfflineReason::TakenOver,
                                             OfflineReason::Kicked,      OfflineReason::HubStopped,
                                             OfflineReason::HubRestarted};
    for (const OfflineReason reason : reasons) {
        const std::string id(toString(reason));
        const Timestamp connected = story_.connects(id).time();
        const Timestamp disconnected = story_.disconnects(id, reason).time();
        store();
        reopen(End::Crash);
        const Device& device = recoveredDevice(id);
        EXPECT_FALSE(device.online) << id;
        EXPECT_EQ(device.offline_reason, reason);
        EXPECT_EQ(device.connected_at, connected) << id;
        EXPECT_EQ(device.disconnected_at, disconnected) << id;
        EXPECT_EQ(device.last_changed, disconnected) << id;
        EXPECT_EQ(device.last_seen, connected) << id << ": being lost is no sign of life";
    }
    EXPECT_EQ(recovered_.devices.size(), reasons.size());
}

TEST_P(StoreContract, ADeviceThatCameBackIsOnlineAgain) {
    story_.connects("lamp-1").disconnects("lamp-1", OfflineReason::TakenOver).connects("lamp-1");
    store();
    reopen(End::Crash);
    const Device& lamp = recoveredDevice("lamp-1");
    EXPECT_TRUE(lamp.online);
    EXPECT_EQ(lamp.offline_reason, OfflineReason::None);
    EXPECT_EQ(lamp.disconnected_at, std::nullopt);
}

TEST_P(StoreContract, ADeviceThatNeverRegisteredIsOfUnknownType) {
    story_.reports("lamp-1", "{}");
    store();
    reopen(End::Crash);
    EXPECT_EQ(recoveredDevice("lamp-1").type, "unknown");
    EXPECT_EQ(recoveredDevice("lamp-1").metadata, "{}");
}

TEST_P(StoreContract, ARegistrationWithoutMetadataLeavesWhatWasKnown) {
    story_.registers("lamp-1", "esp32", R"({"room":2})").registers("lamp-1", "esp32s3", "");
    store();
    reopen(End::Crash);
    EXPECT_EQ(recoveredDevice("lamp-1").type, "esp32s3");
    EXPECT_EQ(recoveredDevice("lamp-1").metadata, R"({"room":2})");
}

TEST_P(StoreContract, AStoredHeartbeatIsRecovered) {
    story_.registers("lamp-1", "esp32");
    const Timestamp heartbeat = story_.says("lamp-1", "heartbeat").time();
    const Timestamp alert = story_.says("lamp-1", "alert").time();
    store();
    reopen(End::Crash);
    EXPECT_EQ(recoveredDevice("lamp-1").last_heartbeat, heartbeat);
    EXPECT_EQ(recoveredDevice("lamp-1").last_seen, alert);
}

TEST_P(StoreContract, ABatchOfferedAgainIsNoErrorAndStoredOnce) {
    story_.connects("lamp-1").reports("lamp-1", "1").reports("lamp-1", "2");
    const std::vector<Event> batch = story_.take();
    ASSERT_TRUE(subject_->store().append(batch).ok());
    ASSERT_TRUE(subject_->store().append(batch).ok());
    EXPECT_EQ(payloads(of("lamp-1")), (Strings{"2", "1"}));

    reopen(End::Crash);
    ASSERT_TRUE(subject_->store().append(batch).ok());
    EXPECT_EQ(payloads(of("lamp-1")), (Strings{"2", "1"}));
}

TEST_P(StoreContract, OfABatchOfferedAgainTheNewEventsAreStored) {
    story_.reports("lamp-1", "1").reports("lamp-1", "2");
    std::vector<Event> batch = story_.take();
    ASSERT_TRUE(subject_->store().append(batch).ok());
    story_.reports("lamp-1", "3");
    batch.push_back(story_.take().front());
    ASSERT_TRUE(subject_->store().append(batch).ok());
    EXPECT_EQ(payloads(of("lamp-1")), (Strings{"3", "2", "1"}));
}

TEST_P(StoreContract, OfABatchThatFailsNothingIsThere) {
    story_.connects("lamp-1").reports("lamp-1", "1");
    store();
    subject_->breakDisk();
    story_.reports("lamp-1", "2").connects("new-1").reports("new-1", "{}");
    const auto result = subject_->store().append(story_.take());
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().kind, Error::Kind::Unavailable);
    EXPECT_FALSE(result.error().message.empty());
    EXPECT_EQ(payloads(of("lamp-1")), Strings{"1"});
    EXPECT_TRUE(payloads(of("new-1")).empty());

    subject_->repairDisk();
    reopen(End::Crash);
    EXPECT_EQ(recovered_.last_sequence, 2U);
    EXPECT_EQ(recovered_.devices.size(), 1U);
}

TEST_P(StoreContract, ABatchThatFailedIsTakenOnceTheCauseIsGone) {
    story_.connects("lamp-1").reports("lamp-1", "1");
    store();
    story_.reports("lamp-1", "2").connects("new-1").reports("new-1", "{}").reports("lamp-1", "3");
    std::vector<Event> batch = story_.take();
    subject_->breakDisk();
    EXPECT_FALSE(subject_->store().append(batch).ok());
    EXPECT_FALSE(subject_->store().append(batch).ok());
    subject_->repairDisk();

    story_.reports("lamp-1", "4");
    batch.push_back(story_.take().front());
    ASSERT_TRUE(subject_->store().append(batch).ok());
    EXPECT_EQ(payloads(of("lamp-1")), (Strings{"4", "3", "2", "1"}));
    EXPECT_EQ(payloads(of("new-1")), Strings{"{}"});
    reopen(End::Crash);
    EXPECT_EQ(payloads(of("lamp-1")), (Strings{"4", "3", "2", "1"}));
    EXPECT_EQ(recovered_.devices.size(), 2U);
}

TEST_P(StoreContract, ASignOfLifeIsRecovered) {
    story_.connects("lamp-1").reports("cam-1", "{}");
    store();
    const Timestamp seen = story_.time() + std::chrono::seconds(20);
    const Timestamp heartbeat = story_.time() + std::chrono::seconds(10);
    const std::vector<SignOfLife> signs{{story_.indexOf("lamp-1"), seen, heartbeat},
                                        {story_.indexOf("cam-1"), seen, std::nullopt}};
    ASSERT_TRUE(subject_->store().noteLife(signs).ok());
    for (const auto end : {End::Crash, End::Clean}) {
        reopen(end);
        EXPECT_EQ(recoveredDevice("lamp-1").last_seen, seen);
        EXPECT_EQ(recoveredDevice("lamp-1").last_heartbeat, heartbeat);
        EXPECT_EQ(recoveredDevice("cam-1").last_seen, seen);
        EXPECT_EQ(recoveredDevice("cam-1").last_heartbeat, std::nullopt);
    }
}

TEST_P(StoreContract, ASignOfLifeNeverSetsATimeBack) {
    const Timestamp heartbeat = story_.says("lamp-1", "heartbeat").time();
    const Timestamp seen = story_.reports("lamp-1", "{}").time();
    store();
    const Timestamp old = heartbeat - std::chrono::seconds(1);
    ASSERT_TRUE(subject_->store()
                    .noteLife(std::vector{SignOfLife{story_.indexOf("lamp-1"), old, old}})
                    .ok());
    reopen(End::Crash);
    EXPECT_EQ(recoveredDevice("lamp-1").last_seen, seen);
    EXPECT_EQ(recoveredDevice("lamp-1").last_heartbeat, heartbeat);
}

TEST_P(StoreContract, AnOlderEventDoesNotSetASignOfLifeBack) {
    story_.registers("lamp-1", "esp32");
    store();
    const Timestamp later = story_.time() + std::chrono::seconds(20);
    ASSERT_TRUE(subject_->store()
                    .noteLife(std::vector{SignOfLife{story_.indexOf("lamp-1"), later, later}})
                    .ok());
    story_.says("lamp-1", "heartbeat").registers("lamp-1", "esp32");
    store();
    reopen(End::Crash);
    EXPECT_EQ(recoveredDevice("lamp-1").last_seen, later);
    EXPECT_EQ(recoveredDevice("lamp-1").last_heartbeat, later);
}

TEST_P(StoreContract, ASignOfLifeOfAnUnknownDeviceIsPassedOver) {
    story_.connects("lamp-1");
    const Timestamp connected = story_.time();
    store();
    EXPECT_TRUE(subject_->store().noteLife({}).ok());
    EXPECT_TRUE(subject_->store()
                    .noteLife(std::vector{SignOfLife{DeviceIndex{4711}, connected, connected}})
                    .ok());
    reopen(End::Crash);
    ASSERT_EQ(recovered_.devices.size(), 1U);
    EXPECT_EQ(recoveredDevice("lamp-1").last_seen, connected);
    EXPECT_EQ(recovered_.next_device, DeviceIndex{1});
}

TEST_P(StoreContract, OfSignsThatFailNothingIsKept) {
    story_.connects("lamp-1");
    const Timestamp connected = story_.time();
    store();
    const std::vector<SignOfLife> signs{
        {story_.indexOf("lamp-1"), connected + std::chrono::hours(1), std::nullopt}};
    subject_->breakDisk();
    const auto noted = subject_->store().noteLife(signs);
    ASSERT_FALSE(noted.ok());
    EXPECT_EQ(noted.error().kind, Error::Kind::Unavailable);
    subject_->repairDisk();
    reopen(End::Crash);
    EXPECT_EQ(recoveredDevice("lamp-1").last_seen, connected);
    ASSERT_TRUE(subject_->store().noteLife(signs).ok());
    reopen(End::Crash);
    EXPECT_EQ(recoveredDevice("lamp-1").last_seen, signs[0].seen);
}

TEST_P(StoreContract, AForgottenDeviceIsGoneAtOnce) {
    story_.connects("lamp-1").reports("lamp-1", "1").says("lamp-1", "alert").reports("cam-1", "2");
    store();
    const HistoryQuery lamp = of("lamp-1");
    story_.reports("lamp-1", "3").forgets("lamp-1");
    store();
    EXPECT_TRUE(states(lamp).empty());
    EXPECT_TRUE(connections(lamp).empty());
    EXPECT_EQ(payloads(of("cam-1")), Strings{"2"});
    for (const auto end : {End::Crash, End::Clean}) {
        reopen(end);
        ASSERT_EQ(recovered_.devices.size(), 1U);
        EXPECT_EQ(recovered_.devices[0].id, "cam-1");
        EXPECT_TRUE(states(lamp).empty());
        EXPECT_TRUE(connections(lamp).empty());
    }
}

TEST_P(StoreContract, TheNumbersOfAForgottenDeviceStayUsed) {
    story_.reports("cam-1", "1").reports("lamp-1", "2").forgets("lamp-1");
    const Sequence last = story_.sequence();
    const Timestamp time = story_.time();
    store();
    for (const auto end : {End::Crash, End::Clean, End::Crash}) {
        maintain();
        reopen(end);
        EXPECT_EQ(recovered_.last_sequence, last);
        EXPECT_EQ(recovered_.last_time, time);
        EXPECT_EQ(recovered_.next_device, DeviceIndex{2});
    }
}

TEST_P(StoreContract, ADeviceThatComesBackAfterItWasForgottenIsANewOne) {
    story_.connects("lamp-1")
        .registers("lamp-1", "esp32", R"({"room":2})")
        .reports("lamp-1", "old");
    store();
    const HistoryQuery old = of("lamp-1");
    story_.forgets("lamp-1").connects("lamp-1", "mqtt").reports("lamp-1", "new");
    store();
    maintain();
    for (const auto end : {End::Crash, End::Clean}) {
        EXPECT_EQ(payloads(of("lamp-1")), Strings{"new"});
        EXPECT_EQ(connections(of("lamp-1")).size(), 1U);
        EXPECT_TRUE(states(old).empty());
        reopen(end);
        ASSERT_EQ(recovered_.devices.size(), 1U);
        EXPECT_EQ(recoveredDevice("lamp-1").index, story_.indexOf("lamp-1"));
        EXPECT_EQ(recoveredDevice("lamp-1").type, "unknown");
        EXPECT_EQ(recoveredDevice("lamp-1").transport, "mqtt");
    }
}

TEST_P(StoreContract, ADeviceThatWasNeverStoredMayBeForgotten) {
    story_.forgets("lamp-1");
    store();
    maintain();
    reopen(End::Crash);
    EXPECT_EQ(recovered_.last_sequence, 1U);
    EXPECT_TRUE(recovered_.devices.empty());
    EXPECT_EQ(recovered_.next_device, DeviceIndex{1});
}

TEST_P(StoreContract, AForgettingThatFailsIsTakenOnceTheCauseIsGone) {
    story_.reports("lamp-1", "1");
    store();
    const HistoryQuery lamp = of("lamp-1");
    story_.reports("lamp-1", "2").forgets("lamp-1").reports("lamp-1", "3");
    const std::vector<Event> batch = story_.take();
    subject_->breakDisk();
    ASSERT_FALSE(subject_->store().append(batch).ok());
    EXPECT_EQ(payloads(lamp), Strings{"1"});
    subject_->repairDisk();
    ASSERT_TRUE(subject_->store().append(batch).ok());
    EXPECT_TRUE(states(lamp).empty());
    EXPECT_EQ(payloads(of("lamp-1")), Strings{"3"});
}

}  // namespace hub::contract
