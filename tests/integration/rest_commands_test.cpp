// Commands through the real hub, as an operator with curl and a device see them.
#include "integration/rest_fixture.h"

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

namespace hub::integration {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class RestCommands : public Rest {
protected:
    Answer submit(const std::string& body, const std::string& key = {}) {
        std::vector<std::string> arguments{"--data", body};
        if (!key.empty())
            arguments.insert(arguments.end(), {"--header", "Idempotency-Key: " + key});
        return ask("POST", "/api/command", arguments);
    }
    std::string untilCommand(const std::string& id, const std::string& text) {
        return getUntil(port(), "/api/commands/" + id, text).body;
    }
    static void acknowledge(DeviceClient& device, const std::string& command_id) {
        device.send(R"({"message_type":"command_ack","command_id":")" + command_id +
                    R"(","payload":{"done":true}})");
    }
    static std::string commandText(const std::string& id, const std::string& name,
                                   const std::string& payload = "{}") {
        return R"({"message_type":"command","command_id":")" + id + R"(","command_name":")" + name +
               R"(","payload":)" + payload + "}";
    }
};

TEST_F(RestCommands, TheDeviceDoesItAndItsOutcomeIsStored) {
    const auto lamp = deviceIsOnline("lamp", "light");
    const Answer answer =
        ask("POST", "/command?device_type=light&command_name=blink", {"--data", R"({"n":1.50})"});
    EXPECT_EQ(answer.status, "200");
    EXPECT_THAT(answer.body, HasSubstr(R"("targets":[{"device_id":"lamp","status":"sent"}])"));
    const std::string id = firstText(answer.body, "command_id");
    EXPECT_EQ(lamp->receive(), commandText(id, "blink", R"({"n":1.50})"));
    acknowledge(*lamp, id);
    EXPECT_THAT(untilCommand(id, R"("status":"ack_success")"),
                AllOf(HasSubstr(R"("success_count":1)"), HasSubstr(R"("response":{"done":true})")));
    EXPECT_THAT(body("/api/command-logs?status=ack_success&device_id=lamp"), HasSubstr(id));
    EXPECT_EQ(queryOne(folder_.path() / "hub.db", "SELECT status FROM command_logs"),
              "ack_success");
}

TEST_F(RestCommands, ARepeatedKeyIsAnsweredAsTheFirstAlsoAfterACrash) {
    const std::string request = R"({"device_type":"light","command_name":"blink"})";
    const std::string to_lamp = R"({"device_id":"lamp","command_name":"blink"})";
    (void)deviceIsOnline("lamp", "light");
    (void)getUntil(port(), "/api/devices/lamp", R"("is_online":false)");
    const Answer nobody = submit(request, "k-1");
    const Answer first = submit(to_lamp, "k-2");
    EXPECT_THAT(nobody.body, HasSubstr(R"("status":"no_devices")"));
    EXPECT_THAT(first.body, HasSubstr(R"("status":"unreachable")"));
    EXPECT_EQ(first.replayed, "");
    restart(true);
    const auto lamp = deviceIsOnline("lamp", "light");
    for (const auto& [again, before] :
         {std::pair(submit(request, "k-1"), nobody), std::pair(submit(to_lamp, "k-2"), first)}) {
        EXPECT_EQ(again.status, "200");
        EXPECT_EQ(again.body, before.body);
        EXPECT_EQ(again.replayed, "true");
    }
    EXPECT_EQ(submit(request, "k-2").status, "422");
}

TEST_F(RestCommands, AQueuedCommandGoesOutWhenTheDeviceComesAlsoAfterARestart) {
    (void)deviceIsOnline("lamp", "light");
    (void)getUntil(port(), "/api/devices/lamp", R"("is_online":false)");
    const std::string first =
        firstText(submit(R"({"device_id":"lamp","command_name":"one","queue_offline":true})").body,
                  "command_id");
    const std::string cancelled =
        firstText(submit(R"({"device_id":"lamp","command_name":"not","queue_offline":true})").body,
                  "command_id");
    const std::string second =
        firstText(submit(R"({"device_id":"lamp","command_name":"two","queue_offline":true})").body,
                  "command_id");
    EXPECT_EQ(ask("DELETE", "/api/commands/" + cancelled).body, R"({"cancelled":1})");
    EXPECT_EQ(ask("DELETE", "/api/commands/" + cancelled).status, "409");
    restart();
    DeviceClient lamp(port(), "lamp");
    lamp.send(R"({"message_type":"registration","device_type":"light"})");
    EXPECT_EQ(lamp.receive(), commandText(first, "one"));
    EXPECT_EQ(lamp.receive(), commandText(second, "two"));
    acknowledge(lamp, second);
    EXPECT_THAT(untilCommand(second, R"("status":"ack_success")"), HasSubstr(R"("queued_at":"2)"));
}

TEST_F(RestCommands, MoreThanALinksQueueHoldsReachesTheDeviceOnceAndInOrder) {
    (void)deviceIsOnline("lamp", "light");
    (void)getUntil(port(), "/api/devices/lamp", R"("is_online":false)");
    std::vector<std::string> expected;
    const auto queue = [&](std::size_t bytes) {
        const std::string payload = R"({"t":")" + std::string(bytes, 'x') + "\"}";
        const std::string answer =
            submit(R"({"device_id":"lamp","command_name":"much","queue_offline":true,"payload":)" +
                   payload + "}")
                .body;
        expected.push_back(commandText(firstText(answer, "command_id"), "much", payload));
    };
    for (int i = 0; i < 300; ++i) queue(1024);
    for (int i = 0; i < 5; ++i) queue(std::size_t{60} * 1024);
    DeviceClient lamp(port(), "lamp");
    lamp.send(R"({"message_type":"registration","device_type":"light"})");
    for (const std::string& text : expected) ASSERT_EQ(lamp.receive(), text);
}

TEST_F(RestCommands, NobodyIsSentWhatNamesAnUnknownDevice) {
    const auto lamp = deviceIsOnline("lamp", "light");
    const Answer answer = submit(R"({"device_ids":["lamp","ghost"],"command_name":"blink"})");
    EXPECT_EQ(answer.status, "404");
    EXPECT_THAT(answer.body, HasSubstr("ghost"));
    EXPECT_THAT(body("/api/command-logs"), HasSubstr(R"("total":0)"));
}

TEST_F(RestCommands, ABodyOverTheLimitIsTooLarge) {
    const std::string text(70'000, 'x');
    EXPECT_EQ(submit(R"({"all":true,"command_name":"x","payload":{"t":")" + text + "\"}}").status,
              "413");
}

}  // namespace
}  // namespace hub::integration
