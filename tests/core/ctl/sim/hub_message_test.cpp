#include "ctl/sim/hub_message.h"

#include <gtest/gtest.h>

#include <string>

namespace hub::ctl::sim {
namespace {

TEST(HubMessageReader, ReadsAcknowledgements) {
    HubMessageReader reader;
    const auto message = reader.read(R"({"message_type":"ack","msg_id":18446744073709551615})");
    ASSERT_TRUE(message);
    EXPECT_EQ(message->kind, HubMessage::Kind::Ack);
    EXPECT_EQ(message->number, 18446744073709551615U);
}

TEST(HubMessageReader, AnIdThatIsNoNumberIsNoNumber) {
    HubMessageReader reader;
    for (const char* id : {R"("7")", "-1", "1.5", "null", "{}"}) {
        const auto message =
            reader.read(R"({"message_type":"ack","msg_id":)" + std::string(id) + "}");
        ASSERT_TRUE(message) << id;
        EXPECT_FALSE(message->number) << id;
    }
}

TEST(HubMessageReader, ReadsCommands) {
    HubMessageReader reader;
    const auto message =
        reader.read(R"({"message_type":"command","command_id":"c-1","command_name":"move",)"
                    R"("payload":{"channel":3,"angle":-12.5,"more":[1,{"x":2}]}})");
    ASSERT_TRUE(message);
    EXPECT_EQ(message->kind, HubMessage::Kind::Command);
    EXPECT_EQ(message->command_id, "c-1");
    EXPECT_EQ(message->command_name, "move");
    EXPECT_EQ(message->channel, 3);
    EXPECT_EQ(message->angle, -12.5);
}

TEST(HubMessageReader, AbsentFieldsAreEmpty) {
    HubMessageReader reader;
    const auto message = reader.read(R"({"message_type":"command","payload":[]})");
    ASSERT_TRUE(message);
    EXPECT_EQ(message->command_id, "");
    EXPECT_EQ(message->command_name, "");
    EXPECT_FALSE(message->channel);
    EXPECT_FALSE(message->angle);
    EXPECT_FALSE(message->number);
}

TEST(HubMessageReader, ReadsErrors) {
    HubMessageReader reader;
    const auto message =
        reader.read(R"({"message_type":"error","error":"payload: \"x\" is no object"})");
    ASSERT_TRUE(message);
    EXPECT_EQ(message->kind, HubMessage::Kind::Error);
    EXPECT_EQ(message->error, R"(payload: "x" is no object)");
}

TEST(HubMessageReader, LeavesNewKindsAlone) {
    HubMessageReader reader;
    const auto message = reader.read(R"({"message_type":"firmware_offer"})");
    ASSERT_TRUE(message);
    EXPECT_EQ(message->kind, HubMessage::Kind::Other);
}

TEST(HubMessageReader, RefusesWhatIsNoDocument) {
    HubMessageReader reader;
    for (const char* text :
         {"", "hello", "{", "[]", "7", R"({"message_type":"ack")", "{}", R"({"message_type":7})",
          R"({"message_type":"ack"} x)", "{\"message_type\":\"ack\",\"x\":\"\xff\"}"}) {
        EXPECT_FALSE(reader.read(text)) << text;
    }
    EXPECT_FALSE(reader.read(std::string(5'000, '[')));
    EXPECT_TRUE(reader.read(R"({"message_type":"ack"})")) << "goes on after bad ones";
}

}  // namespace
}  // namespace hub::ctl::sim
