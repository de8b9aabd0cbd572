#include "websocket/frame.h"

#include "core/websocket/decoding.h"

#include <gtest/gtest.h>

#include <string>

namespace hub::websocket {
namespace {

std::string headerOf(std::size_t payload_bytes) {
    return std::string(FrameHeader(Opcode::Binary, payload_bytes).bytes());
}

TEST(FrameHeader, HasTheShortestLength) {
    EXPECT_EQ(headerOf(0), bytes({0x82, 0}));
    EXPECT_EQ(headerOf(125), bytes({0x82, 125}));
    EXPECT_EQ(headerOf(126), bytes({0x82, 126, 0, 126}));
    EXPECT_EQ(headerOf(0xFFFF), bytes({0x82, 126, 0xFF, 0xFF}));
    EXPECT_EQ(headerOf(0x10000), bytes({0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0}));
}

// The examples of RFC 6455, 5.7.
TEST(Frame, IsTheExampleOfTheStandard) {
    std::string unmasked;
    appendFrame(unmasked, Opcode::Text, "Hello");
    EXPECT_EQ(unmasked, bytes({0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f}));

    std::string masked;
    appendFrame(masked, Opcode::Text, "Hello", kKey);
    EXPECT_EQ(masked, bytes({0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58}));
}

TEST(Mask, IsTheSameForEveryLength) {
    for (std::size_t length = 0; length < 40; ++length) {
        std::string masked(length, 'x');
        applyMask(masked, kKey);
        for (std::size_t i = 0; i < length; ++i) {
            ASSERT_EQ(static_cast<unsigned char>(masked[i]), 'x' ^ kKey[i % 4]) << i;
        }
    }
}

TEST(CloseCode, MayBeSentWhenRegisteredOrPrivate) {
    for (const unsigned code : {1000, 1001, 1002, 1003, 1007, 1011, 1013, 1014, 3000, 4000, 4999}) {
        EXPECT_TRUE(isSendable(static_cast<CloseCode>(code))) << code;
    }
    for (const unsigned code : {0, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65535}) {
        EXPECT_FALSE(isSendable(static_cast<CloseCode>(code))) << code;
    }
}

TEST(ClosePayload, HoldsCodeAndReason) {
    EXPECT_EQ(closePayload(CloseCode::Normal, "bye"), bytes({0x03, 0xE8}) + "bye");
    EXPECT_EQ(closePayload(CloseCode::NoStatus, "bye"), "");
}

TEST(ClosePayload, CutsALongReasonBetweenCharacters) {
    EXPECT_EQ(closePayload(CloseCode::Normal, std::string(500, 'x')).size(), kMaxControlPayload);

    const std::string reason = std::string(122, 'x') + "\xC3\xA4";
    EXPECT_EQ(closePayload(CloseCode::Normal, reason).substr(2), std::string(122, 'x'));
}

}  // namespace
}  // namespace hub::websocket
