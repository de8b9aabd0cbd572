#include "hub/device.h"

#include "hub/event.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>

namespace hub {
namespace {

TEST(DeviceId, TakesLettersDigitsAndFourSigns) {
    EXPECT_TRUE(isValidDeviceId("weather-1"));
    EXPECT_TRUE(isValidDeviceId("AZ.az_09:-"));
    EXPECT_TRUE(isValidDeviceId(std::string(128, 'x')));
}

TEST(DeviceId, RefusesEmptyLongAndForeign) {
    EXPECT_FALSE(isValidDeviceId(""));
    EXPECT_FALSE(isValidDeviceId(std::string(129, 'x')));
    for (int byte = 0; byte < 256; ++byte) {
        const char c = static_cast<char>(byte);
        const bool allowed =
            byte < 0x80 &&
            (std::isalnum(byte) != 0 || std::string_view{"._:-"}.find(c) != std::string_view::npos);
        EXPECT_EQ(isValidDeviceId(std::string{'x', c}), allowed) << byte;
    }
}

TEST(DeviceId, RefusesWhatNoUrlCanName) {
    EXPECT_FALSE(isValidDeviceId("."));
    EXPECT_FALSE(isValidDeviceId(".."));
    EXPECT_TRUE(isValidDeviceId("..."));
    EXPECT_TRUE(isValidDeviceId(".a"));
    EXPECT_TRUE(isValidDeviceId("_"));
}

TEST(OfflineReason, EveryWordReadsBack) {
    constexpr std::array kReasons{OfflineReason::None,       OfflineReason::Closed,
                                  OfflineReason::Lost,       OfflineReason::Timeout,
                                  OfflineReason::TakenOver,  OfflineReason::Kicked,
                                  OfflineReason::HubStopped, OfflineReason::HubRestarted};
    std::set<std::string_view> words;
    for (const OfflineReason reason : kReasons) {
        EXPECT_EQ(offlineReasonFrom(toString(reason)), reason);
        words.insert(toString(reason));
    }
    EXPECT_EQ(words, (std::set<std::string_view>{"", "closed", "lost", "timeout", "taken_over",
                                                 "kicked", "hub_stopped", "hub_restarted"}));
}

TEST(OfflineReason, KnowsNoOtherWord) {
    EXPECT_EQ(offlineReasonFrom("none"), std::nullopt);
    EXPECT_EQ(offlineReasonFrom("Closed"), std::nullopt);
}

TEST(EventTopic, IsDevicesIdAndName) {
    Event event;
    event.device_id = "weather-1";
    event.name = "status";
    EXPECT_EQ(topicOf(event), "devices/weather-1/status");
}

}  // namespace
}  // namespace hub
