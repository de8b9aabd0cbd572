#include "target_change.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace hub::robot_interlock {
namespace {

std::optional<TargetChange> read(std::string_view payload) {
    return targetChangeOf({.kind = EventKind::CommandTarget,
                           .device_id = "servos",
                           .name = "command",
                           .payload = payload});
}

std::optional<ServoMove> moveOf(const std::string& payload) {
    const auto change =
        read(R"({"command_id":"c-1","command_name":"servo","status":"pending","payload":)" +
             payload + "}");
    EXPECT_TRUE(change) << payload;
    return change ? change->move : std::nullopt;
}

TEST(TargetChange, TellsHowACommandStandsWithADevice) {
    const auto change =
        read(R"({"command_id":"c-1","command_name":"handsup","status":"ack_success"})");
    ASSERT_TRUE(change);
    EXPECT_EQ(change->target, (TargetKey{"c-1", "servos"}));
    EXPECT_EQ(change->command_name, "handsup");
    EXPECT_EQ(change->status, TargetStatus::AckSuccess);
    EXPECT_FALSE(change->move);
}

TEST(TargetChange, ReadsAMoveFromThePayload) {
    const auto move = moveOf(R"({"channel":9,"angle":179.5})");
    ASSERT_TRUE(move);
    EXPECT_EQ(move->channel, 9U);
    EXPECT_EQ(move->angle, 179.5);
    EXPECT_EQ(moveOf(R"({"angle":0,"channel":0})")->angle, 0);
}

TEST(TargetChange, AMoveOutOfRangeIsNone) {
    for (const char* payload :
         {"{}", R"({"channel":1})", R"({"angle":1})", R"({"channel":10,"angle":1})",
          R"({"channel":-1,"angle":1})", R"({"channel":1.5,"angle":1})",
          R"({"channel":"1","angle":1})", R"({"channel":1,"angle":-1})",
          R"({"channel":1,"angle":181})", R"({"channel":1,"angle":null})"}) {
        EXPECT_FALSE(moveOf(payload)) << payload;
    }
}

TEST(TargetChange, ALateAcknowledgementChangesNothing) {
    EXPECT_FALSE(read(
        R"({"command_id":"c-1","command_name":"handsup","status":"ack_success","late":true})"));
}

TEST(TargetChange, WhatADeviceSaysByItselfIsNoChange) {
    EXPECT_FALSE(targetChangeOf(
        {.kind = EventKind::Message,
         .device_id = "servos",
         .name = "command",
         .payload = R"({"command_id":"c-1","command_name":"handsup","status":"sent"})"}));
}

TEST(TargetChange, WhatIsIncompleteOrUnknownIsNone) {
    for (const char* payload :
         {"", "[]", "{", R"({"command_name":"handsup","status":"sent"})",
          R"({"command_id":"c-1","status":"sent"})",
          R"({"command_id":"c-1","command_name":"handsup"})",
          R"({"command_id":1,"command_name":"handsup","status":"sent"})",
          R"({"command_id":"c-1","command_name":"handsup","status":"later"})"}) {
        EXPECT_FALSE(read(payload)) << payload;
    }
}

}  // namespace
}  // namespace hub::robot_interlock
