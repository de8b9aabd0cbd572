#include "ctl/sim/servos_controller.h"

#include "core/ctl/sim/device_fixture.h"

#include <gmock/gmock.h>

#include <string>

namespace hub::ctl::sim {
namespace {

using namespace std::chrono_literals;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class ServosControllerTest : public DeviceFixture {
protected:
    // The command a document acknowledges, and how: `c1 success`.
    std::string outcome(const std::string& document) {
        const DeviceMessage& message = decode(document);
        EXPECT_EQ(message.type, MessageType::CommandAck) << document;
        return std::string(message.command_id) +
               (message.command_succeeded ? " success" : " error");
    }

    ServosController device_{statistics_};
};

TEST_F(ServosControllerTest, RegistersWithItsServos) {
    const auto sent = opens(device_);
    ASSERT_THAT(types(sent), ElementsAre("registration"));
    EXPECT_EQ(device_.id(), "servoscontroller");
    EXPECT_EQ(decode(sent[0]).device_type, "esp32s3");
    EXPECT_THAT(decode(sent[0]).metadata, testing::HasSubstr(R"("servo_count":16)"));
}

TEST_F(ServosControllerTest, SendsAHeartbeatEveryFiveSeconds) {
    opens(device_);
    EXPECT_THAT(passes(device_, 4999ms), IsEmpty());
    EXPECT_THAT(types(passes(device_, 1ms)), ElementsAre("heartbeat"));
    EXPECT_THAT(types(passes(device_, 60s)), testing::AllOf(SizeIs(12), Each("heartbeat")));
}

TEST_F(ServosControllerTest, AcknowledgesAPoseWhenItIsReached) {
    opens(device_);
    EXPECT_THAT(hears(device_, command("c1", "handsup")), IsEmpty());
    EXPECT_THAT(passes(device_, 999ms), IsEmpty());
    const auto sent = passes(device_, 1ms);
    ASSERT_THAT(sent, SizeIs(1));
    EXPECT_EQ(outcome(sent[0]), "c1 success");
    EXPECT_EQ(statistics_.commands_answered, 1U);
}

TEST_F(ServosControllerTest, MovesOneServoByChannelAndAngle) {
    opens(device_);
    hears(device_, command("c1", "move", R"({"channel":3,"angle":90.5})"));
    const auto sent = passes(device_, 1s);
    ASSERT_THAT(sent, SizeIs(1));
    EXPECT_EQ(outcome(sent[0]), "c1 success");
}

TEST_F(ServosControllerTest, RefusesWhatItDoesNotKnowAtOnce) {
    opens(device_);
    const auto sent = hears(device_, command("c1", "dance", R"({"channel":3})"));
    ASSERT_THAT(sent, SizeIs(1));
    EXPECT_EQ(outcome(sent[0]), "c1 error");
    EXPECT_EQ(statistics_.commands_answered, 1U);
}

TEST_F(ServosControllerTest, MovementsRunOneAfterTheOther) {
    opens(device_);
    hears(device_, command("c1", "headup"));
    passes(device_, 400ms);
    hears(device_, command("c2", "headleft"));
    auto sent = passes(device_, 600ms);
    ASSERT_THAT(sent, SizeIs(1));
    EXPECT_EQ(outcome(sent[0]), "c1 success");
    EXPECT_THAT(passes(device_, 999ms), IsEmpty());
    sent = passes(device_, 1ms);
    ASSERT_THAT(sent, SizeIs(1));
    EXPECT_EQ(outcome(sent[0]), "c2 success");
}

TEST_F(ServosControllerTest, TooManyMovementsAreRefused) {
    opens(device_);
    for (std::size_t i = 0; i < ServosController::kMaxMovements; ++i) {
        EXPECT_THAT(hears(device_, command("fits", "headup")), IsEmpty());
    }
    const auto sent = hears(device_, command("late", "headup"));
    ASSERT_THAT(sent, SizeIs(1));
    EXPECT_EQ(outcome(sent[0]), "late error");
}

TEST_F(ServosControllerTest, AMovementThatOutlivesItsLinkIsAcknowledgedOnTheNext) {
    opens(device_);
    hears(device_, command("c1", "handsup"));
    passesOffline(10s);
    const auto sent = opens(device_);
    ASSERT_THAT(types(sent), ElementsAre("registration", "command_ack"));
    EXPECT_EQ(outcome(sent[1]), "c1 success");
}

TEST_F(ServosControllerTest, AnIdThatNeedsEscapingComesBackUnchanged) {
    opens(device_);
    hears(device_, command(R"(a\"b)", "handsup"));
    const auto sent = passes(device_, 1s);
    ASSERT_THAT(sent, SizeIs(1));
    EXPECT_THAT(sent[0], testing::HasSubstr(R"("command_id":"a\"b")"));
}

}  // namespace
}  // namespace hub::ctl::sim
