#pragma once

#include "contract/store_contract.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

// What a store promises of commands: the suite CommandContract, to be instantiated like
// StoreContract.

namespace hub::contract {

inline std::string describe(const CommandTargetRow& row) {
    return "#" + std::to_string(row.sequence) + " " + formatTimestamp(row.time) + " " +
           std::to_string(static_cast<std::uint32_t>(row.device)) + " " +
           std::string(row.device_id) + " " + std::string(toString(row.status)) +
           (row.late ? " late " : " ") + std::string(row.payload);
}

// A command as a line, and each change of its devices from `from` on as one; none when there is no
// such command.
inline std::vector<std::string> commandIn(const History& history, const std::string& id,
                                          DeviceIndex from = {}) {
    std::vector<std::string> seen;
    const auto result = history.command(
        id, from,
        [&](const CommandRecord& record, const CommandProgress& progress) {
            seen.push_back(describe(record, progress));
            return true;
        },
        [&](const CommandTargetRow& row) {
            seen.push_back(describe(row));
            return true;
        });
    EXPECT_TRUE(result.ok()) << result.error().message;
    EXPECT_EQ(result.ok() && *result, !seen.empty());
    return seen;
}

inline std::vector<std::string> commandsIn(const History& history, const CommandQuery& query) {
    std::vector<std::string> seen;
    const auto result =
        history.commands(query, [&](const CommandRecord& record, const CommandProgress& progress) {
            seen.push_back(describe(record, progress));
            return true;
        });
    EXPECT_TRUE(result.ok()) << result.error().message;
    return seen;
}

using Numbers = std::vector<std::uint64_t>;

inline Numbers numbersIn(const History& history, const CommandQuery& query) {
    Numbers seen;
    const auto result =
        history.commands(query, [&](const CommandRecord& record, const CommandProgress&) {
            seen.push_back(static_cast<std::uint64_t>(record.number));
            return true;
        });
    EXPECT_TRUE(result.ok()) << result.error().message;
    return seen;
}

// Two lamps and a camera are online.
class CommandContract : public StoreContract {
protected:
    CommandContract() {
        story_.connects("lamp-1").connects("lamp-2").connects("cam-1");
        store();
    }

    static CommandRecord recordOf(std::string name) {
        CommandRecord record;
        record.command.name = std::move(name);
        record.command.payload = R"({"speed":3})";
        record.ack_timeout = std::chrono::milliseconds(30'000);
        record.ttl = std::chrono::hours(24);
        return record;
    }
    // A command to one device, recorded and sent.
    CommandNumber sent(std::string_view device, CommandRecord record = recordOf("go")) {
        const CommandNumber number = story_.records(std::move(record), 1);
        story_.stands(number, device, TargetStatus::Pending);
        story_.stands(number, device, TargetStatus::Sent);
        return number;
    }
    CommandNumber done(std::string_view device, CommandRecord record = recordOf("go")) {
        const CommandNumber number = sent(device, std::move(record));
        story_.stands(number, device, TargetStatus::AckSuccess);
        return number;
    }

    Numbers numbers(const CommandQuery& query) const {
        return numbersIn(subject_->history(), query);
    }
    // The changes of a command, from a device on.
    std::vector<std::string> targets(CommandNumber number, DeviceIndex from = {}) const {
        auto lines = commandIn(subject_->history(), story_.recordOf(number).command.id, from);
        if (!lines.empty()) lines.erase(lines.begin());
        return lines;
    }
    // What is stored of a command is what the story tells.
    void expectAsTold(CommandNumber number) const {
        const CommandRecord& record = story_.recordOf(number);
        const std::string told = describe(record, story_.progressOf(number));
        EXPECT_EQ(commandsIn(subject_->history(), {.id = record.command.id}), Strings{told});
        EXPECT_EQ(commandIn(subject_->history(), record.command.id).at(0), told);
    }
    // The statuses in `targets` of one command.
    std::vector<TargetStatus> statuses(CommandNumber number) const {
        std::vector<TargetStatus> seen;
        const auto result = subject_->history().command(
            story_.recordOf(number).command.id, DeviceIndex{},
            [](const CommandRecord&, const CommandProgress&) { return true; },
            [&](const CommandTargetRow& row) {
                seen.push_back(row.status);
                return true;
            });
        EXPECT_TRUE(result.ok() && *result);
        return seen;
    }
};

TEST_P(CommandContract, KeepsACommandAsItWasRecorded) {
    CommandRecord record = recordOf("forward");
    record.command.id = "019ab0f0-7f2a-7cc3-98c4-dc0c0c07398f";
    record.command.payload = R"({"text":"\u00e9 é"})";
    record.device_type = "esp32";
    record.ack_timeout = std::chrono::milliseconds(1);
    record.ttl = std::chrono::hours(24 * 30);
    record.idempotency_key = "key ✓";
    record.request_digest = std::numeric_limits<std::uint64_t>::max();
    const CommandNumber number = story_.records(record, 2);
    store();
    expectAsTold(number);
    for (const auto end : {End::Crash, End::Clean}) {
        reopen(end);
        expectAsTold(number);
    }
}

TEST_P(CommandContract, ACommandWithoutDevicesIsCompleteAtOnce) {
    const CommandNumber number = story_.records(recordOf("go"), 0);
    store();
    expectAsTold(number);
    EXPECT_EQ(numbers({.status = CommandStatus::NoDevices}), Numbers{1});
    EXPECT_TRUE(targets(number).empty());
    reopen(End::Crash);
    EXPECT_TRUE(recovered_.commands.empty());
}

TEST_P(CommandContract, ItsProgressIsThatOfTheLastChange) {
    const CommandNumber number = story_.records(recordOf("go"), 2);
    store();
    for (const auto status : {TargetStatus::Sent, TargetStatus::AckSuccess}) {
        for (const std::string device : {"lamp-1", "lamp-2"}) {
            story_.stands(number, device, status);
            store();
            expectAsTold(number);
        }
    }
    EXPECT_EQ(story_.progressOf(number).status, CommandStatus::AckSuccess);
    reopen(End::Crash);
    expectAsTold(number);
}

TEST_P(CommandContract, AllOfItMayHappenInOneBatch) {
    const CommandNumber first = done("lamp-1");
    const CommandNumber second = story_.records(recordOf("stop"), 1);
    story_.stands(first, "lamp-1", TargetStatus::AckSuccess);
    story_.stands(second, "lamp-1", TargetStatus::Unreachable, R"({"reason":"offline"})");
    store();
    expectAsTold(first);
    expectAsTold(second);
}

TEST_P(CommandContract, TargetsComeDeviceByDeviceOldestFirstAndWhole) {
    const CommandNumber number = story_.records(recordOf("go"), 2);
    story_.stands(number, "lamp-2", TargetStatus::Pending, R"({"first":true})");
    story_.stands(number, "lamp-1", TargetStatus::Queued, R"({"second":true})");
    const std::string time = formatTimestamp(story_.time());
    const std::string sequence = std::to_string(story_.sequence());
    const CommandNumber other = done("cam-1");
    story_.stands(number, "lamp-2", TargetStatus::Sent);
    store();
    story_.stands(number, "lamp-2", TargetStatus::AckError, R"({"response":"stuck"})");
    story_.acknowledgesLate(number, "lamp-2");
    store();
    for (const auto end : {End::Crash, End::Clean}) {
        const auto seen = targets(number);
        ASSERT_EQ(seen.size(), 5U);
        EXPECT_EQ(seen[0], "#" + sequence + " " + time + R"( 0 lamp-1 queued {"second":true})");
        EXPECT_TRUE(seen[1].ends_with(R"( lamp-2 pending {"first":true})")) << seen[1];
        EXPECT_TRUE(seen[4].ends_with(R"( lamp-2 ack_success late {"late":true})")) << seen[4];
        EXPECT_EQ(statuses(number),
                  (std::vector{TargetStatus::Queued, TargetStatus::Pending, TargetStatus::Sent,
                               TargetStatus::AckError, TargetStatus::AckSuccess}));
        EXPECT_EQ(targets(other).size(), 3U);
        reopen(end);
    }
}

TEST_P(CommandContract, EveryStatusOfATargetIsKept) {
    const CommandNumber number = story_.records(recordOf("go"), 1);
    std::vector<TargetStatus> all;
    for (std::size_t i = 0; i < kTargetStatuses; ++i) {
        all.push_back(static_cast<TargetStatus>(i));
        story_.stands(number, "lamp-1", all.back());
    }
    store();
    EXPECT_EQ(statuses(number), all);
}

TEST_P(CommandContract, AnUnknownCommandHasNoTargets) {
    done("lamp-1");
    store();
    EXPECT_TRUE(commandIn(subject_->history(), "4711").empty());
    EXPECT_TRUE(numbers({.id = "4711"}).empty());
    EXPECT_TRUE(numbers({.idempotency_key = "4711"}).empty());
    EXPECT_TRUE(numbers({.device = DeviceIndex{4711}}).empty());
}

TEST_P(CommandContract, CommandsComeNewestFirst) {
    for (int i = 0; i < 5; ++i) done("lamp-1");
    store();
    EXPECT_EQ(numbers({}), (Numbers{5, 4, 3, 2, 1}));
    EXPECT_EQ(numbers({.limit = 2}), (Numbers{5, 4}));
    EXPECT_EQ(numbers({.before = CommandNumber{3}}), (Numbers{2, 1}));
    EXPECT_EQ(numbers({.before = CommandNumber{1}}), Numbers{});
    EXPECT_EQ(numbers({.before = CommandNumber{900}, .limit = 1}), Numbers{5});
}

TEST_P(CommandContract, NoMoreThanAThousandCommandsComeAtOnce) {
    for (int i = 0; i < 1001; ++i) done("lamp-1");
    store();
    EXPECT_EQ(numbers({.limit = 5000}).size(), 1000U);
    EXPECT_EQ(numbers({.device = story_.indexOf("lamp-1"), .limit = 5000}).size(), 1000U);
}

TEST_P(CommandContract, AVisitOfCommandsEndsWhenTheVisitorHasEnough) {
    for (int i = 0; i < 5; ++i) done("lamp-1");
    store();
    const auto device = story_.indexOf("lamp-1");
    for (const CommandQuery& query : {CommandQuery{}, CommandQuery{.device = device}}) {
        int visited = 0;
        const auto count = [&](const CommandRecord&, const CommandProgress&) {
            return ++visited < 2;
        };
        EXPECT_TRUE(subject_->history().commands(query, count).ok());
        EXPECT_EQ(visited, 2);
    }
    int visited = 0;
    const auto read = [&](bool targets_too) {
        return subject_->history().command(
            "command-1", DeviceIndex{},
            [targets_too](const CommandRecord&, const CommandProgress&) { return targets_too; },
            [&visited](const CommandTargetRow&) { return ++visited < 2; });
    };
    EXPECT_TRUE(read(false).value());
    EXPECT_EQ(visited, 0);
    EXPECT_TRUE(read(true).value());
    EXPECT_EQ(visited, 2);
}

TEST_P(CommandContract, TargetsMayBeginAtAnyDevice) {
    const CommandNumber number = story_.records(recordOf("go"), 2);
    story_.stands(number, "lamp-2", TargetStatus::Sent);
    story_.stands(number, "cam-1", TargetStatus::Sent);
    done("lamp-1");
    store();
    EXPECT_EQ(targets(number, story_.indexOf("lamp-1")).size(), 2U);
    EXPECT_EQ(targets(number, story_.indexOf("lamp-2")).size(), 2U);
    EXPECT_EQ(targets(number, story_.indexOf("cam-1")).size(), 1U);
    EXPECT_TRUE(targets(number, DeviceIndex{3}).empty());
    EXPECT_TRUE(targets(number, DeviceIndex{std::numeric_limits<std::uint32_t>::max()}).empty());
}

TEST_P(CommandContract, FiltersByStatusTypeKeyAndId) {
    CommandRecord record = recordOf("go");
    record.device_type = "esp32";
    record.idempotency_key = "a";
    done("lamp-1", record);
    record.idempotency_key = "b";
    sent("lamp-1", record);
    record.device_type = "esp32s3";
    record.idempotency_key = "";
    record.command.id = "mine";
    sent("lamp-2", record);
    store();
    EXPECT_EQ(numbers({.status = CommandStatus::Sent}), (Numbers{3, 2}));
    EXPECT_EQ(numbers({.status = CommandStatus::AckSuccess}), Numbers{1});
    EXPECT_EQ(numbers({.status = CommandStatus::Partial}), Numbers{});
    EXPECT_EQ(numbers({.device_type = "esp32"}), (Numbers{2, 1}));
    EXPECT_EQ(numbers({.status = CommandStatus::Sent, .device_type = "esp32"}), Numbers{2});
    EXPECT_EQ(numbers({.idempotency_key = "b"}), Numbers{2});
    EXPECT_EQ(numbers({.status = CommandStatus::AckSuccess, .idempotency_key = "b"}), Numbers{});
    EXPECT_EQ(numbers({.id = "mine"}), Numbers{3});
    EXPECT_EQ(numbers({.id = "mine", .before = CommandNumber{3}}), Numbers{});
    EXPECT_EQ(numbers({.device_type = "esp32", .id = "mine"}), Numbers{});
}

TEST_P(CommandContract, SinceAndUntilOfCommandsIncludeTheirInstant) {
    std::vector<Timestamp> created;
    for (int i = 0; i < 5; ++i) created.push_back(story_.recordOf(done("lamp-1")).created);
    store();
    const auto lamp = story_.indexOf("lamp-1");
    for (const std::optional<DeviceIndex> device : {std::optional<DeviceIndex>(), {lamp}}) {
        CommandQuery query{.device = device, .since = created[1], .until = created[3]};
        EXPECT_EQ(numbers(query), (Numbers{4, 3, 2}));
        *query.since += std::chrono::microseconds(1);
        *query.until -= std::chrono::microseconds(1);
        EXPECT_EQ(numbers(query), Numbers{3});
        EXPECT_EQ(numbers({.device = device, .since = created[4]}), Numbers{5});
        EXPECT_EQ(numbers({.device = device, .until = created[0]}), Numbers{1});
    }
}

TEST_P(CommandContract, FiltersByDevice) {
    done("lamp-1");
    const CommandNumber both = story_.records(recordOf("go"), 2);
    story_.stands(both, "lamp-1", TargetStatus::Sent).stands(both, "cam-1", TargetStatus::Sent);
    done("cam-1");
    story_.records(recordOf("go"), 0);
    store();
    EXPECT_EQ(numbers({.device = story_.indexOf("lamp-1")}), (Numbers{2, 1}));
    EXPECT_EQ(numbers({.device = story_.indexOf("cam-1")}), (Numbers{3, 2}));
    EXPECT_EQ(numbers({.device = story_.indexOf("lamp-2")}), Numbers{});
    EXPECT_EQ(numbers({.status = CommandStatus::Sent, .device = story_.indexOf("cam-1")}),
              Numbers{2});
    EXPECT_EQ(numbers({.device = story_.indexOf("cam-1"), .limit = 1}), Numbers{3});
    EXPECT_EQ(numbers({.device = story_.indexOf("cam-1"), .before = CommandNumber{3}}), Numbers{2});
}

// What happens last to a command has nothing to do with when it was recorded.
TEST_P(CommandContract, PagesOfADevicesCommandsMeetWithoutGapOrRepeat) {
    std::vector<CommandNumber> open;
    Numbers all;
    for (int i = 0; i < 60; ++i) {
        open.push_back(sent("lamp-1"));
        all.insert(all.begin(), static_cast<std::uint64_t>(open.back()));
        done("cam-1");
        if (i % 3 == 2) {
            const auto closing = open.begin() + (i * 7) % static_cast<int>(open.size());
            story_.stands(*closing, "lamp-1", TargetStatus::Timeout);
            if (i % 2 == 0) story_.acknowledgesLate(*closing, "lamp-1");
            open.erase(closing);
        }
    }
    store();
    for (const auto end : {End::Crash, End::Clean}) {
        Numbers seen;
        CommandQuery page{.device = story_.indexOf("lamp-1"), .limit = 7};
        for (Numbers found = numbers(page); !found.empty(); found = numbers(page)) {
            seen.insert(seen.end(), found.begin(), found.end());
            page.before = static_cast<CommandNumber>(found.back());
        }
        EXPECT_EQ(seen, all);
        reopen(end);
    }
}

TEST_P(CommandContract, WhatIsOpenIsRecovered) {
    done("lamp-1");
    const CommandNumber number = story_.records(recordOf("go"), 3);
    story_.stands(number, "lamp-2", TargetStatus::Pending);
    story_.stands(number, "lamp-1", TargetStatus::Queued);
    const Timestamp queued = story_.time();
    story_.stands(number, "cam-1", TargetStatus::Pending);
    story_.stands(number, "lamp-2", TargetStatus::Sent);
    const Timestamp lamp_sent = story_.time();
    story_.stands(number, "cam-1", TargetStatus::Sent);
    story_.stands(number, "cam-1", TargetStatus::AckSuccess);
    const CommandNumber later = sent("cam-1");
    store();
    for (const auto end : {End::Crash, End::Clean, End::Crash}) {
        reopen(end);
        EXPECT_EQ(recovered_.last_command, later);
        ASSERT_EQ(recovered_.commands.size(), 2U);
        const OpenCommand& command = recovered_.commands[0];
        EXPECT_EQ(describe(command.record, command.progress),
                  describe(story_.recordOf(number), story_.progressOf(number)));
        EXPECT_EQ(command.counts[TargetStatus::Sent], 1U);
        EXPECT_EQ(command.counts[TargetStatus::Queued], 1U);
        EXPECT_EQ(command.counts[TargetStatus::AckSuccess], 1U);
        EXPECT_EQ(command.counts.total(), 3U);
        EXPECT_EQ(command.counts.ever_sent, 2U);
        ASSERT_EQ(command.targets.size(), 2U);
        EXPECT_EQ(command.targets[0].device, story_.indexOf("lamp-1"));
        EXPECT_EQ(command.targets[0].status, TargetStatus::Queued);
        EXPECT_EQ(command.targets[0].since, queued);
        EXPECT_EQ(command.targets[1].device, story_.indexOf("lamp-2"));
        EXPECT_EQ(command.targets[1].status, TargetStatus::Sent);
        EXPECT_EQ(command.targets[1].since, lamp_sent);
        EXPECT_EQ(recovered_.commands[1].record.number, later);
    }
}

TEST_P(CommandContract, WhatIsClosedIsNotRecoveredButItsNumberStaysUsed) {
    const CommandNumber number = done("lamp-1");
    story_.acknowledgesLate(number, "lamp-1");
    const Sequence last = story_.sequence();
    store();
    for (const auto end : {End::Crash, End::Clean, End::Clean}) {
        reopen(end);
        EXPECT_TRUE(recovered_.commands.empty());
        EXPECT_EQ(recovered_.last_command, number);
        EXPECT_EQ(recovered_.last_sequence, last);
        EXPECT_EQ(recovered_.last_time, story_.time());
    }
}

TEST_P(CommandContract, ALateAcknowledgementChangesNoOutcome) {
    const CommandNumber number = story_.records(recordOf("go"), 2);
    story_.stands(number, "lamp-1", TargetStatus::Sent);
    story_.stands(number, "lamp-2", TargetStatus::Sent);
    story_.stands(number, "lamp-1", TargetStatus::Timeout);
    story_.acknowledgesLate(number, "lamp-1");
    store();
    reopen(End::Crash);
    ASSERT_EQ(recovered_.commands.size(), 1U);
    EXPECT_EQ(recovered_.commands[0].counts[TargetStatus::Timeout], 1U);
    EXPECT_EQ(recovered_.commands[0].counts[TargetStatus::AckSuccess], 0U);
    expectAsTold(number);
}

TEST_P(CommandContract, ACommandIsNoSignOfLifeAndMakesNoDevice) {
    const Timestamp connected = story_.connects("lamp-3").time();
    sent("lamp-3");
    story_.records(recordOf("go"), 0);
    store();
    reopen(End::Crash);
    EXPECT_EQ(recovered_.devices.size(), 4U);
    EXPECT_EQ(recovered_.next_device, DeviceIndex{4});
    EXPECT_EQ(recoveredDevice("lamp-3").last_seen, connected);
}

TEST_P(CommandContract, CommandsOfferedAgainAreStoredOnce) {
    const CommandNumber number = sent("lamp-1");
    std::vector<Event> batch = story_.take();
    ASSERT_TRUE(subject_->store().append(batch).ok());
    ASSERT_TRUE(subject_->store().append(batch).ok());
    reopen(End::Crash);
    story_.stands(number, "lamp-1", TargetStatus::AckSuccess);
    batch.push_back(story_.take().front());
    ASSERT_TRUE(subject_->store().append(batch).ok());
    EXPECT_EQ(numbers({}), Numbers{1});
    EXPECT_EQ(targets(number).size(), 3U);
    expectAsTold(number);
}

TEST_P(CommandContract, OfCommandsThatFailNothingIsThere) {
    const CommandNumber first = sent("lamp-1");
    store();
    const auto before = commandsIn(subject_->history(), {});
    const auto targets_before = targets(first);
    story_.stands(first, "lamp-1", TargetStatus::AckSuccess);
    const CommandNumber second = sent("lamp-2");
    const std::vector<Event> batch = story_.take();
    subject_->breakDisk();
    ASSERT_FALSE(subject_->store().append(batch).ok());
    EXPECT_EQ(commandsIn(subject_->history(), {}), before);
    EXPECT_EQ(targets(first), targets_before);
    EXPECT_TRUE(targets(second).empty());
    subject_->repairDisk();
    ASSERT_TRUE(subject_->store().append(batch).ok());
    expectAsTold(first);
    expectAsTold(second);
    reopen(End::Crash);
    EXPECT_EQ(recovered_.last_command, second);
    ASSERT_EQ(recovered_.commands.size(), 1U);
    EXPECT_EQ(recovered_.commands[0].record.number, second);
}

TEST_P(CommandContract, AForgottenDeviceTakesItsTargetsAlongButNotTheCommand) {
    const CommandNumber number = story_.records(recordOf("go"), 3);
    story_.stands(number, "lamp-1", TargetStatus::Sent);
    story_.stands(number, "lamp-2", TargetStatus::Sent);
    story_.stands(number, "cam-1", TargetStatus::Sent);
    story_.stands(number, "lamp-2", TargetStatus::AckSuccess);
    store();
    const DeviceIndex lamp = story_.indexOf("lamp-1");
    story_.stands(number, "lamp-1", TargetStatus::Cancelled).forgets("lamp-1");
    story_.forgets("lamp-2");
    store();
    for (const auto end : {End::Crash, End::Clean, End::Crash}) {
        EXPECT_EQ(statuses(number), std::vector{TargetStatus::Sent});
        EXPECT_EQ(numbers({.device = lamp}), Numbers{});
        expectAsTold(number);
        reopen(end);
        maintain();
        ASSERT_EQ(recovered_.commands.size(), 1U);
        const OpenCommand& command = recovered_.commands[0];
        EXPECT_EQ(command.counts[TargetStatus::Sent], 1U);
        EXPECT_EQ(command.counts[TargetStatus::AckSuccess], 1U);
        EXPECT_EQ(command.counts[TargetStatus::Cancelled], 1U);
        EXPECT_EQ(command.counts.total(), 3U);
        ASSERT_EQ(command.targets.size(), 1U);
        EXPECT_EQ(command.targets[0].device, story_.indexOf("cam-1"));
    }
}

// Of those that nobody is told of any more, an outcome is still counted.
TEST_P(CommandContract, ACommandThatWasSentToAForgottenDeviceOnlyCountsAsSent) {
    const CommandNumber number = story_.records(recordOf("go"), 2);
    story_.stands(number, "lamp-1", TargetStatus::Sent)
        .stands(number, "lamp-2", TargetStatus::Queued);
    story_.stands(number, "lamp-1", TargetStatus::Cancelled).forgets("lamp-1");
    store();
    reopen(End::Crash);
    ASSERT_EQ(recovered_.commands.size(), 1U);
    EXPECT_EQ(recovered_.commands[0].counts.ever_sent, 1U);
    EXPECT_EQ(statusOf(recovered_.commands[0].counts), story_.progressOf(number).status);
}

TEST_P(CommandContract, ReadersSeeWholeCommandsWhileTheStoreWrites) {
    constexpr std::uint64_t kCommands = 200;
    sent("lamp-1");
    store();
    std::atomic<std::uint64_t> stored = 1;
    const auto read = [&] {
        while (stored < kCommands && !HasFailure()) {
            const std::uint64_t at_least = stored;
            const Numbers of_device = numbers({.device = DeviceIndex{0}, .limit = 1});
            const Numbers newest = numbers({.limit = 1});
            ASSERT_EQ(of_device.size(), 1U);
            ASSERT_EQ(newest.size(), 1U);
            EXPECT_GE(of_device[0], at_least);
            EXPECT_GE(newest[0], at_least);
            // By the id that the story gives it, which goes on being told meanwhile.
            const auto lines =
                commandIn(subject_->history(), "command-" + std::to_string(newest[0]));
            EXPECT_EQ(lines.size(), 3U);
        }
    };
    std::thread first(read);
    std::thread second(read);
    while (stored < kCommands) {
        sent("lamp-1");
        EXPECT_TRUE(subject_->store().append(story_.take()).ok());
        ++stored;
    }
    first.join();
    second.join();
}

}  // namespace hub::contract
