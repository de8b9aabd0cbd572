#include "commands/inbox.h"

#include "fakes/manual_clock.h"
#include "metrics/metric_registry.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <thread>

namespace hub::commands {
namespace {

using namespace std::chrono_literals;
class InboxTest : public testing::Test {
protected:
    InboxTest() { inbox_.open(); }

    fakes::ManualClock clock_;
    metrics::MetricRegistry metrics_;
    router::EventLog log_{1 << 20, clock_, metrics_};
    Inbox inbox_{log_};
    News news_;
    const std::string id_ = makeCommandId(Timestamp(1s));
};

TEST_F(InboxTest, AcknowledgementsComeWithWhatTheDeviceSays) {
    inbox_.acknowledged(DeviceIndex{1}, id_, true, {.response = "{}"});
    inbox_.acknowledged(DeviceIndex{2}, id_, false, {.reason = "jammed", .response = "\"no\""});
    ASSERT_TRUE(inbox_.take(news_, {}));
    ASSERT_EQ(news_.acknowledgements.size(), 2U);
    const ChangeTexts first = news_.textsOf(news_.acknowledgements[0]);
    const ChangeTexts second = news_.textsOf(news_.acknowledgements[1]);
    EXPECT_EQ(first.response, "{}");
    EXPECT_EQ(first.reason, "");
    EXPECT_EQ(second.response, "\"no\"");
    EXPECT_EQ(second.reason, "jammed");
    inbox_.poke();
    ASSERT_TRUE(inbox_.take(news_, {}));
    EXPECT_TRUE(news_.acknowledgements.empty());
}

TEST_F(InboxTest, MoreThanItsBoundIsCountedAndNotTaken) {
    const std::string large(Inbox::kMaxAckBytes / 2, 'x');
    for (int i = 0; i < 3; ++i) inbox_.acknowledged(DeviceIndex{1}, id_, true, {.response = large});
    ASSERT_TRUE(inbox_.take(news_, {}));
    EXPECT_EQ(news_.acknowledgements.size(), 1U);
    EXPECT_EQ(news_.dropped_acknowledgements, 2U);
}

TEST_F(InboxTest, DevicesThatComeOnlineAreNewsOnlyWhileTheyAreWaitedFor) {
    inbox_.cameOnline(DeviceIndex{1});
    inbox_.wantOnline(true);
    for (std::uint32_t i = 0; i <= Inbox::kMaxOnline; ++i) inbox_.cameOnline(DeviceIndex{i});
    ASSERT_TRUE(inbox_.take(news_, {}));
    EXPECT_EQ(news_.online.size(), Inbox::kMaxOnline);
    EXPECT_EQ(news_.online.front(), DeviceIndex{0});
    EXPECT_TRUE(news_.many_online);
}

TEST_F(InboxTest, WhatIsWaitedForWakes) {
    log_.retain(0, {});
    const Event event{.kind = EventKind::Message, .device_id = "lamp"};
    const Sequence sequence = log_.append(router::Batch({&event, 1}, {}));
    std::thread writer([this, sequence] { log_.advance(sequence); });
    Inbox::Interest interest;
    interest.durable = sequence;
    EXPECT_TRUE(inbox_.take(news_, interest));
    EXPECT_EQ(log_.durable(), sequence);
    writer.join();

    std::thread failing([this] { log_.stall(); });
    interest.durable = sequence + 1;
    EXPECT_TRUE(inbox_.take(news_, interest));
    EXPECT_TRUE(log_.stalled());
    failing.join();
}

TEST_F(InboxTest, AClosedOneRefusesAndSaysSo) {
    EXPECT_TRUE(inbox_.add(std::make_shared<Farewell>()));
    inbox_.close();
    EXPECT_FALSE(inbox_.add(std::make_shared<Submission>()));
    EXPECT_FALSE(inbox_.add(std::make_shared<Cancellation>()));
    EXPECT_FALSE(inbox_.add(std::make_shared<Farewell>()));
    EXPECT_FALSE(inbox_.take(news_, {}));
    EXPECT_EQ(news_.farewells.size(), 1U) << "what came before is the last";
}

}  // namespace
}  // namespace hub::commands
