#include "commands/dispatcher.h"

#include "command_fixture.h"
#include "fakes/slow_guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <stdexcept>

namespace hub::commands {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class DispatcherTest : public testing::Test {
protected:
    static CommandRequest request(std::vector<std::string> ids, std::string name = "forward") {
        CommandRequest request;
        request.targets.ids = std::move(ids);
        request.name = std::move(name);
        return request;
    }
    static CommandRequest queued(std::vector<std::string> ids, std::string name) {
        CommandRequest one = request(std::move(ids), std::move(name));
        one.queue_offline = true;
        return one;
    }
    static CommandRequest keyed(std::string key) {
        CommandRequest one = request({"lamp", "fan"});
        one.idempotency_key = std::move(key);
        return one;
    }

    // Submitted, and answered with a receipt.
    CommandReceipt submit(const CommandRequest& request) {
        auto receipt = hub_->commands.submit(request);
        EXPECT_TRUE(receipt.ok()) << receipt.error().message;
        return receipt.ok() ? std::move(*receipt) : CommandReceipt{};
    }
    static std::vector<std::string> wordsOf(const CommandReceipt& receipt) {
        std::vector<std::string> words;
        for (const TargetOutcome& target : receipt.targets) {
            std::string word = target.device_id;
            word.append(" ").append(toString(target.status));
            if (!target.reason.empty()) word += ": " + target.reason;
            words.push_back(std::move(word));
        }
        return words;
    }

    // What is stored of commands, in order: `lamp sent`, and `forward recorded` for a command.
    std::vector<std::string> stored() {
        hub_->drain();
        std::vector<std::string> words;
        for (const fakes::StoredEvent& event : store_.events()) {
            if (event.kind == EventKind::CommandRecorded) {
                words.push_back(event.record->command.name + " recorded");
            } else if (event.kind == EventKind::CommandTarget) {
                std::string word = event.device_id;
                word.append(" ").append(toString(event.target)).append(event.late ? " late" : "");
                words.push_back(std::move(word));
            }
        }
        return words;
    }
    std::vector<std::string> payloads() {
        hub_->drain();
        std::vector<std::string> payloads;
        for (const fakes::StoredEvent& event : store_.events()) payloads.push_back(event.payload);
        return payloads;
    }

    void fillTheLog() {
        const std::string text(1 << 20, 'x');
        const Event large{.kind = EventKind::Message, .device_id = "fan", .payload = text};
        hub_->log.append(router::Batch({&large, 1}, text));
        ASSERT_TRUE(hub_->log.full());
    }

    void restart() {
        hub_.reset();
        hub_.emplace(store_, devices_, clock_);
    }
    void restartWithPatience(std::chrono::milliseconds patience) {
        hub_.reset();
        hub_.emplace(store_, devices_, clock_, patience);
    }

    fakes::ManualClock clock_;
    fakes::FakeStore store_;
    FakeDirectory devices_;
    const DeviceIndex lamp_ = devices_.add("lamp");
    const DeviceIndex fan_ = devices_.add("fan");
    const DeviceIndex door_ = devices_.add("door", false, "sensor");
    std::optional<CommandHub> hub_{std::in_place, store_, devices_, clock_};
};

TEST_F(DispatcherTest, ACommandIsSentToEachOfItsDevices) {
    const CommandReceipt receipt = submit(request({"lamp", "fan"}));
    EXPECT_EQ(receipt.status, CommandStatus::Sent);
    EXPECT_THAT(wordsOf(receipt), ElementsAre("lamp sent", "fan sent"));
    EXPECT_THAT(devices_.takeDelivered(), ElementsAre("lamp forward", "fan forward"));
    EXPECT_THAT(stored(), ElementsAre("forward recorded", "lamp pending", "fan pending",
                                      "lamp sent", "fan sent"));
    EXPECT_EQ(receipt.record.created, clock_.wall());
    EXPECT_EQ(receipt.record.number, CommandNumber{1});
}

TEST_F(DispatcherTest, ItIsOnDiskBeforeTheFirstDeviceSeesIt) {
    std::size_t on_disk = 0;
    devices_.onDeliver([&](DeviceIndex, const Command&) { on_disk = store_.events().size(); });
    submit(request({"lamp"}));
    EXPECT_EQ(on_disk, 2U);
}

TEST_F(DispatcherTest, AnAcknowledgementThatComesFromWithinTheDeliveryCounts) {
    devices_.onDeliver([&](DeviceIndex device, const Command& command) {
        hub_->acknowledge(device, command.id, true, R"({"took":0})");
    });
    const CommandReceipt receipt = submit(request({"lamp"}));
    EXPECT_EQ(receipt.status, CommandStatus::Sent);
    EXPECT_THAT(stored(),
                ElementsAre("forward recorded", "lamp pending", "lamp sent", "lamp ack_success"));
    const auto last = store_.events().back();
    EXPECT_EQ(last.progress.status, CommandStatus::AckSuccess);
    EXPECT_EQ(last.progress.success_count, 1U);
    EXPECT_EQ(last.payload, R"({"command_id":")" + receipt.record.command.id +
                                R"(","command_name":"forward","status":"ack_success",)"
                                R"("response":{"took":0}})");
}

TEST_F(DispatcherTest, ADeviceMayAnswerWithAResponseAndAReason) {
    const CommandReceipt receipt = submit(request({"lamp"}));
    hub_->acknowledge(lamp_, receipt.record.command.id, false, R"({"angle":7})",
                      "the arm is \"stuck\"");
    EXPECT_THAT(payloads().back(),
                HasSubstr(R"("response":{"angle":7},"reason":"the arm is \"stuck\"")"));
}

TEST_F(DispatcherTest, ThePayloadStandsInTheFirstEventOfADevice) {
    CommandRequest one = request({"lamp", "door"});
    one.payload = R"({"speed":1})";
    const std::string id = submit(one).record.command.id;
    const std::string head = R"({"command_id":")" + id + R"(","command_name":"forward","status":)";
    EXPECT_THAT(payloads(),
                ElementsAre(R"({"speed":1})", head + R"("pending","payload":{"speed":1}})",
                            head + R"("unreachable","payload":{"speed":1},)"
                                   R"("reason":"the device is offline"})",
                            head + R"("sent"})"));
}

TEST_F(DispatcherTest, ATypeThatNobodyIsOnlineOfIsRecordedAsNoDevices) {
    CommandRequest nobody;
    nobody.targets = {CommandTargets::By::Type, {}, "sensor"};
    nobody.name = "measure";
    const CommandReceipt receipt = submit(nobody);
    EXPECT_EQ(receipt.status, CommandStatus::NoDevices);
    EXPECT_EQ(receipt.record.device_type, "sensor");
    EXPECT_THAT(stored(), ElementsAre("measure recorded"));
    EXPECT_EQ(store_.events().back().progress.status, CommandStatus::NoDevices);
}

TEST_F(DispatcherTest, ASingleDeviceGivesTheCommandItsType) {
    EXPECT_EQ(submit(request({"lamp"})).record.device_type, "esp32");
    EXPECT_EQ(submit(request({"lamp", "fan"})).record.device_type, "");
}

TEST_F(DispatcherTest, AnUnknownDeviceIsNamedAndNothingIsRecorded) {
    const auto receipt = hub_->commands.submit(request({"lamp", "nobody"}));
    ASSERT_FALSE(receipt.ok());
    EXPECT_EQ(receipt.error().kind, Error::Kind::NotFound);
    EXPECT_EQ(receipt.error().message, "no device \"nobody\" is known");
    EXPECT_THAT(stored(), IsEmpty());
}

TEST_F(DispatcherTest, ARequestThatBreaksARuleIsInvalid) {
    CommandRequest unnamed = request({"lamp"}, "");
    EXPECT_EQ(hub_->commands.submit(unnamed).error().kind, Error::Kind::Invalid);
    EXPECT_THAT(stored(), IsEmpty());
}

TEST_F(DispatcherTest, ADeviceThatDoesNotReadIsUnreachableAndHoldsUpNobody) {
    devices_.setDelivery(lamp_, Delivery::Busy);
    const CommandReceipt receipt = submit(request({"lamp", "fan"}));
    EXPECT_THAT(
        wordsOf(receipt),
        ElementsAre("lamp unreachable: more waits to go out to the device than its link may "
                    "hold",
                    "fan sent"));
}

TEST_F(DispatcherTest, ATransportThatThrowsIsLoggedAndItsDeviceUnreachable) {
    devices_.onDeliver([this](DeviceIndex device, const Command&) {
        if (device == lamp_) throw std::runtime_error("broken");
        throw 42;
    });
    EXPECT_THAT(wordsOf(submit(request({"lamp", "fan"}))),
                ElementsAre("lamp unreachable: the device is offline",
                            "fan unreachable: the device is offline"));
    EXPECT_TRUE(hub_->logger.contains(LogLevel::Error, "broken"));
    EXPECT_TRUE(hub_->logger.contains(LogLevel::Error, "unknown type"));
}

TEST_F(DispatcherTest, QueuedOnesGoOutInOrderWhenTheDeviceComes) {
    EXPECT_THAT(wordsOf(submit(queued({"door"}, "first"))), ElementsAre("door queued"));
    submit(queued({"door"}, "second"));
    EXPECT_THAT(devices_.takeDelivered(), IsEmpty());
    hub_->comesOnline(door_);
    hub_->comesOnline(door_);
    hub_->settle();
    EXPECT_THAT(devices_.takeDelivered(), ElementsAre("door first", "door second"));
}

TEST_F(DispatcherTest, QueuedOnesGoOutBeforeANewerOneAlsoWhenItsNewsIsLate) {
    submit(queued({"door"}, "first"));
    devices_.setOnline(door_, true);
    submit(request({"door"}, "second"));
    EXPECT_THAT(devices_.takeDelivered(), ElementsAre("door first", "door second"));
    hub_->commands.cameOnline(door_);
    hub_->settle();
    EXPECT_THAT(devices_.takeDelivered(), IsEmpty());
}

TEST_F(DispatcherTest, ADeviceThatComesBeforeTheCommitIsSentWhatWasQueued) {
    store_.hold();
    auto receipt = std::async(std::launch::async,
                              [&] { return hub_->commands.submit(queued({"door"}, "open")); });
    ASSERT_TRUE(store_.awaitHeldAppend());
    hub_->comesOnline(door_);
    EXPECT_THAT(devices_.takeDelivered(), IsEmpty());
    store_.release();
    EXPECT_THAT(wordsOf(*receipt.get()), ElementsAre("door queued"));
    EXPECT_THAT(devices_.takeDelivered(), ElementsAre("door open"));
}

TEST_F(DispatcherTest, WhatMetAFullQueueIsTriedAgainInOrder) {
    devices_.setOnline(door_, true);
    devices_.setDelivery(door_, Delivery::Busy);
    EXPECT_THAT(wordsOf(submit(queued({"door"}, "first"))), ElementsAre("door queued"));
    submit(queued({"door"}, "second"));
    clock_.advance(Sender::kBusy);
    hub_->settle();
    devices_.setDelivery(door_, Delivery::Accepted);
    hub_->settle();
    EXPECT_THAT(devices_.takeDelivered(), IsEmpty()) << "it was just tried again";
    clock_.advance(Sender::kBusy);
    hub_->settle();
    EXPECT_THAT(devices_.takeDelivered(), ElementsAre("door first", "door second"));
}

TEST_F(DispatcherTest, WhoComesOnlineAmongVeryManyIsSentWhatWaits) {
    submit(queued({"door"}, "held"));
    fakes::SlowGuard guard;
    const Registration attached = hub_->commands.attach(guard);
    guard.hold("held");
    hub_->comesOnline(door_);
    ASSERT_TRUE(guard.awaitHeld());
    for (std::size_t i = 0; i < Inbox::kMaxOnline; ++i) hub_->commands.cameOnline(lamp_);
    hub_->commands.cameOnline(door_);  // one more than the list has room for
    // The first time it is not reached.
    devices_.setDelivery(door_, Delivery::Unreachable);
    devices_.onDeliver(
        [this](DeviceIndex, const Command&) { devices_.setDelivery(door_, Delivery::Accepted); });
    guard.release();
    hub_->settle();
    EXPECT_THAT(devices_.takeDelivered(), ElementsAre("door held"));
}

TEST_F(DispatcherTest, WhatIsQueuedSurvivesARestartAndIsSentOnce) {
    submit(queued({"door"}, "first"));
    submit(queued({"door"}, "second"));
    restart();
    hub_->comesOnline(door_);
    hub_->settle();
    EXPECT_THAT(devices_.takeDelivered(), ElementsAre("door first", "door second"));
    hub_->drain();
    restart();
    hub_->comesOnline(door_);
    hub_->settle();
    EXPECT_THAT(devices_.takeDelivered(), IsEmpty());
}

TEST_F(DispatcherTest, WhatIsSentEndsAsTimeoutWhenNobodyAcknowledges) {
    submit(request({"lamp"}));
    clock_.advance(30s);
    EXPECT_THAT(stored(),
                ElementsAre("forward recorded", "lamp pending", "lamp sent", "lamp timeout"));
}

TEST_F(DispatcherTest, NumbersGoOnAfterARestart) {
    submit(request({"lamp"}));
    hub_->drain();
    restart();
    EXPECT_EQ(submit(request({"lamp"})).record.number, CommandNumber{2});
}

TEST_F(DispatcherTest, ALateAcknowledgementIsRecordedAndChangesNothing) {
    const std::string id = submit(request({"lamp"})).record.command.id;
    clock_.advance(30s);
    hub_->settle();
    hub_->acknowledge(lamp_, id);
    EXPECT_EQ(stored().back(), "lamp ack_success late");
    EXPECT_EQ(store_.events().back().progress.status, CommandStatus::Timeout);
}

TEST_F(DispatcherTest, OneThatOnlyTheHistoryKnowsIsFoundThere) {
    const std::string id = submit(request({"lamp"})).record.command.id;
    hub_->acknowledge(lamp_, id);
    hub_->drain();
    restart();
    hub_->acknowledge(fan_, id);
    const std::size_t appends = store_.batches().size();
    hub_->acknowledge(lamp_, id, false, "\"again\"");
    EXPECT_TRUE(store_.awaitAppends(appends + 1));
    const auto words = stored();
    EXPECT_EQ(words.back(), "lamp ack_error late");
    EXPECT_EQ(std::ranges::count(words, "fan ack_success late"), 0);
    EXPECT_THAT(payloads().back(), HasSubstr(R"("response":"again","late":true)"));
}

TEST_F(DispatcherTest, ASecondAcknowledgementDoesNotReopenWhatAnotherDeviceHasCompleted) {
    const std::string id = submit(request({"lamp", "fan"})).record.command.id;
    hub_->acknowledge(lamp_, id);
    hub_->drain();
    restart();
    hub_->history.hold();
    hub_->acknowledge(lamp_, id);
    ASSERT_TRUE(hub_->history.awaitHeld());
    hub_->acknowledge(fan_, id);
    hub_->drain();
    const std::size_t appends = store_.batches().size();
    hub_->history.release();
    EXPECT_TRUE(store_.awaitAppends(appends + 1));
    EXPECT_EQ(stored().back(), "lamp ack_success late");
    const auto last = store_.events().back();
    EXPECT_EQ(last.progress.status, CommandStatus::AckSuccess);
    EXPECT_TRUE(last.progress.completed);
}

TEST_F(DispatcherTest, AHistoryThatHangsHoldsUpNobody) {
    const std::string id = submit(request({"lamp"})).record.command.id;
    hub_->acknowledge(lamp_, id);
    hub_->drain();
    restart();
    hub_->history.hold();
    hub_->acknowledge(lamp_, id);
    ASSERT_TRUE(hub_->history.awaitHeld());
    EXPECT_THAT(wordsOf(submit(request({"fan"}))), ElementsAre("fan sent"));
    hub_->history.release();
}

TEST_F(DispatcherTest, AnAcknowledgementOfADeviceThatIsNoTargetChangesNothing) {
    const std::string id = submit(request({"lamp"})).record.command.id;
    hub_->acknowledge(fan_, id);
    hub_->acknowledge(lamp_, "not-a-command");
    EXPECT_THAT(stored(), ElementsAre("forward recorded", "lamp pending", "lamp sent"));
}

TEST_F(DispatcherTest, CancellingEndsWhatIsOpen) {
    const std::string id = submit(queued({"lamp", "door"}, "turn")).record.command.id;
    EXPECT_EQ(*hub_->commands.cancel(id), 2U);
    EXPECT_EQ(*hub_->commands.cancel(id), 0U);
    (void)devices_.takeDelivered();
    hub_->comesOnline(door_);
    hub_->settle();
    EXPECT_THAT(devices_.takeDelivered(), IsEmpty());
    EXPECT_THAT(payloads().back(), HasSubstr(R"("reason":"an operator has cancelled it")"));
}

TEST_F(DispatcherTest, AClosedCommandOfAnEarlierRunHasNothingToCancel) {
    const std::string id = submit(request({"door"})).record.command.id;
    hub_->drain();
    restart();
    EXPECT_EQ(*hub_->commands.cancel(id), 0U);
    EXPECT_EQ(hub_->commands.cancel("nobody's").error().kind, Error::Kind::NotFound);
}

TEST_F(DispatcherTest, OneOperatorCancelsWhatAnotherHasJustSubmitted) {
    store_.hold();
    auto receipt =
        std::async(std::launch::async, [&] { return hub_->commands.submit(request({"lamp"})); });
    ASSERT_TRUE(store_.awaitHeldAppend());
    // The id is not known before the answer: it is read from what is on its way to the store.
    std::string id;
    std::vector<Event> events;
    ASSERT_TRUE(hub_->log.wait(events, 10, 1h));
    id = events.front().command->record->command.id;
    auto cancelled = std::async(std::launch::async, [&] { return hub_->commands.cancel(id); });
    hub_->commands.forgetting(fan_);  // returns behind the cancellation, or before it
    store_.release();
    const auto count = cancelled.get();
    const auto answer = receipt.get();
    ASSERT_TRUE(count.ok() && answer.ok());
    const bool sent = !devices_.takeDelivered().empty();
    EXPECT_EQ(*count, 1U);
    EXPECT_THAT(wordsOf(*answer), ElementsAre(sent ? "lamp sent" : "lamp cancelled"));
    EXPECT_EQ(stored().back(), "lamp cancelled");
}

TEST_F(DispatcherTest, TwoOperatorsAtOnceEachGetTheirAnswers) {
    constexpr int kEach = 200;
    std::vector<std::future<int>> operators;
    for (const char* const name : {"left", "right"}) {
        operators.push_back(std::async(std::launch::async, [&, name] {
            int sent = 0;
            for (int i = 0; i < kEach; ++i) {
                const auto receipt = hub_->commands.submit(request({"lamp", "fan"}, name));
                if (receipt.ok() && receipt->status == CommandStatus::Sent) ++sent;
            }
            return sent;
        }));
    }
    for (auto& one : operators) EXPECT_EQ(one.get(), kEach);
    // Each device got them in the order of recording.
    std::vector<std::string> recorded;
    hub_->drain();
    for (const fakes::StoredEvent& event : store_.events()) {
        if (event.kind == EventKind::CommandRecorded) {
            recorded.push_back("lamp " + event.record->command.name);
        }
    }
    std::vector<std::string> delivered = devices_.takeDelivered();
    std::erase_if(delivered, [](const std::string& word) { return word.starts_with("fan"); });
    EXPECT_EQ(delivered, recorded);
}

TEST_F(DispatcherTest, ForgettingADeviceEndsItsCommandsBeforeItReturns) {
    submit(queued({"lamp", "door"}, "turn"));
    devices_.forget(door_);
    hub_->commands.forgetting(door_);
    const auto words = stored();
    EXPECT_EQ(words.back(), "door cancelled");
    EXPECT_THAT(payloads().back(), HasSubstr("the device was forgotten"));
}

TEST_F(DispatcherTest, WhatADeviceAcknowledgesWhileItIsForgottenCounts) {
    const std::string id = submit(request({"lamp"})).record.command.id;
    devices_.forget(lamp_);
    hub_->acknowledge(lamp_, id);
    hub_->commands.forgetting(lamp_);
    EXPECT_EQ(stored().back(), "lamp ack_success");
    EXPECT_EQ(store_.events().back().progress.status, CommandStatus::AckSuccess);
}

TEST_F(DispatcherTest, ADeadlineThatMeetsForgettingEndsTheCommand) {
    submit(request({"lamp"}));
    devices_.forget(lamp_);
    clock_.advance(30s);
    hub_->settle();
    hub_->commands.forgetting(lamp_);
    EXPECT_EQ(stored().back(), "lamp timeout");
}

TEST_F(DispatcherTest, NothingIsToldOfADeviceBehindItsLastEvent) {
    submit(request({"lamp"}));
    const auto before = stored();
    devices_.forget(lamp_);
    devices_.end(lamp_);
    hub_->commands.forgetting(lamp_);
    EXPECT_EQ(stored(), before);
}

TEST_F(DispatcherTest, ADeviceThatIsForgottenOnTheWayIsNotSentTo) {
    class ForgetfulGuard final : public CommandGuard {
    public:
        explicit ForgetfulGuard(FakeDirectory& devices) : devices_(devices) {}
        std::optional<std::string> refuse(const Command&, const Device& target) override {
            devices_.forget(target.index);
            return std::nullopt;
        }

    private:
        FakeDirectory& devices_;
    } guard(devices_);
    const Registration attached = hub_->commands.attach(guard);
    const auto receipt = hub_->commands.submit(request({"lamp"}));
    ASSERT_FALSE(receipt.ok());
    EXPECT_EQ(receipt.error().kind, Error::Kind::NotFound);
    EXPECT_THAT(stored(), IsEmpty());

    CommandRequest all;
    all.targets.by = CommandTargets::By::All;
    all.name = "stop";
    EXPECT_EQ(submit(all).status, CommandStatus::NoDevices);
}

// ---- The store ----

TEST_F(DispatcherTest, AStoreThatFailsMakesItUnavailableAndNothingIsEverSent) {
    store_.refuse({Error::Kind::Unavailable, "disk full"});
    for (int i = 0; i < 3; ++i) {
        const auto receipt = hub_->commands.submit(queued({"lamp", "door"}, "forward"));
        ASSERT_FALSE(receipt.ok());
        EXPECT_EQ(receipt.error().kind, Error::Kind::Unavailable);
    }
    store_.accept();
    hub_->drain();
    hub_->comesOnline(door_);
    hub_->settle();
    EXPECT_THAT(devices_.takeDelivered(), IsEmpty());
    for (const OpenCommand& open : store_.recover().commands) {
        ADD_FAILURE() << open.record.command.name << " is open";
    }
    EXPECT_THAT(wordsOf(submit(request({"lamp"}))), ElementsAre("lamp sent"));
}

TEST_F(DispatcherTest, AStoreThatTakesTooLongMakesItUnavailableAndNothingIsEverSent) {
    restartWithPatience(10ms);
    store_.hold();
    const auto receipt = hub_->commands.submit(request({"lamp"}));
    ASSERT_FALSE(receipt.ok());
    EXPECT_EQ(receipt.error().kind, Error::Kind::Unavailable);
    // Nobody waits for it a second time.
    EXPECT_FALSE(hub_->commands.submit(request({"fan"})).ok());
    hub_->commands.forgetting(door_);  // returns behind what was given up
    store_.release();
    EXPECT_TRUE(hub_->log.drain(std::chrono::steady_clock::now() + 60s));
    restart();
    EXPECT_THAT(devices_.takeDelivered(), IsEmpty());
    EXPECT_THAT(stored(), ElementsAre("forward recorded", "lamp pending", "lamp cancelled"));
}

TEST_F(DispatcherTest, AStoreThatHasNothingToDoIsNotBlamedForAGuardThatHangs) {
    submit(queued({"door"}, "held"));
    hub_->drain();
    restartWithPatience(300ms);
    fakes::SlowGuard guard;
    const Registration attached = hub_->commands.attach(guard);
    guard.hold("held");
    hub_->comesOnline(door_);
    ASSERT_TRUE(guard.awaitHeld());
    EXPECT_FALSE(hub_->commands.submit(request({"lamp"})).ok());
    devices_.setOnline(door_, false);  // so that nothing is told, and the store stays idle
    guard.release();
    hub_->settle();
    EXPECT_THAT(wordsOf(submit(request({"lamp"}))), ElementsAre("lamp sent"));
    EXPECT_THAT(devices_.takeDelivered(), ElementsAre("lamp forward"));
}

TEST_F(DispatcherTest, ATransportThatHangsIsNotWaitedFor) {
    restartWithPatience(300ms);
    std::promise<void> goes_on;
    devices_.onDeliver(
        [held = goes_on.get_future().share()](DeviceIndex, const Command&) { held.wait(); });
    const auto receipt = hub_->commands.submit(request({"lamp"}));
    ASSERT_FALSE(receipt.ok());
    EXPECT_EQ(receipt.error().kind, Error::Kind::Unavailable);
    EXPECT_THAT(receipt.error().message, HasSubstr("about to be sent"));
    goes_on.set_value();
    EXPECT_EQ(stored().back(), "lamp sent");
}

TEST_F(DispatcherTest, WithoutAStoreCommandsAreUnavailable) {
    metrics::MetricRegistry metrics;
    router::EventLog log(1 << 20, clock_, metrics);
    fakes::RecordingLogger logger;
    Dispatcher commands({log, devices_, store_, clock_, logger, metrics});
    EXPECT_EQ(commands.submit(request({"lamp"})).error().kind, Error::Kind::Unavailable);
    EXPECT_EQ(commands.cancel("id").error().kind, Error::Kind::Unavailable);
    commands.forgetting(lamp_);
}

TEST_F(DispatcherTest, AHubThatStopsTakesNoMoreAndAnswersThoseWhoWait) {
    store_.hold();
    auto waiting =
        std::async(std::launch::async, [&] { return hub_->commands.submit(request({"lamp"})); });
    ASSERT_TRUE(store_.awaitHeldAppend());
    EXPECT_TRUE(hub_->commands.finish(std::chrono::steady_clock::now() + 60s));
    EXPECT_EQ(waiting.get().error().kind, Error::Kind::Unavailable);
    EXPECT_EQ(hub_->commands.submit(request({"lamp"})).error().kind, Error::Kind::Unavailable);
    store_.release();
    hub_->commands.stop();
    EXPECT_EQ(hub_->commands.submit(request({"lamp"})).error().kind, Error::Kind::Unavailable);
    EXPECT_THAT(devices_.takeDelivered(), IsEmpty());
}

TEST_F(DispatcherTest, DeadlinesStandStillWhileTheLogIsFull) {
    submit(request({"lamp"}));
    hub_->drain();
    store_.hold();
    fillTheLog();
    clock_.advance(1h);
    hub_->settle();
    store_.release();
    EXPECT_TRUE(hub_->log.drain(std::chrono::steady_clock::now() + 60s));
    EXPECT_EQ(stored().back(), "lamp sent");
    clock_.advance(30s);
    EXPECT_EQ(stored().back(), "lamp timeout");
}

TEST_F(DispatcherTest, NothingIsRecordedWhileTheLogIsFull) {
    store_.hold();
    fillTheLog();
    const Sequence last = hub_->log.last();
    const auto receipt = hub_->commands.submit(request({"lamp"}));
    ASSERT_FALSE(receipt.ok());
    EXPECT_EQ(receipt.error().kind, Error::Kind::Unavailable);
    EXPECT_EQ(hub_->log.last(), last);
    store_.release();
    EXPECT_TRUE(hub_->log.drain(std::chrono::steady_clock::now() + 60s));
    EXPECT_THAT(wordsOf(submit(request({"lamp"}))), ElementsAre("lamp sent"));
}

TEST_F(DispatcherTest, DeadlinesThatAreDueWaitForRoomInTheLog) {
    constexpr std::size_t kMore = LedgerThread::kMaxExpired + 1;
    for (std::size_t i = 0; i < kMore; ++i) devices_.add("m" + std::to_string(i), true, "many");
    CommandRequest all = request({}, "turn");
    all.targets = {CommandTargets::By::Type, {}, "many"};
    submit(queued({"door"}, "held"));
    submit(all);
    hub_->drain();
    // Meanwhile the ledger thread is held up.
    fakes::SlowGuard guard;
    const Registration attached = hub_->commands.attach(guard);
    guard.hold("held");
    hub_->comesOnline(door_);
    ASSERT_TRUE(guard.awaitHeld());
    clock_.advance(30s);
    store_.hold();
    fillTheLog();
    const Sequence last = hub_->log.last();
    devices_.setOnline(door_, false);
    guard.release();
    hub_->settle();
    EXPECT_EQ(hub_->log.last(), last);
    store_.release();
    while (hub_->log.last() < last + kMore) hub_->drain();
    const auto words = stored();
    EXPECT_EQ(std::ranges::count_if(
                  words, [](const std::string& word) { return word.ends_with(" timeout"); }),
              kMore);
}

TEST_F(DispatcherTest, WhatIsAnsweredIsOnDisk) {
    for (int i = 0; i < 200; ++i) {
        submit(request({"lamp"}));
        const auto events = store_.events();
        ASSERT_EQ(events.back().target, TargetStatus::Sent) << "command " << i;
    }
}

TEST_F(DispatcherTest, WhatHasGoneOutIsAnsweredAlsoWhenTheStoreHangsThen) {
    restartWithPatience(300ms);
    store_.hold();
    auto receipt =
        std::async(std::launch::async, [&] { return hub_->commands.submit(request({"lamp"})); });
    ASSERT_TRUE(store_.releaseOne());
    const auto answered = receipt.get();
    ASSERT_TRUE(answered.ok());
    EXPECT_THAT(wordsOf(*answered), ElementsAre("lamp sent"));
    store_.release();
}

TEST_F(DispatcherTest, ACancellationThatFindsNothingOpenWaitsForWhatHasEndedIt) {
    restartWithPatience(100ms);
    const std::string id = submit(request({"lamp"})).record.command.id;
    hub_->drain();
    store_.hold();
    hub_->acknowledge(lamp_, id);
    EXPECT_EQ(hub_->commands.cancel(id).error().kind, Error::Kind::Unavailable);
    store_.release();
    hub_->drain();
    EXPECT_EQ(hub_->commands.cancel(id).value(), 0U);
}

// ---- Idempotency keys ----

TEST_F(DispatcherTest, ARepeatGetsTheFirstAnswerAndSendsNothing) {
    devices_.setDelivery(fan_, Delivery::Busy);
    const CommandReceipt first = submit(keyed("key"));
    EXPECT_FALSE(first.repeated);
    (void)devices_.takeDelivered();
    hub_->acknowledge(lamp_, first.record.command.id);
    const CommandReceipt again = submit(keyed("key"));
    hub_->drain();
    const CommandReceipt later = submit(keyed("key"));
    restart();
    const CommandReceipt after_restart = submit(keyed("key"));
    for (const CommandReceipt& repeat : {again, later, after_restart}) {
        EXPECT_TRUE(repeat.repeated);
        EXPECT_EQ(repeat.record.command.id, first.record.command.id);
        EXPECT_EQ(repeat.record.created, first.record.created);
        EXPECT_EQ(repeat.status, first.status);
        EXPECT_EQ(wordsOf(repeat), wordsOf(first));
    }
    EXPECT_THAT(devices_.takeDelivered(), IsEmpty());
}

TEST_F(DispatcherTest, AKeyOfAnotherRequestIsInvalid) {
    submit(keyed("key"));
    CommandRequest other = keyed("key");
    other.name = "backward";
    EXPECT_EQ(hub_->commands.submit(other).error().kind, Error::Kind::Invalid);
    hub_->drain();
    restart();
    EXPECT_EQ(hub_->commands.submit(other).error().kind, Error::Kind::Invalid);
}

TEST_F(DispatcherTest, ARepeatWaitsForTheFirstThatIsInProgress) {
    store_.hold();
    const auto submits = [&] { return hub_->commands.submit(keyed("key")); };
    auto first = std::async(std::launch::async, submits);
    ASSERT_TRUE(store_.awaitHeldAppend());
    auto repeat = std::async(std::launch::async, submits);
    hub_->commands.forgetting(door_);
    store_.release();
    const auto one = first.get();
    const auto two = repeat.get();
    ASSERT_TRUE(one.ok() && two.ok());
    EXPECT_EQ(one->record.command.id, two->record.command.id);
    EXPECT_THAT(devices_.takeDelivered(), ElementsAre("lamp forward", "fan forward"));
}

TEST_F(DispatcherTest, WhatWasNotSentMayBeTriedAgainWithTheSameKey) {
    store_.refuse({Error::Kind::Unavailable, "disk full"});
    EXPECT_FALSE(hub_->commands.submit(keyed("key")).ok());
    store_.accept();
    hub_->drain();
    const CommandReceipt second = submit(keyed("key"));
    EXPECT_FALSE(second.repeated);
    EXPECT_THAT(devices_.takeDelivered(), ElementsAre("lamp forward", "fan forward"));
}

TEST_F(DispatcherTest, WhatWasNotQueuedMayBeTriedAgainWithTheSameKeyAlsoAfterARestart) {
    CommandRequest one = queued({"door"}, "open");
    one.idempotency_key = "key";
    store_.refuse({Error::Kind::Unavailable, "disk full"});
    EXPECT_FALSE(hub_->commands.submit(one).ok());
    store_.accept();
    hub_->drain();
    EXPECT_THAT(stored(), ElementsAre("open recorded", "door queued", "door cancelled"));
    EXPECT_THAT(payloads().back(), HasSubstr(R"(,"withdrawn":true})"));
    restart();
    EXPECT_FALSE(submit(one).repeated);
    EXPECT_TRUE(submit(one).repeated);
}

// The history tells of the command before it tells that it was taken back.
TEST_F(DispatcherTest, WhatIsBeingTakenBackIsNoAnswerToARepeat) {
    for (const bool online : {true, false}) {
        SCOPED_TRACE(online);
        restartWithPatience(100ms);
        CommandRequest one = queued({online ? "lamp" : "door"}, "open");
        one.idempotency_key = online ? "a" : "b";
        store_.hold();
        EXPECT_FALSE(hub_->commands.submit(one).ok());
        hub_->settle();
        ASSERT_TRUE(store_.releaseOne());
        const auto repeat = hub_->commands.submit(one);
        store_.release();
        EXPECT_FALSE(repeat.ok()) << repeat->record.command.id;
        restart();
        EXPECT_FALSE(submit(one).repeated);
    }
}

TEST_F(DispatcherTest, ARepeatNamesTheDevicesInTheOrderOfTheFirstAnswer) {
    CommandRequest one = request({"fan", "lamp"});
    one.idempotency_key = "key";
    const CommandReceipt first = submit(one);
    hub_->drain();
    restart();
    EXPECT_EQ(wordsOf(submit(one)), wordsOf(first));
}

// ---- Guards ----

class FakeGuard final : public CommandGuard {
public:
    std::optional<std::string> refuse(const Command& command, const Device& target) override {
        ++asked;
        if (throws) throw std::runtime_error("no idea");
        if (command.name == refused && target.id == "lamp") return "the arm is moving";
        if (command.name == refused_everywhere) return "the door is open";
        return std::nullopt;
    }

    std::atomic<int> asked = 0;
    std::atomic<bool> throws = false;
    std::string refused;
    std::string refused_everywhere;
};

TEST_F(DispatcherTest, AGuardRefusesForOneDeviceAndNotForAnother) {
    FakeGuard guard;
    guard.refused = "forward";
    const Registration attached = hub_->commands.attach(guard);
    const CommandReceipt receipt = submit(request({"lamp", "fan"}));
    EXPECT_THAT(wordsOf(receipt), ElementsAre("lamp rejected: the arm is moving", "fan sent"));
    EXPECT_THAT(devices_.takeDelivered(), ElementsAre("fan forward"));
}

TEST_F(DispatcherTest, ACommandRefusedForAllIsRejected) {
    FakeGuard guard;
    guard.refused_everywhere = "forward";
    const Registration attached = hub_->commands.attach(guard);
    EXPECT_EQ(submit(request({"lamp", "fan"})).status, CommandStatus::Rejected);
    EXPECT_THAT(stored(), ElementsAre("forward recorded", "lamp rejected", "fan rejected"));
}

TEST_F(DispatcherTest, AGuardThatThrowsRefuses) {
    FakeGuard guard;
    guard.throws = true;
    const Registration attached = hub_->commands.attach(guard);
    EXPECT_THAT(wordsOf(submit(request({"lamp"}))),
                ElementsAre("lamp rejected: a guard has failed: no idea"));
}

TEST_F(DispatcherTest, AGuardIsAskedAgainBeforeAQueuedOneGoesOut) {
    FakeGuard guard;
    const Registration attached = hub_->commands.attach(guard);
    submit(queued({"door"}, "first"));
    submit(queued({"door"}, "second"));
    hub_->settle();
    guard.refused_everywhere = "first";
    hub_->comesOnline(door_);
    hub_->settle();
    EXPECT_THAT(devices_.takeDelivered(), ElementsAre("door second"));
}

TEST_F(DispatcherTest, NothingQueuedGoesOutToADeviceThatNoGuardHasSeenOnline) {
    FakeGuard guard;
    const Registration attached = hub_->commands.attach(guard);
    store_.hold();
    auto receipt = std::async(std::launch::async,
                              [&] { return hub_->commands.submit(queued({"door"}, "open")); });
    ASSERT_TRUE(store_.awaitHeldAppend());
    devices_.onFind([this](DeviceIndex device) { devices_.setOnline(device, true); });
    guard.refused_everywhere = "open";
    store_.release();
    EXPECT_THAT(wordsOf(*receipt.get()), ElementsAre("door queued"));
    EXPECT_THAT(devices_.takeDelivered(), IsEmpty());
    hub_->commands.cameOnline(door_);
    EXPECT_EQ(stored().back(), "door rejected");
}

TEST_F(DispatcherTest, AGuardThatIsDetachedIsNotAsked) {
    FakeGuard guard;
    { const Registration attached = hub_->commands.attach(guard); }
    submit(request({"lamp"}));
    EXPECT_EQ(guard.asked, 0);
}

// ---- What is measured ----

TEST_F(DispatcherTest, AcknowledgementsThatFindNoRoomAreCounted) {
    submit(queued({"door"}, "held"));
    fakes::SlowGuard guard;
    const Registration attached = hub_->commands.attach(guard);
    guard.hold("held");
    hub_->comesOnline(door_);
    ASSERT_TRUE(guard.awaitHeld());
    const std::string id = makeCommandId(clock_.wall());
    const std::string large(Inbox::kMaxAckBytes + 1, 'x');
    hub_->acknowledge(lamp_, id, true, large);
    guard.release();
    hub_->settle();
    EXPECT_THAT(hub_->metrics.text(), HasSubstr("hub_command_acks_dropped_total 1"));
    EXPECT_TRUE(hub_->logger.contains(LogLevel::Warning, "faster than they could be taken"));
}

TEST_F(DispatcherTest, OutcomesAndLatenciesAreMeasured) {
    const std::string id = submit(request({"lamp", "fan", "door"})).record.command.id;
    hub_->acknowledge(lamp_, id);
    hub_->drain();
    const std::string text = hub_->metrics.text();
    EXPECT_THAT(text, HasSubstr("hub_commands_total{outcome=\"ack_success\"} 1"));
    EXPECT_THAT(text, HasSubstr("hub_commands_total{outcome=\"unreachable\"} 1"));
    EXPECT_THAT(text, HasSubstr("hub_command_targets_open 1"));
    EXPECT_THAT(text, HasSubstr("hub_command_ack_seconds_count 1"));
    EXPECT_THAT(text, HasSubstr("hub_command_send_seconds_count 2"));
}

}  // namespace
}  // namespace hub::commands
