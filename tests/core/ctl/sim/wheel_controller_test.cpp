#include "ctl/sim/wheel_controller.h"

#include "core/ctl/sim/device_fixture.h"

#include <gmock/gmock.h>

#include <set>
#include <string>

namespace hub::ctl::sim {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class WheelControllerTest : public DeviceFixture {
protected:
    WheelController device_{1};
};

TEST_F(WheelControllerTest, RegistersWithItsIdInTheMetadata) {
    const auto sent = opens(device_);
    ASSERT_THAT(types(sent), ElementsAre("registration"));
    EXPECT_EQ(device_.id(), "wheelcontroller");
    EXPECT_EQ(decode(sent[0]).device_type, "esp32");
    EXPECT_THAT(decode(sent[0]).metadata, HasSubstr(R"("device_id":"wheelcontroller")"));
}

TEST_F(WheelControllerTest, WarnsFromTimeToTimeWithoutItsType) {
    opens(device_);
    EXPECT_THAT(passes(device_, 7s), IsEmpty());

    std::set<std::string> kinds;
    const auto sent = passes(device_, 30min);
    EXPECT_GT(sent.size(), 30min / 26s);
    for (const std::string& document : sent) {
        ASSERT_EQ(decode(document).name, "alert");
        EXPECT_EQ(decode(document).device_type, "");
        const std::size_t at = document.find(R"("alert_type":")") + 14;
        kinds.insert(document.substr(at, document.find('"', at) - at));
    }
    EXPECT_THAT(kinds, UnorderedElementsAre("collision", "obstacle", "warning"));
}

TEST_F(WheelControllerTest, ObeysWithoutAcknowledging) {
    opens(device_);
    EXPECT_THAT(hears(device_, command("c1", "forward")), IsEmpty());
    EXPECT_THAT(passes(device_, 5s), IsEmpty());
}

TEST_F(WheelControllerTest, RegistersAgainOnEachLink) {
    opens(device_);
    passesOffline(1h);
    EXPECT_THAT(types(opens(device_)), ElementsAre("registration"));
}

}  // namespace
}  // namespace hub::ctl::sim
