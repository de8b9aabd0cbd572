#include "command_request.h"

#include "fakes/fake_http_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace hub::http_api {
namespace {

using namespace std::chrono_literals;
using By = CommandTargets::By;
using fakes::FakeHttpRequest;

FakeHttpRequest post(std::string body) {
    return std::move(FakeHttpRequest("/api/command", "POST").withBody(std::move(body)));
}

FakeHttpRequest postTo(std::string device_type, std::string command_name, std::string body = {}) {
    FakeHttpRequest request = post(std::move(body));
    request.withQuery("device_type", std::move(device_type));
    request.withQuery("command_name", std::move(command_name));
    return request;
}

std::string fault(const FakeHttpRequest& request) {
    const auto command = readCommandRequest(request);
    if (command) return "";
    EXPECT_EQ(command.error().kind, Error::Kind::Invalid);
    return command.error().message;
}

TEST(CommandRequest, TheQueryNamesTypeAndCommandAndTheBodyIsThePayload) {
    const auto command = readCommandRequest(postTo("esp32", "forward", " {\"speed\": 1.50}\n"));
    ASSERT_TRUE(command.ok()) << command.error().message;
    EXPECT_EQ(command->targets.by, By::Type);
    EXPECT_EQ(command->targets.word, "esp32");
    EXPECT_EQ(command->name, "forward");
    EXPECT_EQ(command->payload, "{\"speed\": 1.50}");
    EXPECT_EQ(command->ack_timeout, 30s);
    EXPECT_EQ(command->ttl, 24h);
    EXPECT_FALSE(command->queue_offline);
    EXPECT_EQ(command->idempotency_key, "");
}

TEST(CommandRequest, NothingAndNullAreAnEmptyPayload) {
    for (const char* body : {"", " \r\n", "null", " null\n", "{}"}) {
        const auto command = readCommandRequest(postTo("esp32", "stop", body));
        ASSERT_TRUE(command.ok()) << body;
        EXPECT_EQ(command->payload, "{}") << body;
    }
}

TEST(CommandRequest, TheFirstFormNeedsBothParametersAndAnObject) {
    EXPECT_EQ(fault(postTo("esp32", "")),
              R"(The query parameter "command_name" must be given and not be empty.)");
    FakeHttpRequest without_type = post("{}");
    without_type.withQuery("command_name", "stop");
    EXPECT_EQ(fault(without_type),
              R"(The query parameter "device_type" must be given and not be empty.)");
    EXPECT_EQ(
        fault(postTo("esp32", "stop", "[1]")),
        "The body, which is the payload, must be a JSON object: it is another kind of value.");
    EXPECT_NE(fault(postTo("esp32", "stop", R"({"x":NaN})")), "");
    EXPECT_NE(fault(postTo("esp32", "stop", "nullnull")), "");
}

TEST(CommandRequest, TheQueryHasNoRoomForTheOtherMembers) {
    const auto with = [](const std::string& name) {
        return postTo("esp32", "stop").withQuery(name, "true");
    };
    const std::string why =
        " cannot be given: a query takes device_type and command_name only, with the payload as "
        "the body; for all else leave out the query and give everything in one JSON body.";
    for (const std::string name : {"device_id", "device_ids", "tag", "all", "payload", "ttl_s",
                                   "ack_timeout_s", "queue_offline"}) {
        EXPECT_EQ(fault(with(name)), "The query parameter \"" + name + "\"" + why);
    }
    const auto body = post(R"({"command_name":"stop"})").withQuery("device_id", "lamp");
    EXPECT_EQ(fault(body), "The query parameter \"device_id\"" + why);
    EXPECT_EQ(fault(with("utm_source")), "") << "it is no member of a command";
}

TEST(CommandRequest, InTheFirstFormTheBodyIsThePayloadWhateverItHolds) {
    const std::string body = R"({"device_id":"a","queue_offline":true})";
    const auto command = readCommandRequest(postTo("esp32", "stop", body));
    ASSERT_TRUE(command.ok());
    EXPECT_EQ(command->targets.by, By::Type);
    EXPECT_EQ(command->payload, body);
    EXPECT_FALSE(command->queue_offline);
}

TEST(CommandRequest, OnlyWhatIsKeptHasATimeToLive) {
    const auto faultOf = [](const std::string& members) {
        return fault(post(R"({"command_name":"stop","all":true,)" + members + "}"));
    };
    const std::string rule =
        R"(The member "ttl_s" is for a command that is kept for devices that are offline: it )"
        R"(needs "queue_offline" to be true.)";
    EXPECT_EQ(faultOf(R"("ttl_s":5)"), rule);
    EXPECT_EQ(faultOf(R"("ttl_s":5,"queue_offline":false)"), rule);
    EXPECT_EQ(faultOf(R"("queue_offline":true,"ttl_s":5)"), "");
    EXPECT_EQ(faultOf(R"("ttl_s":5,"queue_offline":true)"), "");
    EXPECT_EQ(faultOf(R"("ttl_s":null)"), "");
    EXPECT_EQ(faultOf(R"("queue_offline":true)"), "");
}

TEST(CommandRequest, APayloadIsAsDeepInEitherForm) {
    const auto nested = [](std::size_t levels) {
        return R"({"a":)" + std::string(levels - 1, '[') + std::string(levels - 1, ']') + "}";
    };
    const auto within = [](const std::string& payload) {
        return post(R"({"all":true,"command_name":"move","payload":)" + payload + "}");
    };
    EXPECT_EQ(fault(postTo("esp32", "move", nested(31))), "");
    EXPECT_EQ(fault(within(nested(31))), "");
    EXPECT_EQ(fault(postTo("esp32", "move", nested(32))),
              "The body, which is the payload, must be a JSON object: it is nested deeper than 31 "
              "levels.");
    EXPECT_EQ(fault(within(nested(32))),
              "The body must be a JSON object: it is nested deeper than 32 levels.");
}

TEST(CommandRequest, OneBodyTellsEverything) {
    const auto command = readCommandRequest(
        post(R"({"device_ids":["a","b"],"command_name":"move","payload":{ "x" : 1e2 },)"
             R"("ttl_s":0.5,"ack_timeout_s":2592000,"queue_offline":true})"));
    ASSERT_TRUE(command.ok()) << command.error().message;
    EXPECT_EQ(command->targets.by, By::Ids);
    EXPECT_THAT(command->targets.ids, testing::ElementsAre("a", "b"));
    EXPECT_EQ(command->name, "move");
    EXPECT_EQ(command->payload, "{ \"x\" : 1e2 }");
    EXPECT_EQ(command->ttl, 500ms);
    EXPECT_EQ(command->ack_timeout, 720h);
    EXPECT_TRUE(command->queue_offline);
}

TEST(CommandRequest, EveryKindOfTargetIsTaken) {
    const auto one = readCommandRequest(post(R"({"device_id":"a","command_name":"stop"})"));
    ASSERT_TRUE(one.ok());
    EXPECT_THAT(one->targets.ids, testing::ElementsAre("a"));
    const auto type = readCommandRequest(post(R"({"device_type":"esp32","command_name":"stop"})"));
    ASSERT_TRUE(type.ok());
    EXPECT_EQ(type->targets.by, By::Type);
    EXPECT_EQ(type->targets.word, "esp32");
    const auto tag = readCommandRequest(post(R"({"tag":"hall","command_name":"stop"})"));
    ASSERT_TRUE(tag.ok());
    EXPECT_EQ(tag->targets.by, By::Tag);
    EXPECT_EQ(tag->targets.word, "hall");
    const auto all = readCommandRequest(post(R"({"all":true,"command_name":"stop"})"));
    ASSERT_TRUE(all.ok());
    EXPECT_EQ(all->targets.by, By::All);
}

TEST(CommandRequest, ExactlyOneTargetIsNeeded) {
    const std::string rule =
        R"(A command needs exactly one of "device_id", "device_ids", "device_type", "tag" and )"
        R"("all".)";
    EXPECT_EQ(fault(post(R"({"command_name":"stop"})")), rule);
    EXPECT_EQ(fault(post(R"({"device_id":"a","all":true,"command_name":"stop"})")), rule);
    EXPECT_EQ(fault(post(R"({"device_id":null,"command_name":"stop"})")), rule);
    EXPECT_EQ(fault(post(R"({"device_id":null,"tag":"hall","payload":null,"command_name":"x"})")),
              "");
}

TEST(CommandRequest, EveryMemberIsChecked) {
    const auto faultOf = [](const std::string& member) {
        return fault(post(R"({"command_name":"stop","all":true,)" + member + "}"));
    };
    EXPECT_EQ(faultOf(R"("payloads":5)"),
              R"(A command has no member "payloads"; did you mean "payload"?)");
    EXPECT_EQ(faultOf(R"("a\"b":5)"), R"(A command has no member "a"b".)");
    EXPECT_EQ(faultOf(R"("all":true)"), R"(The member "all" stands there twice.)");
    EXPECT_EQ(faultOf(R"("payload":[1])"), R"(The member "payload" must be an object.)");
    EXPECT_EQ(faultOf(R"("queue_offline":1)"),
              R"(The member "queue_offline" must be true or false.)");
    for (const char* seconds : {"0", "-1", "0.0009", "2592000.1", "1e300", "1e-310", "1e-400",
                                "-1e-400", "\"5\"", "[]"}) {
        EXPECT_EQ(faultOf(R"("ttl_s":)" + std::string(seconds)),
                  R"(The member "ttl_s" must be a number of seconds from 0.001 to 2592000.)")
            << seconds;
    }
    EXPECT_EQ(fault(post(R"({"all":false,"command_name":"stop"})")),
              R"(The member "all" must be true.)");
    EXPECT_EQ(fault(post(R"({"device_ids":[],"command_name":"stop"})")),
              R"(The member "device_ids" must be a list of at least one string.)");
    EXPECT_EQ(fault(post(R"({"device_ids":["a",1],"command_name":"stop"})")),
              R"(The member "device_ids" must be a list of at least one string.)");
    EXPECT_EQ(fault(post(R"({"device_type":"","command_name":"stop"})")),
              R"(The member "device_type" must be a string that is not empty.)");
    EXPECT_EQ(fault(post(R"({"all":true})")), R"(A command needs a "command_name".)");
    EXPECT_EQ(fault(post("")), "The body must be a JSON object: it is empty.");
    EXPECT_NE(faultOf(R"("payload":{"x":NaN})"), "");
}

TEST(CommandRequest, AnIdempotencyKeyIsVisibleAscii) {
    const auto faultOf = [](std::string key) {
        return fault(postTo("esp32", "stop").withHeader("Idempotency-Key", std::move(key)));
    };
    EXPECT_EQ(faultOf(std::string(255, 'k')), "");
    for (const std::string& key : {std::string(), std::string(256, 'k'), std::string("a b"),
                                   std::string("\xC3\xA4"), std::string("a\tb")}) {
        EXPECT_EQ(faultOf(key),
                  "The header Idempotency-Key must be 1 to 255 visible ASCII characters without "
                  "spaces.")
            << key;
    }
    const auto command =
        readCommandRequest(postTo("esp32", "stop").withHeader("Idempotency-Key", "k-1"));
    ASSERT_TRUE(command.ok());
    EXPECT_EQ(command->idempotency_key, "k-1");
}

}  // namespace
}  // namespace hub::http_api
