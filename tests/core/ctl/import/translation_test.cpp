#include "ctl/import/translation.h"

#include <gtest/gtest.h>

namespace hub::ctl::importer {
namespace {

TEST(ConnectionChange, AComingIsConnectedWithTheDetailsAsTheyAre) {
    JsonRepair json;
    const auto change = connectionChange("connected", R"({"client":"192.0.2.7"})", json);
    EXPECT_EQ(EventKind::Connected, change.kind);
    EXPECT_EQ(R"({"client":"192.0.2.7"})", change.details);
    EXPECT_EQ("{}", connectionChange("connected", "null", json).details);
}

TEST(ConnectionChange, AGoingIsForTheReasonThatDetailsName) {
    JsonRepair json;
    const auto kicked = connectionChange("disconnected", R"({"reason":"kicked"})", json);
    EXPECT_EQ(EventKind::Disconnected, kicked.kind);
    EXPECT_EQ(OfflineReason::Kicked, kicked.reason);

    const auto other = connectionChange("disconnected", R"({"reason":"1006"})", json);
    EXPECT_EQ(OfflineReason::Lost, other.reason);
    EXPECT_EQ(R"({"reason":"1006"})", other.details);
}

TEST(ConnectionChange, AGoingWithoutAReasonWasLost) {
    JsonRepair json;
    const auto change = connectionChange("disconnected", "", json);
    EXPECT_EQ(OfflineReason::Lost, change.reason);
    EXPECT_EQ(R"({"reason":"lost"})", change.details);
}

TEST(ConnectionChange, ATimeoutKeepsItsName) {
    JsonRepair json;
    const auto change = connectionChange("timeout", "no \"heartbeat\"", json);
    EXPECT_EQ(EventKind::Disconnected, change.kind);
    EXPECT_EQ(OfflineReason::Timeout, change.reason);
    EXPECT_EQ(R"({"reason":"timeout","details":"no \"heartbeat\""})", change.details);
}

TEST(ConnectionChange, AnyOtherWordIsAnEventOfTheDevice) {
    JsonRepair json;
    const auto change = connectionChange("reset", "button", json);
    EXPECT_EQ(EventKind::Message, change.kind);
    EXPECT_EQ(R"({"details":"button"})", change.details);
}

TEST(CommandStatusOf, WhatWasOpenHasTimedOut) {
    for (const char* const word : {"pending", "sent", "queued", "executing", "executed"}) {
        EXPECT_EQ(CommandStatus::Timeout, commandStatusOf(word)) << word;
    }
}

TEST(CommandStatusOf, OutcomesKeepTheirMeaning) {
    EXPECT_EQ(CommandStatus::AckSuccess, commandStatusOf("ack_success"));
    EXPECT_EQ(CommandStatus::AckSuccess, commandStatusOf("success"));
    EXPECT_EQ(CommandStatus::AckError, commandStatusOf("error"));
    EXPECT_EQ(CommandStatus::AckError, commandStatusOf("ack_error"));
    EXPECT_EQ(CommandStatus::NoDevices, commandStatusOf("no_devices"));
    EXPECT_EQ(CommandStatus::Cancelled, commandStatusOf("cancelled"));
    EXPECT_EQ(std::nullopt, commandStatusOf("whatever"));
    EXPECT_EQ(std::nullopt, commandStatusOf(""));
}

TEST(TargetDocument, HasTheResponseAsJsonOrAsText) {
    JsonRepair json;
    const Command command{"c-1", "handsup", R"({"speed":3})"};
    EXPECT_EQ(R"({"command_id":"c-1","command_name":"handsup","status":"ack_success",)"
              R"("payload":{"speed":3},"response":{"angle":null}})",
              targetDocument(command, TargetStatus::AckSuccess, R"({"angle":NaN})", json));
    EXPECT_EQ(R"({"command_id":"c-1","command_name":"handsup","status":"ack_error",)"
              R"("payload":{"speed":3},"response":"jammed"})",
              targetDocument(command, TargetStatus::AckError, "jammed", json));
    EXPECT_EQ(R"({"command_id":"c-1","command_name":"handsup","status":"timeout",)"
              R"("payload":{"speed":3}})",
              targetDocument(command, TargetStatus::Timeout, "", json));
}

TEST(RegistrationDocument, IsWhatADeviceWouldHaveSent) {
    EXPECT_EQ(R"({"message_type":"registration","device_type":"esp32","metadata":{"a":1}})",
              registrationDocument("esp32", R"({"a":1})"));
    EXPECT_EQ(R"({"message_type":"registration","device_type":"esp32"})",
              registrationDocument("esp32", ""));
}

}  // namespace
}  // namespace hub::ctl::importer
