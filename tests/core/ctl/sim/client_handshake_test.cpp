#include "ctl/sim/client_handshake.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

namespace hub::ctl::sim {
namespace {

using testing::HasSubstr;

// The example of RFC 6455, 1.3.
constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view kAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

std::string accepting(const std::string& more = "") {
    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Accept: " +
           std::string(kAccept) + "\r\n" + more + "\r\n";
}

std::string refusal(const std::string& answer) {
    const auto read = readHandshakeAnswer(answer, kKey);
    return read ? "accepted" : read.error().message;
}

TEST(ClientHandshake, KeysAreSixteenRandomBytesInBase64) {
    std::mt19937 random(1);
    const std::string first = handshakeKey(random);
    EXPECT_EQ(first.size(), 24U);
    EXPECT_TRUE(first.ends_with("=="));
    EXPECT_NE(first, handshakeKey(random));
}

TEST(ClientHandshake, AsksAsTheFirmwaresDo) {
    const std::string request = handshakeRequest("127.0.0.1:8000", "sim-1", kKey);
    EXPECT_TRUE(request.starts_with("GET /ws/sim-1 HTTP/1.1\r\n"));
    EXPECT_TRUE(request.ends_with("\r\n\r\n"));
    for (const char* line :
         {"\r\nHost: 127.0.0.1:8000\r\n", "\r\nConnection: Upgrade\r\n",
          "\r\nUpgrade: websocket\r\n", "\r\nSec-WebSocket-Version: 13\r\n",
          "\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
          "\r\nSec-WebSocket-Protocol: arduino\r\n", "\r\nOrigin: file://\r\n"}) {
        EXPECT_THAT(request, HasSubstr(line));
    }
}

TEST(ClientHandshake, AcceptsAndTellsWhereTheHeadEnds) {
    const auto read = readHandshakeAnswer(accepting() + "\x81\x02hi", kKey);
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, accepting().size());
    EXPECT_TRUE(readHandshakeAnswer(accepting("Sec-WebSocket-Protocol: arduino\r\n"), kKey));
}

TEST(ClientHandshake, WaitsForTheWholeHead) {
    const std::string answer = accepting();
    for (std::size_t length = 0; length < answer.size(); ++length) {
        const auto read = readHandshakeAnswer(answer.substr(0, length), kKey);
        ASSERT_TRUE(read) << length;
        EXPECT_EQ(*read, 0U) << length;
    }
}

TEST(ClientHandshake, AnEndlessHeadIsRefused) {
    EXPECT_THAT(refusal(std::string(kMaxHandshakeAnswer, 'x')), HasSubstr("does not end"));
    EXPECT_THAT(refusal(accepting("X: " + std::string(kMaxHandshakeAnswer, 'x') + "\r\n")),
                HasSubstr("does not end"));
}

TEST(ClientHandshake, AnyOtherStatusIsRefusedByItsNumber) {
    EXPECT_THAT(refusal("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"),
                HasSubstr("400 Bad Request"));
    EXPECT_THAT(refusal("HTTP/1.1 200 OK\r\n\r\n"), HasSubstr("200"));
}

TEST(ClientHandshake, WhatIsNotHttpIsRefused) {
    EXPECT_THAT(refusal("SSH-2.0-OpenSSH\r\n\r\n"), HasSubstr("not HTTP"));
    EXPECT_NE(refusal("\r\n\r\n"), "accepted");
}

TEST(ClientHandshake, TheKeyMustHaveBeenRead) {
    std::string answer = accepting();
    answer.replace(answer.find(kAccept), 1, "S");
    EXPECT_THAT(refusal(answer), HasSubstr("Sec-WebSocket-Accept"));
    EXPECT_THAT(refusal("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                        "Connection: Upgrade\r\n\r\n"),
                HasSubstr("Sec-WebSocket-Accept"));
}

TEST(ClientHandshake, WhatWasNotOfferedIsRefused) {
    EXPECT_THAT(refusal(accepting("Sec-WebSocket-Extensions: permessage-deflate\r\n")),
                HasSubstr("not offered"));
    EXPECT_THAT(refusal(accepting("Sec-WebSocket-Protocol: chat\r\n")), HasSubstr("not offered"));
}

TEST(ClientHandshake, AnUpgradeToSomethingElseIsRefused) {
    std::string answer = accepting();
    answer.replace(answer.find("websocket"), 9, "h2c");
    EXPECT_THAT(refusal(answer), HasSubstr("other than a WebSocket"));
}

}  // namespace
}  // namespace hub::ctl::sim
