#include "ctl/sim/cam_controller.h"

#include "core/ctl/sim/device_fixture.h"

#include <gmock/gmock.h>

namespace hub::ctl::sim {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

class CamControllerTest : public DeviceFixture {
protected:
    CamController device_{statistics_};
};

TEST_F(CamControllerTest, RegistersWithItsAudioFormat) {
    const auto sent = opens(device_);
    ASSERT_THAT(types(sent), ElementsAre("registration"));
    EXPECT_EQ(device_.id(), "camcontroller");
    EXPECT_EQ(decode(sent[0]).device_type, "esp32s3cam");
    EXPECT_THAT(decode(sent[0]).metadata, HasSubstr(R"("audio":{)"));
}

TEST_F(CamControllerTest, SendsAHeartbeatEveryFiveSeconds) {
    opens(device_);
    EXPECT_THAT(types(passes(device_, 10s)), ElementsAre("heartbeat", "heartbeat"));
}

TEST_F(CamControllerTest, AcknowledgesARecordingAtOnce) {
    opens(device_);
    const auto sent = hears(device_, command("c1", "start_recording"));
    ASSERT_THAT(types(sent), ElementsAre("command_ack"));
    EXPECT_EQ(decode(sent[0]).command_id, "c1");
    EXPECT_TRUE(decode(sent[0]).command_succeeded);
    EXPECT_EQ(statistics_.commands_answered, 1U);
}

TEST_F(CamControllerTest, RefusesAnyOtherCommand) {
    opens(device_);
    const auto sent = hears(device_, command("c1", "forward"));
    ASSERT_THAT(types(sent), ElementsAre("command_ack"));
    EXPECT_FALSE(decode(sent[0]).command_succeeded);
}

}  // namespace
}  // namespace hub::ctl::sim
