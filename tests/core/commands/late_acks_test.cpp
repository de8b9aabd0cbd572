#include "commands/late_acks.h"

#include "command_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

namespace hub::commands {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class LateAcksTest : public testing::Test {
protected:
    // In the store: a command for the lamp that is over.
    LateAcksTest() {
        CommandHub hub(store_, devices_, clock_);
        CommandRequest request;
        request.targets.ids = {"lamp"};
        request.name = "forward";
        id_ = hub.commands.submit(request)->record.command.id;
        hub.acknowledge(lamp_, id_);
        hub.drain();
    }

    static LateAck ackOf(DeviceIndex device, std::string id, std::string response = {}) {
        return {
            .device = device, .id = std::move(id), .reason = {}, .response = std::move(response)};
    }

    // Looks up, one after the other; returns what was found: `lamp forward`.
    std::vector<std::string> lookUp(const std::vector<LateAck>& acks) {
        std::promise<void> all_found;
        LateAcks late_acks(history_, dropped_, [&all_found] { all_found.set_value(); });
        for (const LateAck& ack : acks) late_acks.add(ack);
        all_found.get_future().wait();
        std::vector<std::string> words;
        for (const LateAck& ack : late_acks.takeFound()) {
            words.push_back(*devices_.idOf(ack.device) + " " + ack.record->command.name + " " +
                            std::string(toString(ack.progress.status)));
        }
        return words;
    }

    fakes::ManualClock clock_;
    fakes::FakeStore store_;
    FakeDirectory devices_;
    const DeviceIndex lamp_ = devices_.add("lamp");
    const DeviceIndex fan_ = devices_.add("fan");
    std::string id_;
    SlowHistory history_{store_};
    metrics::MetricRegistry metrics_;
    Counter& dropped_ = metrics_.counter("dropped_total", "Dropped.", {});
};

TEST_F(LateAcksTest, OnlyWhatACommandWasForIsFound) {
    EXPECT_THAT(lookUp({ackOf(fan_, id_), ackOf(lamp_, "another"), ackOf(lamp_, id_)}),
                ElementsAre("lamp forward ack_success"));
    EXPECT_THAT(metrics_.text(), HasSubstr("dropped_total 0"));
}

TEST_F(LateAcksTest, WhatFindsNoRoomIsCountedAndTheRestIsFound) {
    history_.hold();
    {
        LateAcks late_acks(history_, dropped_, [] {});
        late_acks.add(ackOf(lamp_, id_));
        ASSERT_TRUE(history_.awaitHeld());
        late_acks.add(ackOf(fan_, id_, std::string(LateAcks::kMaxBytes / 2, 'x')));
        late_acks.add(ackOf(fan_, id_, std::string(LateAcks::kMaxBytes / 2, 'x')));
        EXPECT_THAT(metrics_.text(), HasSubstr("dropped_total 1"));
        EXPECT_TRUE(late_acks.takeFound().empty());
        history_.release();
    }
}

TEST_F(LateAcksTest, AReadThatFailsIsCounted) {
    history_.hold();
    {
        LateAcks late_acks(history_, dropped_, [] {});
        late_acks.add(ackOf(lamp_, id_));
        ASSERT_TRUE(history_.awaitHeld());
        history_.fail();
        history_.release();
    }
    EXPECT_THAT(metrics_.text(), HasSubstr("dropped_total 1"));
}

}  // namespace
}  // namespace hub::commands
