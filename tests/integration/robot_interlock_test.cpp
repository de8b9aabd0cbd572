// The example plugin in the real hub: one robot, its wheels and its servos.
#include "fakes/temporary_folder.h"
#include "integration/clients.h"
#include "integration/hub_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace hub::integration {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class RobotInterlock : public testing::Test {
protected:
    static void registers(DeviceClient& device, const std::string& type) {
        device.send(R"({"message_type":"registration","msg_id":1,"device_type":")" + type + "\"}");
        EXPECT_EQ(device.receive(), R"({"message_type":"ack","msg_id":1})");
    }
    static std::string command(const std::string& name) {
        return R"("command_name":")" + name + '"';
    }

    // What `curl -X POST` gets, with the status behind it.
    std::string post(const std::string& path) {
        Process curl({"/usr/bin/curl", "--silent", "--max-time", "60", "--request", "POST",
                      "--write-out", " %{http_code}",
                      "http://127.0.0.1:" + std::to_string(hub_.port()) + path});
        EXPECT_EQ(curl.wait(), 0) << curl.output();
        return curl.output();
    }

    fakes::TemporaryFolder folder_;
    HubProcess hub_{folder_.path(), {"--set", "plugins.also=robot-interlock"}};
};

TEST_F(RobotInterlock, WheelsStandStillWhileServosStrikeAPose) {
    DeviceClient wheels(hub_.port(), "wheels");
    registers(wheels, "esp32");
    DeviceClient servos(hub_.port(), "servos");
    registers(servos, "esp32s3");
    const std::string forward = "/api/command?device_type=esp32&command_name=forward";
    EXPECT_THAT(post(forward), HasSubstr("200"));
    EXPECT_THAT(wheels.receive(), HasSubstr(command("forward")));

    EXPECT_THAT(post("/servo/pose/handsup"),
                AllOf(HasSubstr(R"("pose":"handsup")"), HasSubstr(R"("status":"sent"} 200)")));
    EXPECT_THAT(wheels.receive(), HasSubstr(command("lock")));
    const std::string pose = servos.receive();
    EXPECT_THAT(pose, HasSubstr(command("handsup")));
    EXPECT_THAT(getUntil(hub_.port(), "/servo/all", R"("is_moving":true)").body,
                Not(HasSubstr("false")));
    EXPECT_THAT(post(forward), AllOf(HasSubstr("a servo pose is under way"), HasSubstr(" 409")));

    const std::string key = R"("command_id":)";
    const std::string id = pose.substr(pose.find(key) + key.size(), 38);
    servos.send(R"({"message_type":"command_ack","status":"success","command_id":)" + id + "}");
    EXPECT_THAT(wheels.receive(), HasSubstr(command("unlock")));
    EXPECT_THAT(get(hub_.port(), "/servo/all").body, Not(HasSubstr("true")));
    EXPECT_THAT(post(forward), HasSubstr("200"));
    EXPECT_THAT(wheels.receive(), HasSubstr(command("forward")));
}

TEST_F(RobotInterlock, WheelsThatWereLeftLockedAreFreedByTheNextRun) {
    DeviceClient servos(hub_.port(), "servos");
    registers(servos, "esp32s3");
    {
        DeviceClient wheels(hub_.port(), "wheels");
        registers(wheels, "esp32");
        EXPECT_THAT(post("/servo/pose/reset"), HasSubstr("200"));
        EXPECT_THAT(wheels.receive(), HasSubstr(command("lock")));
    }
    EXPECT_THAT(servos.receive(), HasSubstr(command("resetposition")));
    const std::string pose = queryOne(folder_.path() / "hub.db",
                                      "SELECT command_id FROM command_logs "
                                      "WHERE command_name = 'resetposition'");
    hub_.crash();

    HubProcess again(folder_.path(), {"--set", "plugins.also=robot-interlock"});
    DeviceClient back(again.port(), "servos");
    registers(back, "esp32s3");
    DeviceClient wheels(again.port(), "wheels");
    registers(wheels, "esp32");
    back.send(R"({"message_type":"command_ack","status":"success","command_id":")" + pose + "\"}");
    EXPECT_THAT(wheels.receive(), HasSubstr(command("unlock")));
}

}  // namespace
}  // namespace hub::integration
