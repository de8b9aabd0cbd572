#include "commands/ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hub::commands {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr DeviceIndex kLamp{0};
constexpr DeviceIndex kFan{1};
constexpr DeviceIndex kDoor{2};

class LedgerTest : public testing::Test {
protected:
    static constexpr std::chrono::milliseconds kAckTimeout = 30s;
    static constexpr std::chrono::milliseconds kTtl = 1h;

    static std::shared_ptr<const CommandRecord> recordOf(std::uint64_t number, bool keep = false) {
        CommandRecord record;
        record.number = CommandNumber{number};
        record.command = {"id-" + std::to_string(number), "forward", "{}"};
        record.created = Timestamp(1000s);
        record.ack_timeout = kAckTimeout;
        if (keep) record.ttl = kTtl;
        return std::make_shared<const CommandRecord>(std::move(record));
    }

    // Recorded for devices that are online.
    void record(std::uint64_t number, const std::vector<DeviceIndex>& devices, bool keep = false) {
        std::vector<Recipient> recipients;
        for (const DeviceIndex device : devices) recipients.push_back({.device = device});
        ledger_.record(recordOf(number, keep), recipients, now_, changes_);
    }
    void record(std::uint64_t number, DeviceIndex device, TargetStatus begins,
                std::string_view reason = {}) {
        const Recipient& recipient = recipients_.emplace_back(
            Recipient{.device = device, .status = begins, .reason = std::string(reason)});
        ledger_.record(recordOf(number, begins == TargetStatus::Queued), {&recipient, 1}, now_,
                       changes_);
    }
    void commit(std::uint64_t number) { ledger_.committed(CommandNumber{number}); }
    void deliver(std::uint64_t number, DeviceIndex device, Delivery delivery = Delivery::Accepted) {
        ledger_.delivered(CommandNumber{number}, device, delivery, now_, changes_);
    }
    // Recorded, committed and on its way to a device.
    void send(std::uint64_t number, DeviceIndex device) {
        record(number, {device});
        commit(number);
        deliver(number, device);
        changes_.clear();
    }
    Ledger::Known acknowledge(std::uint64_t number, DeviceIndex device, bool succeeded = true) {
        return ledger_.acknowledged("id-" + std::to_string(number), device, succeeded, {}, now_,
                                    changes_);
    }
    void expire() {
        while (ledger_.expire(now_, 2, changes_)) {
        }
    }
    void pass(std::chrono::microseconds time) {
        now_.steady += time;
        now_.wall += time;
    }

    // The numbers of the commands that may go out to a device now, in order.
    [[nodiscard]] std::vector<std::uint64_t> sendable(DeviceIndex device) const {
        std::vector<std::uint64_t> numbers;
        CommandNumber after{};
        while (const auto next = ledger_.nextToSend(device, after)) {
            after = next->record.number;
            numbers.push_back(static_cast<std::uint64_t>(after));
        }
        return numbers;
    }

    // What has changed since the last time, as `1/0 sent: sent`: command/device, the device's
    // status, the command's.
    std::vector<std::string> changes() {
        std::vector<std::string> words;
        for (const Change& change : changes_) {
            if (change.kind == EventKind::CommandRecorded) continue;
            std::string word = std::to_string(static_cast<std::uint64_t>(change.record->number));
            word += "/" + std::to_string(static_cast<std::uint32_t>(change.device)) + " ";
            word += toString(change.told.target);
            if (change.told.late) word += " late";
            word.append(": ").append(toString(change.told.progress.status));
            if (const auto& reason = change.texts.reason; !reason.empty()) {
                word.append(" (").append(reason).append(")");
            }
            words.push_back(word);
        }
        last_ = changes_.empty() ? CommandProgress{} : changes_.back().told.progress;
        changes_.clear();
        return words;
    }

    Ledger ledger_;
    Moment now_{SteadyTime(1h), Timestamp(1000s)};
    std::deque<Recipient> recipients_;  // viewed by changes
    Changes changes_;
    CommandProgress last_;  // in the last of changes()
};

TEST_F(LedgerTest, ACommandIsPendingThenSentThenAcknowledged) {
    record(1, {kLamp});
    EXPECT_THAT(changes(), ElementsAre("1/0 pending: pending"));
    EXPECT_FALSE(last_.executed);

    commit(1);
    pass(1ms);
    deliver(1, kLamp);
    EXPECT_THAT(changes(), ElementsAre("1/0 sent: sent"));
    EXPECT_EQ(last_.executed, Timestamp(1000s + 1ms));
    EXPECT_FALSE(last_.completed);

    pass(40ms);
    EXPECT_EQ(acknowledge(1, kLamp), Ledger::Known::Yes);
    EXPECT_EQ(changes_.back().took, 40ms);
    EXPECT_THAT(changes(), ElementsAre("1/0 ack_success: ack_success"));
    EXPECT_EQ(last_.success_count, 1U);
    EXPECT_EQ(last_.completed, Timestamp(1000s + 41ms));
    EXPECT_EQ(ledger_.open(), 0U);
}

TEST_F(LedgerTest, NothingIsSentBeforeItIsCommitted) {
    record(1, {kLamp});
    EXPECT_THAT(sendable(kLamp), IsEmpty());
    commit(1);
    EXPECT_THAT(sendable(kLamp), ElementsAre(1U));
}

TEST_F(LedgerTest, OnlyTheFirstChangeOfADeviceIsMarkedSo) {
    record(1, {kLamp, kFan});
    ASSERT_EQ(changes_.size(), 3U);
    EXPECT_TRUE(changes_[1].first && changes_[2].first);
    changes_.clear();
    commit(1);
    deliver(1, kLamp);
    EXPECT_FALSE(changes_[0].first);
}

TEST_F(LedgerTest, EachDeviceHasItsOwnOutcome) {
    record(1, {kLamp, kFan, kDoor});
    commit(1);
    deliver(1, kLamp);
    deliver(1, kFan);
    deliver(1, kDoor, Delivery::Unreachable);
    changes_.clear();
    acknowledge(1, kLamp);
    pass(kAckTimeout);
    expire();
    EXPECT_THAT(changes(), ElementsAre("1/0 ack_success: sent", "1/1 timeout: partial"));
    EXPECT_EQ(last_.success_count, 1U);
    EXPECT_EQ(last_.target_count, 3U);
}

TEST_F(LedgerTest, AnErrorOfOneDeviceIsTheWholesOutcome) {
    record(1, {kLamp, kFan});
    commit(1);
    deliver(1, kLamp);
    deliver(1, kFan);
    changes_.clear();
    acknowledge(1, kLamp, false);
    acknowledge(1, kFan);
    EXPECT_THAT(changes(), ElementsAre("1/0 ack_error: sent", "1/1 ack_success: ack_error"));
}

TEST_F(LedgerTest, WhatIsNotAcknowledgedInTimeEndsAsTimeout) {
    send(1, kLamp);
    EXPECT_EQ(ledger_.nextDeadline(), now_.steady + kAckTimeout);
    pass(kAckTimeout - 1us);
    expire();
    EXPECT_THAT(changes(), IsEmpty());
    pass(1us);
    expire();
    EXPECT_THAT(changes(), ElementsAre("1/0 timeout: timeout"));
    EXPECT_EQ(ledger_.nextDeadline(), std::nullopt);
}

TEST_F(LedgerTest, ADeviceThatIsGoneWhenItIsSentIsUnreachable) {
    record(1, {kLamp});
    commit(1);
    changes_.clear();
    deliver(1, kLamp, Delivery::Unreachable);
    EXPECT_THAT(changes(), ElementsAre("1/0 unreachable: unreachable (the device is offline)"));
}

TEST_F(LedgerTest, ADeviceThatDoesNotReadIsUnreachable) {
    record(1, {kLamp});
    commit(1);
    changes_.clear();
    deliver(1, kLamp, Delivery::Busy);
    EXPECT_THAT(changes(), ElementsAre("1/0 unreachable: unreachable (more waits to go out to the "
                                       "device than its link may hold)"));
}

TEST_F(LedgerTest, WhatIsToBeKeptIsQueuedWhenItCannotBeDelivered) {
    record(1, {kLamp}, true);
    commit(1);
    changes_.clear();
    deliver(1, kLamp, Delivery::Busy);
    EXPECT_THAT(changes(), ElementsAre("1/0 queued: queued"));
    deliver(1, kLamp, Delivery::Unreachable);
    EXPECT_THAT(changes(), IsEmpty());
    EXPECT_THAT(sendable(kLamp), ElementsAre(1U));
}

TEST_F(LedgerTest, QueuedOnesGoOutInTheOrderOfRecordingBeforeNewerOnes) {
    record(1, kLamp, TargetStatus::Queued);
    record(2, kLamp, TargetStatus::Queued);
    record(3, {kLamp});
    commit(1);
    commit(2);
    EXPECT_THAT(sendable(kLamp), ElementsAre(1U, 2U));
    commit(3);
    EXPECT_THAT(sendable(kLamp), ElementsAre(1U, 2U, 3U));
    deliver(1, kLamp);
    EXPECT_THAT(sendable(kLamp), ElementsAre(2U, 3U));
}

TEST_F(LedgerTest, AQueuedOneThatIsSentHasTheWholeTimeToAcknowledge) {
    record(1, kLamp, TargetStatus::Queued);
    commit(1);
    pass(kTtl - 1us);
    expire();
    deliver(1, kLamp);
    changes_.clear();
    pass(kAckTimeout - 1us);
    expire();
    EXPECT_THAT(changes(), IsEmpty());
    pass(1us);
    expire();
    EXPECT_THAT(changes(), ElementsAre("1/0 timeout: timeout"));
}

TEST_F(LedgerTest, AQueuedOneThatIsNotSentInTimeExpires) {
    record(1, kLamp, TargetStatus::Queued);
    commit(1);
    changes_.clear();
    pass(kTtl);
    expire();
    EXPECT_THAT(changes(), ElementsAre("1/0 expired: expired"));
    EXPECT_THAT(sendable(kLamp), IsEmpty());
}

TEST_F(LedgerTest, AGuardsReasonIsToldAtRecordingAndBeforeAQueuedOneIsSent) {
    record(1, kLamp, TargetStatus::Rejected, "the arm is moving");
    record(2, kFan, TargetStatus::Queued);
    commit(2);
    ledger_.rejected(CommandNumber{2}, kFan, "the door is open", now_, changes_);
    EXPECT_THAT(changes(),
                ElementsAre("1/0 rejected: rejected (the arm is moving)", "2/1 queued: queued",
                            "2/1 rejected: rejected (the door is open)"));
}

TEST_F(LedgerTest, CancellingEndsWhatIsOpenAndNothingElse) {
    record(1, {kLamp, kFan, kDoor});
    commit(1);
    deliver(1, kLamp);
    deliver(1, kFan);
    acknowledge(1, kFan);
    changes_.clear();
    EXPECT_EQ(ledger_.cancel(CommandNumber{1}, "enough", now_, changes_), 2U);
    EXPECT_THAT(changes(),
                ElementsAre("1/0 cancelled: sent (enough)", "1/2 cancelled: partial (enough)"));
    EXPECT_EQ(ledger_.cancel(CommandNumber{1}, "enough", now_, changes_), 0U);
    EXPECT_THAT(sendable(kDoor), IsEmpty());
}

TEST_F(LedgerTest, ForgettingADeviceCancelsItsTargetsOfEveryCommand) {
    send(1, kLamp);
    record(2, kLamp, TargetStatus::Queued);
    send(3, kFan);
    changes_.clear();
    EXPECT_EQ(ledger_.cancelAllOf(kLamp, "forgotten", now_, changes_), 2U);
    EXPECT_THAT(changes(), ElementsAre("1/0 cancelled: cancelled (forgotten)",
                                       "2/0 cancelled: cancelled (forgotten)"));
    EXPECT_EQ(ledger_.open(), 1U);
}

TEST_F(LedgerTest, ALateAcknowledgementIsToldAndChangesNothing) {
    send(1, kLamp);
    pass(kAckTimeout);
    expire();
    const auto completed = changes_.back().told.progress.completed;
    changes_.clear();
    pass(1s);
    EXPECT_EQ(acknowledge(1, kLamp), Ledger::Known::Yes);
    EXPECT_THAT(changes(), ElementsAre("1/0 ack_success late: timeout"));
    EXPECT_EQ(last_.success_count, 0U);
    EXPECT_EQ(last_.completed, completed);
}

TEST_F(LedgerTest, ASecondAcknowledgementIsALateOne) {
    send(1, kLamp);
    acknowledge(1, kLamp);
    acknowledge(1, kLamp, false);
    EXPECT_THAT(changes(),
                ElementsAre("1/0 ack_success: ack_success", "1/0 ack_error late: ack_success"));
}

TEST_F(LedgerTest, HowItStandsIsKnownAsLongAsTheCommandIs) {
    EXPECT_EQ(ledger_.progressOf(CommandNumber{1}), nullptr);
    send(1, kLamp);
    EXPECT_EQ(ledger_.progressOf(CommandNumber{1})->status, CommandStatus::Sent);
    acknowledge(1, kLamp);
    EXPECT_EQ(ledger_.progressOf(CommandNumber{1})->status, CommandStatus::AckSuccess);
    pass(Ledger::kRemembered);
    expire();
    EXPECT_EQ(ledger_.progressOf(CommandNumber{1}), nullptr);
}

TEST_F(LedgerTest, AnAcknowledgementOfADeviceThatIsNoTargetChangesNothing) {
    send(1, kLamp);
    EXPECT_EQ(acknowledge(1, kFan), Ledger::Known::NoTarget);
    EXPECT_EQ(acknowledge(2, kLamp), Ledger::Known::Unknown);
    EXPECT_THAT(changes(), IsEmpty());
    EXPECT_EQ(ledger_.open(), 1U);
}

TEST_F(LedgerTest, WhoAcknowledgesAQueuedOneHasIt) {
    record(1, kLamp, TargetStatus::Queued);
    commit(1);
    changes_.clear();
    acknowledge(1, kLamp);
    EXPECT_THAT(changes(), ElementsAre("1/0 sent: sent", "1/0 ack_success: ack_success"));
    EXPECT_THAT(sendable(kLamp), IsEmpty());
}

TEST_F(LedgerTest, AClosedCommandIsRememberedForAWhile) {
    send(1, kLamp);
    acknowledge(1, kLamp);
    pass(Ledger::kRemembered - 1us);
    expire();
    EXPECT_EQ(acknowledge(1, kLamp), Ledger::Known::Yes);
    pass(1us);
    expire();
    EXPECT_EQ(acknowledge(1, kLamp), Ledger::Known::Unknown);
}

TEST_F(LedgerTest, NoMoreIsRememberedThanTheBoundAllows) {
    const std::size_t more = Ledger::kMaxRememberedBytes / Ledger::kCommandBytes + 1;
    for (std::uint64_t number = 1; number <= more; ++number) {
        send(number, kLamp);
        acknowledge(number, kLamp);
    }
    expire();
    EXPECT_EQ(acknowledge(1, kLamp), Ledger::Known::Unknown);
    EXPECT_EQ(acknowledge(more, kLamp), Ledger::Known::Yes);
}

TEST_F(LedgerTest, WhatIsMostlyClosedOfALargeCommandIsNoLongerKept) {
    std::vector<DeviceIndex> devices;
    for (std::uint32_t i = 0; i < 1000; ++i) devices.push_back(DeviceIndex{i});
    record(1, devices);
    commit(1);
    for (const DeviceIndex device : devices) deliver(1, device);
    for (std::uint32_t i = 0; i < 999; ++i) acknowledge(1, DeviceIndex{i});
    changes_.clear();
    EXPECT_EQ(acknowledge(1, DeviceIndex{0}), Ledger::Known::Unknown);
    EXPECT_EQ(acknowledge(1, DeviceIndex{999}), Ledger::Known::Yes);
    EXPECT_THAT(changes(), ElementsAre("1/999 ack_success: ack_success"));
}

TEST_F(LedgerTest, ThereIsRoomUpToTheBounds) {
    EXPECT_TRUE(ledger_.hasRoomFor(*recordOf(1), Ledger::kMaxOpen));
    EXPECT_FALSE(ledger_.hasRoomFor(*recordOf(1), Ledger::kMaxOpen + 1));
    send(1, kLamp);
    EXPECT_FALSE(ledger_.hasRoomFor(*recordOf(2), Ledger::kMaxOpen));
    acknowledge(1, kLamp);
    EXPECT_TRUE(ledger_.hasRoomFor(*recordOf(2), Ledger::kMaxOpen));

    CommandRecord large = *recordOf(2);
    large.command.payload.assign(Ledger::kMaxOpenBytes / 2, ' ');
    const Recipient recipient{.device = kLamp};
    ledger_.record(std::make_shared<const CommandRecord>(large), {&recipient, 1}, now_, changes_);
    EXPECT_FALSE(ledger_.hasRoomFor(large, 1));
    ledger_.cancel(large.number, "", now_, changes_);
    EXPECT_TRUE(ledger_.hasRoomFor(large, 1));
}

TEST_F(LedgerTest, TheCommandItselfIsToldBeforeItsDevices) {
    record(1, {kLamp, kFan});
    ASSERT_EQ(changes_.size(), 3U);
    EXPECT_EQ(changes_[0].kind, EventKind::CommandRecorded);
    EXPECT_EQ(changes_[0].told.progress.status, CommandStatus::Pending);
    EXPECT_EQ(changes_[0].told.progress.target_count, 2U);
    EXPECT_EQ(changes_[1].kind, EventKind::CommandTarget);
}

TEST_F(LedgerTest, ACommandForNobodyIsCompleteAtOnce) {
    record(1, {});
    ASSERT_EQ(changes_.size(), 1U);
    EXPECT_EQ(changes_[0].told.progress.status, CommandStatus::NoDevices);
    EXPECT_EQ(changes_[0].told.progress.completed, changes_[0].record->created);
    EXPECT_EQ(ledger_.open(), 0U);
    EXPECT_EQ(acknowledge(1, kLamp), Ledger::Known::Unknown);
}

class RestoredLedgerTest : public LedgerTest {
protected:
    // Left open by an earlier run, `ago`.
    void restore(std::uint64_t number, DeviceIndex device, TargetStatus status,
                 std::chrono::microseconds ago, bool keep = false) {
        OpenCommand command;
        command.record = *recordOf(number, keep || status == TargetStatus::Queued);
        command.progress.target_count = 1;
        command.counts.by_status[static_cast<std::size_t>(status)] = 1;
        command.counts.ever_sent = status == TargetStatus::Sent ? 1 : 0;
        command.progress.status = statusOf(command.counts);
        command.targets = {{device, status, now_.wall - ago}};
        ledger_.restore(command, now_, changes_);
    }
};

TEST_F(RestoredLedgerTest, WhatWasSentStillHasTheRestOfItsTime) {
    restore(1, kLamp, TargetStatus::Sent, 10s);
    EXPECT_EQ(ledger_.nextDeadline(), now_.steady + 20s);
    pass(20s);
    expire();
    EXPECT_THAT(changes(), ElementsAre("1/0 timeout: timeout"));
}

TEST_F(RestoredLedgerTest, WhatIsOverdueEndsAtOnce) {
    restore(1, kLamp, TargetStatus::Sent, 1h);
    restore(2, kLamp, TargetStatus::Queued, 2h);
    expire();
    EXPECT_THAT(changes(),
                testing::UnorderedElementsAre("1/0 timeout: timeout", "2/0 expired: expired"));
}

// It may have been sent or not: nobody is told that it was, and it does not happen twice.
TEST_F(RestoredLedgerTest, WhatWasPendingIsNotSentAgainAndEndsAsTimeout) {
    restore(1, kLamp, TargetStatus::Pending, 10s);
    EXPECT_THAT(changes(), IsEmpty());
    EXPECT_THAT(sendable(kLamp), IsEmpty());
    EXPECT_EQ(ledger_.unsent(), 0U);
    deliver(1, kLamp);
    EXPECT_THAT(changes(), IsEmpty());
    EXPECT_EQ(ledger_.nextDeadline(), now_.steady + 20s);
    pass(20s);
    expire();
    EXPECT_THAT(changes(),
                ElementsAre("1/0 timeout: timeout (" + std::string(Ledger::kSendingUnknown) + ")"));
    EXPECT_EQ(last_.executed, std::nullopt);
}

TEST_F(RestoredLedgerTest, WhatWasPendingAndIsAcknowledgedWasSent) {
    restore(1, kLamp, TargetStatus::Pending, 10s);
    acknowledge(1, kLamp);
    EXPECT_THAT(changes(), ElementsAre("1/0 sent: sent", "1/0 ack_success: ack_success"));
}

TEST_F(RestoredLedgerTest, WhatWasPendingAndIsKeptIsQueuedSinceItWasRecorded) {
    restore(1, kLamp, TargetStatus::Pending, 10s, true);
    EXPECT_THAT(changes(), ElementsAre("1/0 queued: queued"));
    EXPECT_THAT(sendable(kLamp), ElementsAre(1U));
    EXPECT_EQ(ledger_.nextDeadline(), now_.steady + kTtl - 10s);
}

TEST_F(RestoredLedgerTest, WhatWasQueuedGoesOutBeforeNewerOnes) {
    restore(1, kLamp, TargetStatus::Queued, 10s);
    record(2, {kLamp});
    commit(2);
    EXPECT_THAT(sendable(kLamp), ElementsAre(1U, 2U));
}

TEST_F(RestoredLedgerTest, AClockThatWasSetBackGivesNobodyMoreThanTheWholeTime) {
    restore(1, kLamp, TargetStatus::Sent, -1h);
    EXPECT_EQ(ledger_.nextDeadline(), now_.steady + kAckTimeout);
}

}  // namespace
}  // namespace hub::commands
