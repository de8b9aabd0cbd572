#include "hub/device_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace hub {
namespace {

class DeviceMessageDecoderTest : public testing::Test {
protected:
    const DeviceMessage& accept(std::string_view text, std::string_view topic_name = {}) {
        EXPECT_TRUE(decoder_.decode(text, topic_name)) << text << ": " << decoder_.error().message;
        return decoder_.message();
    }

    // The error sentence.
    std::string refuse(std::string_view text, std::string_view topic_name = {}) {
        EXPECT_FALSE(decoder_.decode(text, topic_name)) << text;
        return decoder_.error().message;
    }

    // A document that has `value` somewhere.
    std::string refuseValue(const std::string& value) {
        return refuse(R"({"message_type":"note","x":)" + value + "}");
    }
    void acceptValue(const std::string& value) {
        accept(R"({"message_type":"note","x":)" + value + "}");
    }

    DeviceMessageDecoder decoder_;
};

std::string nested(int depth) {
    const auto count = static_cast<std::size_t>(depth);
    return std::string(count, '[') + std::string(count, ']');
}

using Cases = std::vector<std::pair<std::string, std::string>>;

// What a message says.

TEST_F(DeviceMessageDecoderTest, ReadsARegistration) {
    const auto& message = accept(
        R"({"message_type":"registration","device_type":"esp32","metadata": { "tags": ["a"] } })");
    EXPECT_EQ(message.type, MessageType::Registration);
    EXPECT_EQ(message.name, "registration");
    EXPECT_EQ(message.device_type, "esp32");
    EXPECT_EQ(message.metadata, R"({ "tags": ["a"] })");
    EXPECT_EQ(message.message_id, "");
    EXPECT_TRUE(message.readings.empty());
}

TEST_F(DeviceMessageDecoderTest, ReadsTheTagsOfTheMetadata) {
    const auto& message = accept(R"({"message_type":"registration","device_type":"esp32",
        "metadata":{"a":{"tags":["no"]},"tags":["hall", "caf\u00e9" ],"tags":["late"]},"x":1})");
    EXPECT_THAT(message.tags, testing::ElementsAre("hall", "caf\u00e9"));
    EXPECT_EQ(message.metadata,
              R"({"a":{"tags":["no"]},"tags":["hall", "caf\u00e9" ],"tags":["late"]})");
    EXPECT_THAT(accept(R"({"message_type":"heartbeat"})").tags, testing::IsEmpty());
}

TEST_F(DeviceMessageDecoderTest, OfAnUnknownMessageTheMetadataIsNotJudged) {
    const auto& message =
        accept(R"({"message_type":"note","metadata":{"tags":[1,{"a":["b"]},[[]]]},"x":[2]})");
    EXPECT_EQ(message.metadata, R"({"tags":[1,{"a":["b"]},[[]]]})");
    EXPECT_THAT(message.tags, testing::IsEmpty());
}

TEST_F(DeviceMessageDecoderTest, ReadsAHeartbeat) {
    const auto& message = accept(R"({"message_type":"heartbeat","msg_id":17})");
    EXPECT_EQ(message.type, MessageType::Heartbeat);
    EXPECT_EQ(message.message_id, "17");
    EXPECT_EQ(message.device_type, "");
    EXPECT_EQ(message.metadata, "");
}

TEST_F(DeviceMessageDecoderTest, ReadsAStatusWithItsPayloadAsWritten) {
    const auto& message =
        accept(R"({"payload" : {"t":1.50, "s":"\u00e9}"}  ,"message_type":"status"})");
    EXPECT_EQ(message.type, MessageType::Status);
    ASSERT_EQ(message.readings.size(), 1U);
    EXPECT_EQ(message.readings[0].payload, R"({"t":1.50, "s":"\u00e9}"})");
    EXPECT_EQ(message.readings[0].device_time, std::nullopt);
}

TEST_F(DeviceMessageDecoderTest, ReadsReadingsInTheirOrder) {
    const auto& message = accept(R"({"message_type":"status","readings":[
        {"payload":{"t":1},"ts":"2026-11-23T18:40:03.5+02:00"},
        {"ts":1795452003500,"more":[1],"payload": {} },
        {"payload":{"t":3}}]})");
    ASSERT_EQ(message.readings.size(), 3U);
    const Timestamp time{std::chrono::milliseconds{1'795'452'003'500}};
    EXPECT_EQ(message.readings[0].payload, R"({"t":1})");
    EXPECT_EQ(message.readings[0].device_time, time);
    EXPECT_EQ(message.readings[1].payload, "{}");
    EXPECT_EQ(message.readings[1].device_time, time);
    EXPECT_EQ(message.readings[2].device_time, std::nullopt);
}

TEST_F(DeviceMessageDecoderTest, APayloadBesideReadingsIsTheNewest) {
    const auto& message = accept(
        R"({"message_type":"status","payload":{"t":2},"readings":[{"payload":{"t":1},"ts":0}]})");
    ASSERT_EQ(message.readings.size(), 2U);
    EXPECT_EQ(message.readings[0].payload, R"({"t":1})");
    EXPECT_EQ(message.readings[1].payload, R"({"t":2})");
}

TEST_F(DeviceMessageDecoderTest, APayloadMayHaveATimeToo) {
    const auto& message =
        accept(R"({"message_type":"status","ts":"2026-11-23T16:40:03.5Z","payload":{"t":2}})");
    ASSERT_EQ(message.readings.size(), 1U);
    EXPECT_EQ(message.readings[0].device_time,
              Timestamp{std::chrono::milliseconds{1'795'452'003'500}});
    EXPECT_EQ(refuse(R"({"message_type":"status","ts":"nope","payload":{"t":2}})"),
              R"("ts" must be an ISO 8601 time or an integer of milliseconds since 1970)");
}

TEST_F(DeviceMessageDecoderTest, ReadsHowACommandEnded) {
    const auto& message = accept(R"({"message_type":"command_ack","command_id":"c-1"})");
    EXPECT_EQ(message.type, MessageType::CommandAck);
    EXPECT_EQ(message.command_id, "c-1");
    EXPECT_TRUE(message.command_succeeded);
    EXPECT_TRUE(accept(R"({"message_type":"command_ack","command_id":"c","status":"success"})")
                    .command_succeeded);
    EXPECT_FALSE(accept(R"({"message_type":"command_ack","command_id":"c","status":"error"})")
                     .command_succeeded);
}

TEST_F(DeviceMessageDecoderTest, ReadsWhatADeviceSaysToACommand) {
    const auto response = [this](const std::string& rest) {
        return std::string(accept(R"({"message_type":"command_ack","command_id":"c")" + rest + "}")
                               .command_response);
    };
    EXPECT_EQ(response(""), "");
    EXPECT_EQ(response(R"(,"message":"do\"ne")"), R"("do\"ne")");
    EXPECT_EQ(response(R"(,"message":"done","payload":{"took": 5})"), R"({"took": 5})");
    EXPECT_EQ(accept(R"({"message_type":"heartbeat","payload":{}})").command_response, "");
}

TEST_F(DeviceMessageDecoderTest, KeepsAMessageBesideThePayloadAsTheReason) {
    const auto reason = [this](const std::string& rest) {
        return std::string(accept(R"({"message_type":"command_ack","command_id":"c")" + rest + "}")
                               .command_reason);
    };
    EXPECT_EQ(reason(R"(,"message":"st\"uck","payload":{})"), R"(st"uck)");
    EXPECT_EQ(reason(R"(,"message":7,"payload":{})"), "7");
    EXPECT_EQ(reason(R"(,"message":"done")"), "") << "it is the response";
    EXPECT_EQ(reason(R"(,"payload":{})"), "");
}

TEST_F(DeviceMessageDecoderTest, ReadsAnAlert) {
    const auto& message = accept(
        R"({"message_type":"alert","alert_type":"collision","message":"hit","extra":[1,2]})");
    EXPECT_EQ(message.type, MessageType::Alert);
    EXPECT_EQ(message.name, "alert");
}

TEST_F(DeviceMessageDecoderTest, KeepsWhatItDoesNotKnow) {
    const auto& message = accept(
        R"( {"message_type":"door","payload":5,"readings":{},"status":1,"metadata":{"a":1}} )");
    EXPECT_EQ(message.type, MessageType::Other);
    EXPECT_EQ(message.name, "door");
    EXPECT_EQ(message.metadata, R"({"a":1})");
    EXPECT_TRUE(message.readings.empty());
    EXPECT_EQ(message.document,
              R"({"message_type":"door","payload":5,"readings":{},"status":1,"metadata":{"a":1}})");
    EXPECT_EQ(accept(R"({"message_type":"door","metadata":"none"})").metadata, "");
}

TEST_F(DeviceMessageDecoderTest, UnescapesNamesAndWords) {
    const auto& message = accept(R"({"message\u005ftype":"d\u006For","device_type":"caf\u00e9"})");
    EXPECT_EQ(message.name, "door");
    EXPECT_EQ(message.device_type, "café");
}

TEST_F(DeviceMessageDecoderTest, AMessageIdComesBackAsItWasWritten) {
    EXPECT_EQ(accept(R"({"message_type":"x","msg_id":"a\u0062\"" })").message_id, R"("a\u0062\"")");
    EXPECT_EQ(accept(R"({"message_type":"x","msg_id": -5 })").message_id, "-5");
    EXPECT_EQ(accept(R"({"message_type":"x","msg_id":""})").message_id, R"("")");
    EXPECT_EQ(accept(R"({"message_type":"x","msg_id":123456789012345678901234567890})").message_id,
              "123456789012345678901234567890");
}

TEST_F(DeviceMessageDecoderTest, OfARepeatedFieldTheFirstCounts) {
    const auto& message = accept(R"({"message_type":"status","message_type":5,"msg_id":1,"msg_id":2,
        "payload":{"t":1},"payload":[],"device_type":"a","device_type":null})");
    EXPECT_EQ(message.type, MessageType::Status);
    EXPECT_EQ(message.message_id, "1");
    EXPECT_EQ(message.device_type, "a");
    ASSERT_EQ(message.readings.size(), 1U);
    EXPECT_EQ(message.readings[0].payload, R"({"t":1})");
    const auto& batch = accept(R"({"message_type":"status","readings":[{"payload":{"t":1},
        "payload":2,"ts":0,"ts":"x"}],"readings":[{"payload":{}},{"payload":{}}]})");
    ASSERT_EQ(batch.readings.size(), 1U);
    EXPECT_EQ(batch.readings[0].payload, R"({"t":1})");
}

TEST_F(DeviceMessageDecoderTest, AFieldThatIsNullCountsAsAbsent) {
    const auto& ack = accept(R"({"message_type":"command_ack","command_id":"c","device_type":null,
        "status":null,"payload":null,"message":null,"metadata":null,"msg_id":null})");
    EXPECT_TRUE(ack.command_succeeded);
    EXPECT_EQ(ack.command_response, "");
    EXPECT_EQ(ack.command_reason, "");
    EXPECT_EQ(ack.metadata, "");
    EXPECT_EQ(ack.message_id, "");
    EXPECT_EQ(ack.device_type, "");
    EXPECT_EQ(accept(R"({"message_type":"command_ack","command_id":"c","payload":null,
                         "message":"stuck"})")
                  .command_response,
              R"("stuck")");
    EXPECT_EQ(accept(R"({"message_type":"command_ack","command_id":"c","payload":{},
                         "message":null})")
                  .command_reason,
              "");

    const auto& status = accept(R"({"message_type":"status","payload":{},"ts":null,
        "readings":[{"payload":{"t":1},"ts":null}]})");
    ASSERT_EQ(status.readings.size(), 2U);
    EXPECT_EQ(status.readings[0].device_time, std::nullopt);
    EXPECT_EQ(status.readings[1].device_time, std::nullopt);
    EXPECT_EQ(accept(R"({"message_type":"status","payload":{},"readings":null})").readings.size(),
              1U);
    EXPECT_THAT(accept(R"({"message_type":"heartbeat","metadata":{"tags":null}})").tags,
                testing::IsEmpty());
    accept(R"({"message_type":"alert","alert_type":null,"message":null})");
}

TEST_F(DeviceMessageDecoderTest, OfARepeatedFieldTheFirstThatIsNotNullCounts) {
    const auto& message = accept(R"({"message_type":null,"message_type":"status","msg_id":null,
        "msg_id":1,"msg_id":2,"payload":null,"payload":{"t":1},"readings":null,
        "readings":[{"payload":null,"payload":{"t":0},"ts":null,"ts":5}],
        "metadata":null,"metadata":{"tags":null,"tags":["a"]}})");
    EXPECT_EQ(message.message_id, "1");
    ASSERT_EQ(message.readings.size(), 2U);
    EXPECT_EQ(message.readings[0].payload, R"({"t":0})");
    EXPECT_EQ(message.readings[0].device_time, Timestamp{std::chrono::milliseconds{5}});
    EXPECT_EQ(message.readings[1].payload, R"({"t":1})");
    EXPECT_THAT(message.tags, testing::ElementsAre("a"));
}

TEST_F(DeviceMessageDecoderTest, ATopicSaysTheMessageTypeInstead) {
    std::string topic = "status";
    const auto& message = accept(R"({"message_type":7,"payload":{}})", topic);
    topic = "gone..";
    EXPECT_EQ(message.type, MessageType::Status);
    EXPECT_EQ(message.name, "status");
    EXPECT_EQ(accept("{}", "heartbeat").type, MessageType::Heartbeat);
    EXPECT_EQ(accept("{}", "door").name, "door");
}

TEST_F(DeviceMessageDecoderTest, ForgetsTheMessageBefore) {
    accept(R"({"message_type":"command_ack","device_type":"a","command_id":"c","status":"error",
               "msg_id":1,"metadata":{}})");
    const auto& message = accept(R"({"message_type":"heartbeat"})");
    EXPECT_EQ(message.device_type, "");
    EXPECT_EQ(message.command_id, "");
    EXPECT_EQ(message.message_id, "");
    EXPECT_EQ(message.metadata, "");
    EXPECT_TRUE(message.command_succeeded);
    refuse("[]");
    EXPECT_EQ(decoder_.error().message_id, "");
    accept(R"({"message_type":"heartbeat"})");
    EXPECT_EQ(decoder_.error().message, "");
}

// Rules of the fields.

TEST_F(DeviceMessageDecoderTest, ExplainsWhichRuleWasBroken) {
    const Cases cases{
        {R"({})", R"(a message needs "message_type")"},
        {R"({"message_type":null})", R"(a message needs "message_type")"},
        {R"({"message_type":7})", R"("message_type" must be a string of 1 to 64 bytes)"},
        {R"({"message_type":""})", R"("message_type" must be a string of 1 to 64 bytes)"},
        {R"({"message_type":"a/b"})", R"("message_type" must not contain "/", "+" or "#")"},
        {R"({"message_type":"a+"})", R"("message_type" must not contain "/", "+" or "#")"},
        {R"({"message_type":"#"})", R"("message_type" must not contain "/", "+" or "#")"},
        {R"({"message_type":"a\u0000"})", R"("message_type" must not contain control characters)"},
        {R"({"message_type":"a\u007f"})", R"("message_type" must not contain control characters)"},
        {R"({"message_type":"a\u009b"})", R"("message_type" must not contain control characters)"},
        {R"({"message_type":"x","device_type":""})",
         R"("device_type" must be a string of 1 to 64 bytes)"},
        {R"({"message_type":"x","device_type":"\n"})",
         R"("device_type" must not contain control characters)"},
        {R"({"message_type":"x","msg_id":1.5})",
         R"("msg_id" must be a string of at most 128 bytes or an integer)"},
        {R"({"message_type":"x","msg_id":1e3})",
         R"("msg_id" must be a string of at most 128 bytes or an integer)"},
        {R"({"message_type":"x","msg_id":{}})",
         R"("msg_id" must be a string of at most 128 bytes or an integer)"},
        {R"({"message_type":"registration"})", R"(a registration needs "device_type")"},
        {R"({"message_type":"registration","device_type":null})",
         R"(a registration needs "device_type")"},
        {R"({"message_type":"registration","device_type":"a","metadata":[]})",
         R"("metadata" must be a JSON object)"},
        {R"({"message_type":"heartbeat","metadata":{"tags":"a,b"}})",
         R"("metadata.tags" must be a list of at most 64 words)"},
        {R"({"message_type":"heartbeat","metadata":{"tags":["a",7]}})",
         R"("metadata.tags[1]" must be a string of 1 to 64 bytes)"},
        {R"({"message_type":"heartbeat","metadata":{"tags":[["a"]]}})",
         R"("metadata.tags[0]" must be a string of 1 to 64 bytes)"},
        {R"({"message_type":"heartbeat","metadata":{"tags":[""]}})",
         R"("metadata.tags[0]" must be a string of 1 to 64 bytes)"},
        {R"({"message_type":"heartbeat","metadata":{"tags":[null]}})",
         R"("metadata.tags[0]" must be a string of 1 to 64 bytes)"},
        {R"({"message_type":"heartbeat","metadata":{"tags":["a\t"]}})",
         R"("metadata.tags[0]" must not contain control characters)"},
        {R"({"message_type":"heartbeat","metadata":{"tags":["a","b","c,d"]}})",
         R"("metadata.tags[2]" must not contain a comma)"},
        {R"({"message_type":"status"})", R"(a status needs "payload" or "readings")"},
        {R"({"message_type":"status","payload":null,"readings":null})",
         R"(a status needs "payload" or "readings")"},
        {R"({"message_type":"status","payload":"{}"})", R"("payload" must be a JSON object)"},
        {R"({"message_type":"status","readings":[]})",
         R"("readings" must be a list of 1 to 1000 objects)"},
        {R"({"message_type":"status","readings":{}})",
         R"("readings" must be a list of 1 to 1000 objects)"},
        {R"({"message_type":"status","readings":[{"payload":{}},7]})",
         R"("readings[1]" must be a JSON object)"},
        {R"({"message_type":"status","readings":[null]})",
         R"("readings[0]" must be a JSON object)"},
        {R"({"message_type":"status","readings":[{"payload":null}]})",
         R"("readings[0].payload" must be a JSON object)"},
        {R"({"message_type":"status","readings":[{"ts":1}]})",
         R"("readings[0].payload" must be a JSON object)"},
        {R"({"message_type":"status","readings":[{"payload":[]}]})",
         R"("readings[0].payload" must be a JSON object)"},
        {R"({"message_type":"command_ack"})", R"(a command_ack needs "command_id")"},
        {R"({"message_type":"command_ack","command_id":null})",
         R"(a command_ack needs "command_id")"},
        {R"({"message_type":"command_ack","command_id":5})",
         R"("command_id" must be a string that is not empty)"},
        {R"({"message_type":"command_ack","command_id":""})",
         R"("command_id" must be a string that is not empty)"},
        {R"({"message_type":"command_ack","command_id":"c","status":"done"})",
         R"("status" must be "success" or "error")"},
        {R"({"message_type":"command_ack","command_id":"c","status":true})",
         R"("status" must be "success" or "error")"},
        {R"({"message_type":"alert","alert_type":1})", R"("alert_type" must be a string)"},
        {R"({"message_type":"alert","message":{}})", R"("message" must be a string)"},
    };
    for (const auto& [text, sentence] : cases) EXPECT_EQ(refuse(text), sentence) << text;
}

TEST_F(DeviceMessageDecoderTest, KeepsTheHubsOwnWordsForTheHub) {
    for (const std::string word :
         {"command", "connected", "connection", "disconnected", "forgotten", "lagged"}) {
        EXPECT_EQ(refuse(R"({"message_type":")" + word + R"(","msg_id":1})"),
                  R"("message_type" must not be ")" + word + R"(", which is the hub's own word)");
        EXPECT_EQ(decoder_.error().message_id, "1");
        EXPECT_EQ(refuse("{}", word), R"(the last level of the topic must not be ")" + word +
                                          R"(", which is the hub's own word)");
    }
    EXPECT_EQ(refuse(R"({"message_type":"\u0063ommand"})"),
              R"("message_type" must not be "command", which is the hub's own word)");
    EXPECT_EQ(accept(R"({"message_type":"commands"})").name, "commands");
    EXPECT_EQ(accept(R"({"message_type":"Command"})").name, "Command");
    EXPECT_EQ(accept(R"({"message_type":"command"})", "door").name, "door");
}

TEST_F(DeviceMessageDecoderTest, RefusesATimeThatIsNone) {
    const std::string sentence =
        R"("readings[0].ts" must be an ISO 8601 time or an integer of milliseconds since 1970)";
    for (const char* time : {"{}", "[1]", "true", "1.5", "1e12", "-1", R"("")", R"("yesterday")",
                             R"("2026-02-30")", "99999999999999999999"}) {
        EXPECT_EQ(refuse(R"({"message_type":"status","readings":[{"payload":{},"ts":)" +
                         std::string{time} + "}]}"),
                  sentence)
            << time;
    }
}

TEST_F(DeviceMessageDecoderTest, LimitsWordsAndMessageIds) {
    const auto named = [](const std::string& field, std::size_t length) {
        return R"({"message_type":"x",")" + field + "\":\"" + std::string(length, 'y') + "\"}";
    };
    accept(R"({"message_type":")" + std::string(64, 'y') + "\"}");
    refuse(R"({"message_type":")" + std::string(65, 'y') + "\"}");
    accept(named("device_type", 64));
    refuse(named("device_type", 65));
    accept(named("msg_id", 128));
    refuse(named("msg_id", 129));
    accept(R"({"message_type":"x","msg_id":)" + std::string(128, '1') + "}");
    refuse(R"({"message_type":"x","msg_id":)" + std::string(129, '1') + "}");
}

TEST_F(DeviceMessageDecoderTest, LimitsTagsAndTheMetadata) {
    const auto with = [](const std::string& metadata) {
        return R"({"message_type":"heartbeat","metadata":)" + metadata + "}";
    };
    const auto tagged = [&](std::size_t count, const std::string& tag) {
        std::string list = '"' + tag + '"';
        while (--count > 0) list += ",\"" + tag + '"';
        return with(R"({"tags":[)" + list + "]}");
    };
    EXPECT_EQ(accept(tagged(64, std::string(64, 't'))).tags.size(), 64U);
    EXPECT_EQ(refuse(tagged(65, "t")), R"("metadata.tags" must be a list of at most 64 words)");
    EXPECT_EQ(refuse(tagged(4000, "t")), R"("metadata.tags" must be a list of at most 64 words)");
    EXPECT_EQ(refuse(tagged(1, std::string(65, 't'))),
              R"("metadata.tags[0]" must be a string of 1 to 64 bytes)");

    const auto sized = [&](std::size_t bytes) {
        return with(R"({"a":")" + std::string(bytes - 8, 'x') + "\"}");
    };
    EXPECT_EQ(accept(sized(16 * 1024)).metadata.size(), 16U * 1024);
    EXPECT_EQ(refuse(sized(16 * 1024 + 1)), R"("metadata" must have at most 16384 bytes)");
}

TEST_F(DeviceMessageDecoderTest, LimitsReadings) {
    const auto batch = [](std::size_t count) {
        std::string text = R"({"message_type":"status","readings":[{"payload":{}})";
        for (std::size_t i = 1; i < count; ++i) text += R"(,{"payload":{}})";
        return text + "]}";
    };
    EXPECT_EQ(accept(batch(DeviceMessageDecoder::kMaxReadings)).readings.size(), 1000U);
    EXPECT_EQ(refuse(batch(DeviceMessageDecoder::kMaxReadings + 1)),
              R"("readings" must be a list of 1 to 1000 objects)");
    EXPECT_EQ(refuse(batch(DeviceMessageDecoder::kMaxReadings + 2)),
              R"("readings" must be a list of 1 to 1000 objects)");
}

TEST_F(DeviceMessageDecoderTest, JudgesTheTopicsWordLikeTheDocuments) {
    EXPECT_EQ(refuse("{}", "a+b"),
              R"(the last level of the topic must not contain "/", "+" or "#")");
    EXPECT_EQ(refuse("{}", "\x01"),
              "the last level of the topic must not contain control characters");
    EXPECT_EQ(refuse("{}", "\xFF"), "the last level of the topic must be valid UTF-8");
    EXPECT_EQ(refuse("{}", std::string(65, 'x')),
              "the last level of the topic must be a string of 1 to 64 bytes");
}

TEST_F(DeviceMessageDecoderTest, AnErrorCarriesTheMessageId) {
    refuse(R"({"msg_id":"m-1","message_type":7})");
    EXPECT_EQ(decoder_.error().message_id, R"("m-1")");
    refuse(R"({"message_type":7,"payload":{},"msg_id":2})");
    EXPECT_EQ(decoder_.error().message_id, "2");
    refuse(R"({"message_type":"status","readings":[5],"msg_id":3})");
    EXPECT_EQ(decoder_.error().message_id, "3");
    refuse(R"({"msg_id":4,"message_type":"status","payload":{"t":NaN}})");
    EXPECT_EQ(decoder_.error().message_id, "4");
    refuse(R"({"message_type":"status","payload":{"t":NaN},"msg_id":5})");
    EXPECT_EQ(decoder_.error().message_id, "");
    refuse(R"({"msg_id":[6],"message_type":7})");
    EXPECT_EQ(decoder_.error().message_id, "");
}

// Rules of JSON (RFC 8259).

TEST_F(DeviceMessageDecoderTest, RefusesWhatIsNoObject) {
    for (const char* text : {"[]", "7", "null", R"("status")", R"([{"message_type":"x"}])"}) {
        EXPECT_EQ(refuse(text), "a message must be a JSON object") << text;
    }
}

TEST_F(DeviceMessageDecoderTest, SaysWhatIsNotJson) {
    const Cases cases{
        {"", "not JSON: the message is empty"},
        {" \n ", "not JSON: the message is empty"},
        {"hello", "not JSON: something unexpected at byte 0"},
        {"\xEF\xBB\xBF{}", "not JSON: something unexpected at byte 0"},
        {"{\"message_type\":\"\xFF\"}", "not JSON: it is not valid UTF-8"},
        {R"({"message_type":"x)", "not JSON: a string is not closed"},
        {"{\"message_type\":\"a\nb\"}", "not JSON: a control character in a string is not escaped"},
        {R"({"message_type":"x")", "not JSON: an object or a list is not closed"},
        {R"({"message_type":"x"}})", "not JSON: something behind the end of the object at byte 20"},
        {R"({"message_type":"x"} {})",
         "not JSON: something behind the end of the object at byte 21"},
        {R"(  {"message_type":"x",})", "not JSON: something unexpected at byte 22"},
        {R"({"message_type":"x" "a":1})", "not JSON: something unexpected at byte 20"},
        {R"({"message_type" "x"})", "not JSON: something unexpected at byte 16"},
        {R"({message_type:"x"})", "not JSON: something unexpected at byte 1"},
        {R"({"a":"\x"})", "not JSON: a string with a bad escape at byte 5"},
        {R"({"a\x":1})", "not JSON: a string with a bad escape at byte 1"},
        {R"({"msg_id":"\ud800"})", "not JSON: a string with a bad escape at byte 10"},
        {R"({"a":1.2.3})", "not JSON: a number that is malformed or too large at byte 5"},
        {R"({"a":1e999})", "not JSON: a number that is malformed or too large at byte 5"},
        {R"({"a":[1,18446744073709551616e400 ,1]})",
         "not JSON: a number that is malformed or too large at byte 8"},
        {R"({"a":tru})", "not JSON: something unexpected at byte 5"},
        {R"({"a":[nul]})", "not JSON: something unexpected at byte 6"},
        {R"({"a":NaN})", "not JSON: NaN or infinity (send null instead) at byte 5"},
        {R"({"a":[1,-Infinity]})", "not JSON: NaN or infinity (send null instead) at byte 8"},
    };
    for (const auto& [text, sentence] : cases) EXPECT_EQ(refuse(text), sentence) << text;
}

TEST_F(DeviceMessageDecoderTest, LooksIntoEveryCorner) {
    for (const char* value : {"",
                              "01",
                              "-",
                              "+1",
                              ".5",
                              "1.",
                              "1e",
                              "1e+",
                              "0x1",
                              "1_000",
                              "--1",
                              "1.2.3",
                              "-1e999",
                              "1e9999999999999999999",
                              "1e-9999999999999999999",
                              "2E+0000000000000000001",
                              "1 2",
                              "truex",
                              "True",
                              "falsy",
                              "nulll",
                              "none",
                              "'a'",
                              "[1,]",
                              "[,1]",
                              "[1 2]",
                              "[",
                              "]",
                              "[}",
                              "{]",
                              "{,}",
                              R"({"a"})",
                              R"({"a":})",
                              R"({"a":1,})",
                              R"({1:2})",
                              R"({"a":1 "b":2})",
                              R"("\u12g4")",
                              R"("\udc00")",
                              R"("\ud800\u0041")",
                              R"("a" "b")",
                              R"("a"b)",
                              R"("a""b")",
                              R"("a"1)",
                              R"([{"b":[{"c":tru}]}])",
                              "[1}",
                              "/**/1",
                              "undefined",
                              "\"\\\"",
                              "\x00"}) {
        refuseValue(value);
    }
}

TEST_F(DeviceMessageDecoderTest, AcceptsEveryKindOfValue) {
    for (const char* value : {"0",
                              "-0",
                              "1.5",
                              "-1.5E+10",
                              "1e-400",
                              "1e-000000000000000005",
                              "18446744073709551616",
                              "-99999999999999999999999999",
                              "1e308",
                              "true",
                              "false",
                              "null",
                              "[]",
                              "{}",
                              "[ ]",
                              "{ }",
                              "[1,[2,[3]],{}]",
                              R"("")",
                              R"("\"\\\/\b\f\n\r\t\u0000\ud83d\ude00")",
                              R"({"":""})",
                              "\"\x7F\"",
                              "\"😀\"",
                              R"({"a":1,"a":2})",
                              "[\t1\r\n, 2 ]"}) {
        acceptValue(value);
    }
}

TEST_F(DeviceMessageDecoderTest, LimitsTheDepth) {
    constexpr int kMaxDepth = DeviceMessageDecoder::kMaxDepth;
    acceptValue(nested(kMaxDepth - 1));
    EXPECT_EQ(refuseValue(nested(kMaxDepth)), "nested deeper than 32 levels");
    EXPECT_EQ(refuseValue(nested(10'000)), "nested deeper than 32 levels");
    EXPECT_EQ(refuseValue(std::string(10'000, '[')), "nested deeper than 32 levels");

    const auto batch = [](int depth) {
        return R"({"message_type":"status","readings":[{"payload":{"x":)" + nested(depth) + "}}]}";
    };
    accept(batch(kMaxDepth - 4));
    EXPECT_EQ(refuse(batch(kMaxDepth - 3)), "nested deeper than 32 levels");
}

// Memory.

TEST_F(DeviceMessageDecoderTest, AnEarlierDocumentDoesNotCompleteATruncatedOne) {
    const std::string whole = R"({"message_type":"note","x":{"y":[1,{"z":2}]},"msg_id":1})";
    for (std::size_t length = 0; length < whole.size(); ++length) {
        accept(whole);
        refuse(std::string_view{whole}.substr(0, length));
    }
}

TEST_F(DeviceMessageDecoderTest, AHugeDocumentDoesNotSpoilWhatFollows) {
    const std::string huge =
        R"({"message_type":"note","x":")" + std::string(1'000'000, 'y') + "\"}";
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(accept(huge).document.size(), huge.size());
        EXPECT_EQ(accept(R"({"message_type":"heartbeat","msg_id":"m"})").message_id, R"("m")");
    }
}

TEST_F(DeviceMessageDecoderTest, ReadsTextThatEndsAtTheEndOfItsMemory) {
    const std::string_view text = R"({"message_type":"heartbeat"})";
    const std::vector<char> exact(text.begin(), text.end());
    accept({exact.data(), exact.size()});
}

// The firmwares in the field.

TEST_F(DeviceMessageDecoderTest, AcceptsEveryKnownFirmware) {
    struct Golden {
        const char* file;
        MessageType type;
        const char* device_type;
        std::size_t readings;
    };
    constexpr std::array kGolden{
        Golden{"wheelcontroller-registration", MessageType::Registration, "esp32", 0},
        Golden{"wheelcontroller-collision", MessageType::Alert, "", 0},
        Golden{"wheelcontroller-obstacle", MessageType::Alert, "", 0},
        Golden{"wheelcontroller-warning", MessageType::Alert, "", 0},
        Golden{"servoscontroller-registration", MessageType::Registration, "esp32s3", 0},
        Golden{"servoscontroller-heartbeat", MessageType::Heartbeat, "esp32s3", 0},
        Golden{"servoscontroller-command_ack", MessageType::CommandAck, "esp32s3", 0},
        Golden{"servoscontroller-command_ack-error", MessageType::CommandAck, "esp32s3", 0},
        Golden{"servoscontroller-command_ack-bare", MessageType::CommandAck, "", 0},
        Golden{"camcontroller-registration", MessageType::Registration, "esp32s3cam", 0},
        Golden{"camcontroller-heartbeat", MessageType::Heartbeat, "esp32s3cam", 0},
        Golden{"weather-1-registration", MessageType::Registration, "sensor", 0},
        Golden{"weather-1-status", MessageType::Status, "sensor", 1},
        Golden{"weather-1-readings", MessageType::Status, "", 3},
    };
    const std::filesystem::path folder{HUB_GOLDEN_MESSAGES};
    for (const Golden& golden : kGolden) {
        std::ifstream file{folder / (std::string{golden.file} + ".json"), std::ios::binary};
        const std::string text{std::istreambuf_iterator<char>{file}, {}};
        const auto& message = accept(text);
        EXPECT_EQ(message.type, golden.type) << golden.file;
        EXPECT_EQ(message.device_type, golden.device_type) << golden.file;
        EXPECT_EQ(message.readings.size(), golden.readings) << golden.file;
    }
    const auto files = std::distance(std::filesystem::directory_iterator{folder}, {});
    EXPECT_EQ(static_cast<std::size_t>(files), kGolden.size());
}

}  // namespace
}  // namespace hub
