#include "ctl/device_commands.h"

#include "core/ctl/ctl_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace hub::ctl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kLamp =
    R"({"device_id":"lamp","device_type":"esp32","is_online":true,)"
    R"("last_heartbeat":"2026-11-23T16:39:48.000000Z","connected_at":"2026-11-23T14:00:00.000000Z",)"
    R"("metadata":{"tags":["hall"]},"transport":"ws","offline_reason":null,)"
    R"("last_seen":"2026-11-23T16:39:48.000000Z","last_changed":"2026-11-23T14:00:00.000000Z",)"
    R"("disconnected_at":null})";
constexpr const char* kWeather =
    R"({"device_id":"weather-1","device_type":"sensor","is_online":false,)"
    R"("last_heartbeat":null,"connected_at":null,"metadata":{},"transport":"ws",)"
    R"("offline_reason":"timeout","last_seen":"2026-11-20T16:40:00.000000Z",)"
    R"("last_changed":"2026-11-20T16:41:30.000000Z","disconnected_at":"2026-11-20T16:41:30.000000Z"})";

std::string pageOf(std::initializer_list<std::string> items, const std::string& next) {
    std::string body = R"({"devices":[)";
    for (const std::string& item : items) body += (body.back() == '[' ? "" : ",") + item;
    return body + R"(],"total":)" + std::to_string(items.size()) + R"(,"next":)" + next + "}";
}

class DeviceCommands : public CtlFixture {};

TEST_F(DeviceCommands, ListsDevicesAligned) {
    hub_.answer("GET /api/devices?limit=1000", pageOf({kLamp, kWeather}, "null"));
    EXPECT_EQ(run(devicesSubcommand(), {}), kDone);
    EXPECT_EQ(out(),
              "DEVICE     TYPE    STATE              SINCE                LAST SEEN\n"
              "lamp       esp32   online             2026-11-23 15:00:00  12 s ago\n"
              "weather-1  sensor  offline (timeout)  2026-11-20 17:41:30  3 d ago\n");
    EXPECT_EQ(err(), "");
}

TEST_F(DeviceCommands, FollowsTheListToItsEnd) {
    hub_.answer("GET /api/devices?limit=1000", pageOf({kLamp}, R"("1d0")"));
    hub_.answer("GET /api/devices?limit=1000&cursor=1d0", pageOf({}, R"("1d7")"));
    hub_.answer("GET /api/devices?limit=1000&cursor=1d7", pageOf({kWeather}, "null"));
    EXPECT_EQ(run(devicesSubcommand(), {}), kDone);
    EXPECT_THAT(out(), HasSubstr("\nlamp"));
    EXPECT_THAT(out(), HasSubstr("\nweather-1"));
}

TEST_F(DeviceCommands, JsonIsTheHubsOwnInOneDocument) {
    hub_.answer("GET /api/devices?limit=1000", pageOf({kLamp, kWeather}, "null"));
    EXPECT_EQ(run(devicesSubcommand(), {"--json"}), kDone);
    EXPECT_EQ(out(), pageOf({kLamp, kWeather}, "null") + "\n");

    hub_.answer("GET /api/devices?limit=1000", pageOf({kLamp}, R"("1d0")"));
    hub_.answer("GET /api/devices?limit=1000&cursor=1d0", pageOf({kWeather}, "null"));
    EXPECT_EQ(run(devicesSubcommand(), {"--json"}), kDone);
    EXPECT_EQ(out(), pageOf({kLamp, kWeather}, "null") + "\n");
}

TEST_F(DeviceCommands, TheLimitCountsOverPages) {
    hub_.answer("GET /api/devices?limit=2", pageOf({kLamp}, R"("1d0")"));
    hub_.answer("GET /api/devices?limit=1&cursor=1d0", pageOf({kWeather}, R"("1d1")"));
    EXPECT_EQ(run(devicesSubcommand(), {"--limit", "2", "--json"}), kDone);
    EXPECT_EQ(out(), pageOf({kLamp, kWeather}, R"("1d1")") + "\n");
}

TEST_F(DeviceCommands, FiltersAreTheHubs) {
    const std::string everything = "GET /api/devices?type=esp32&tag=a%26b&q=x%20y&online=true";
    hub_.answer(everything + "&limit=1000", pageOf({}, "null"));
    EXPECT_EQ(
        run(devicesSubcommand(), {"--type", "esp32", "--tag", "a&b", "--q", "x y", "--online"}),
        kDone);
    hub_.answer("GET /api/devices?online=false&limit=1000", pageOf({}, "null"));
    EXPECT_EQ(run(devicesSubcommand(), {"--offline"}), kDone);
    EXPECT_EQ(run(devicesSubcommand(), {"--offline", "--online"}), kUsageWrong);
}

TEST_F(DeviceCommands, AListThatGoesInCirclesIsRefused) {
    hub_.answer("GET /api/devices?limit=1000", pageOf({kLamp}, R"("1d0")"));
    hub_.answer("GET /api/devices?limit=1000&cursor=1d0", pageOf({kLamp}, R"("1d0")"));
    EXPECT_EQ(run(devicesSubcommand(), {}), kFailed);
    EXPECT_THAT(err(), HasSubstr("its \"next\" leads nowhere"));
}

TEST_F(DeviceCommands, AnAnswerThatIsNotAHubsIsNamed) {
    for (const char* body : {"", "<html>", "[]", "{\"devices\":7}", "{\"devices\":[7]}",
                             "{\"devices\":[{]}", "{\"things\":[]}", "{\"devices\":[{\"a\":1}"}) {
        hub_.answer("GET /api/devices?limit=1000", body);
        EXPECT_EQ(run(devicesSubcommand(), {}), kFailed) << body;
        EXPECT_THAT(err(), testing::StartsWith("hubctl devices: ")) << body;
    }
    EXPECT_THAT(err(), HasSubstr("Is that a hub?"));
}

TEST_F(DeviceCommands, ShowsOneDevice) {
    hub_.answer("GET /api/devices/lamp", kLamp);
    EXPECT_EQ(run(deviceSubcommand(), {"lamp"}), kDone);
    EXPECT_EQ(out(),
              "device          lamp\n"
              "type            esp32\n"
              "state           online\n"
              "changed         2026-11-23 15:00:00 (2 h ago)\n"
              "last seen       2026-11-23 17:39:48 (12 s ago)\n"
              "last heartbeat  2026-11-23 17:39:48 (12 s ago)\n"
              "connected       2026-11-23 15:00:00 (2 h ago)\n"
              "disconnected    -\n"
              "transport       ws\n"
              "metadata        {\"tags\":[\"hall\"]}\n");
    EXPECT_EQ(run(deviceSubcommand(), {"lamp", "--json"}), kDone);
    EXPECT_EQ(out(), std::string(kLamp) + "\n");
}

TEST_F(DeviceCommands, AnUnknownDeviceIsSaidInTheWordsOfTheCommandLine) {
    const std::string unknown = R"({"detail":"There is none.","unknown":"device"})";
    hub_.answer("GET /api/devices/nope", unknown, 404);
    hub_.answer("POST /api/devices/nope/kick", unknown, 404);
    hub_.answer("DELETE /api/devices/nope", unknown, 404);
    const std::string said = "no device \"nope\" is known: hubctl devices lists them\n";
    EXPECT_EQ(run(deviceSubcommand(), {"nope"}), kFailed);
    EXPECT_EQ(err(), "hubctl device: " + said);
    EXPECT_EQ(run(kickSubcommand(), {"nope"}), kFailed);
    EXPECT_EQ(err(), "hubctl kick: " + said);
    EXPECT_EQ(run(forgetSubcommand(), {"nope", "--yes"}), kFailed);
    EXPECT_EQ(err(), "hubctl forget: " + said);
}

TEST_F(DeviceCommands, AnotherRefusalComesWithItsReason) {
    EXPECT_EQ(run(deviceSubcommand(), {"a/b"}), kFailed);
    EXPECT_EQ(err(), "hubctl device: " + hub_.url() + " answers 404: Nothing is known of it.\n");
    EXPECT_THAT(hub_.requests(), ElementsAre("GET /api/devices/a%2Fb"));
}

TEST_F(DeviceCommands, TextsOfDevicesCannotSteerTheTerminal) {
    hub_.answer("GET /api/devices/lamp",
                "{\"device_id\":\"lamp\",\"device_type\":\"\\u001b[2J\",\"metadata\":"
                "{\"x\":\"\xc2\x9b\x7f\"}}");
    EXPECT_EQ(run(deviceSubcommand(), {"lamp"}), kDone);
    EXPECT_THAT(out(), HasSubstr("type            \\u001b[2J\n"));
    EXPECT_THAT(out(), HasSubstr(R"({"x":"\u009b\u007f"})"));
    EXPECT_EQ(run(deviceSubcommand(), {"lamp", "--json"}), kDone);
    EXPECT_THAT(out(), HasSubstr(R"({"x":"\u009b\u007f"})"));
}

TEST_F(DeviceCommands, KicksOne) {
    hub_.answer("POST /api/devices/lamp/kick", R"({"device_id":"lamp"})", 202);
    EXPECT_EQ(run(kickSubcommand(), {"lamp"}), kDone);
    EXPECT_EQ(out(), "The link of lamp is being closed.\n");
    EXPECT_EQ(run(kickSubcommand(), {"lamp", "--json"}), kDone);
    EXPECT_EQ(out(), "{\"device_id\":\"lamp\"}\n");
}

TEST_F(DeviceCommands, AKickOfAnOfflineDeviceFails) {
    hub_.answer("POST /api/devices/lamp/kick", R"({"detail":"The device is offline."})", 409);
    EXPECT_EQ(run(kickSubcommand(), {"lamp"}), kFailed);
    EXPECT_EQ(err(), "hubctl kick: " + hub_.url() + " answers 409: The device is offline.\n");
}

TEST_F(DeviceCommands, ForgetsWhenTold) {
    hub_.answer("DELETE /api/devices/lamp", "", 204);
    EXPECT_EQ(run(forgetSubcommand(), {"lamp", "--yes"}), kDone);
    EXPECT_EQ(out(), "lamp and its history are deleted.\n");
}

TEST_F(DeviceCommands, WithNobodyToAskForgettingNeedsAYes) {
    EXPECT_EQ(run(forgetSubcommand(), {"lamp"}), kUsageWrong);
    EXPECT_THAT(err(), HasSubstr("give --yes"));
    EXPECT_THAT(hub_.requests(), IsEmpty());
}

TEST_F(DeviceCommands, AsksThePersonAtTheTerminal) {
    hub_.answer("DELETE /api/devices/lamp", "", 204);
    interactive_ = true;
    for (const char* no : {"", "\n", "n\n", "yep\n"}) {
        in_.clear();
        in_.str(no);
        EXPECT_EQ(run(forgetSubcommand(), {"lamp"}), kFailed) << no;
        EXPECT_EQ(err(), "Delete lamp with its whole history? [y/N] Nothing was deleted.\n");
    }
    EXPECT_THAT(hub_.requests(), IsEmpty());
    in_.clear();
    in_.str("y\n");
    EXPECT_EQ(run(forgetSubcommand(), {"lamp"}), kDone);
    EXPECT_THAT(hub_.requests(), ElementsAre("DELETE /api/devices/lamp"));
}

TEST_F(DeviceCommands, AUrlOnTheCommandLineWins) {
    const RestHub other;
    EXPECT_EQ(run(deviceSubcommand(), {"lamp", "--url", other.url()}), kFailed);
    EXPECT_THAT(hub_.requests(), IsEmpty());
    EXPECT_THAT(other.requests(), ElementsAre("GET /api/devices/lamp"));
    EXPECT_EQ(run(deviceSubcommand(), {"lamp", "--url", "localhost"}), kUsageWrong);
    EXPECT_THAT(err(), HasSubstr("--url: \"localhost\""));
}

}  // namespace
}  // namespace hub::ctl
