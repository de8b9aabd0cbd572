#include "websocket/handshake.h"

#include "fakes/fake_http_request.h"

#include <gtest/gtest.h>

#include <string>
#include <variant>

namespace hub::websocket {
namespace {

using fakes::FakeHttpRequest;

FakeHttpRequest validRequest(std::string method = "GET") {
    FakeHttpRequest request("/ws/lamp-1", std::move(method));
    request.withHeader("Upgrade", "websocket")
        .withHeader("Connection", "Upgrade")
        .withHeader("Sec-WebSocket-Version", "13")
        .withHeader("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
    return request;
}

std::string headFor(const HttpRequest& request) {
    const auto answer = answerHandshake(request);
    const auto* const head = std::get_if<std::string>(&answer);
    return head == nullptr ? "refused: " + std::get<HttpResponse>(answer).body : *head;
}

HttpResponse refusalOf(const HttpRequest& request) {
    const auto answer = answerHandshake(request);
    const auto* const refusal = std::get_if<HttpResponse>(&answer);
    return refusal == nullptr ? HttpResponse{101, {}, {}, {}} : *refusal;
}

std::string headerOf(const HttpResponse& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
        if (key == name) return value;
    }
    return {};
}

// The example of RFC 6455, 1.3.
TEST(Handshake, ComputesTheKeyOfTheStandard) {
    EXPECT_EQ(acceptKey("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(Handshake, AcceptsWithExactlyTheseWords) {
    EXPECT_EQ(headFor(validRequest()),
              "HTTP/1.1 101 Switching Protocols\r\n"
              "Upgrade: websocket\r\n"
              "Connection: Upgrade\r\n"
              "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
              "\r\n");
}

TEST(Handshake, FindsTokensInListsAndInAnyCase) {
    auto request = validRequest();
    request.withHeader("Upgrade", "h2c, WebSocket").withHeader("Connection", "keep-alive ,UPGRADE");
    EXPECT_TRUE(headFor(request).starts_with("HTTP/1.1 101 "));
}

TEST(Handshake, AcceptsAnArduino) {
    auto request = validRequest();
    request.withHeader("Sec-WebSocket-Protocol", "arduino").withHeader("Origin", "file://");
    EXPECT_TRUE(headFor(request).ends_with("\r\nSec-WebSocket-Protocol: arduino\r\n\r\n"));
}

TEST(Handshake, ChoosesArduinoAmongOthersAndNothingElse) {
    auto request = validRequest();
    request.withHeader("Sec-WebSocket-Protocol", "mqtt, arduino");
    EXPECT_TRUE(headFor(request).ends_with("\r\nSec-WebSocket-Protocol: arduino\r\n\r\n"));

    for (const char* const offered : {"mqtt", "Arduino", "arduino2"}) {
        request.withHeader("Sec-WebSocket-Protocol", offered);
        EXPECT_EQ(headFor(request).find("Sec-WebSocket-Protocol"), std::string::npos) << offered;
    }
}

TEST(Handshake, AcceptsNoExtension) {
    auto request = validRequest();
    request.withHeader("Sec-WebSocket-Extensions", "permessage-deflate");
    EXPECT_EQ(headFor(request), headFor(validRequest()));
}

TEST(Handshake, RefusesAnotherMethod) {
    const HttpResponse refusal = refusalOf(validRequest("POST"));
    EXPECT_EQ(refusal.status, 405);
    EXPECT_EQ(headerOf(refusal, "Allow"), "GET");
}

TEST(Handshake, RefusesAnotherVersionAndNamesItsOwn) {
    for (const char* const version : {"8", "14", "13x", ""}) {
        auto request = validRequest();
        const HttpResponse refusal =
            refusalOf(request.withHeader("Sec-WebSocket-Version", version));
        EXPECT_EQ(refusal.status, 426) << version;
        EXPECT_EQ(headerOf(refusal, "Sec-WebSocket-Version"), "13");
    }
    EXPECT_EQ(refusalOf(validRequest().withoutHeader("Sec-WebSocket-Version")).status, 426);
}

TEST(Handshake, RefusesWhatIsNoUpgradeToWebSocket) {
    for (const char* const header : {"Upgrade", "Connection", "Sec-WebSocket-Key"}) {
        EXPECT_EQ(refusalOf(validRequest().withoutHeader(header)).status, 400) << header;
    }
    EXPECT_EQ(refusalOf(validRequest().withHeader("Upgrade", "h2c")).status, 400);
    EXPECT_EQ(refusalOf(validRequest().withHeader("Connection", "keep-alive")).status, 400);
}

TEST(Handshake, RefusesAKeyThatIsNot16Bytes) {
    for (const char* const key :
         {"", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZSE=",
          "dGhlIHNhbXBsZSBub25j?Q==", "dGhlIHNhbXBsZSBub25jZQ==dGhl"}) {
        EXPECT_EQ(refusalOf(validRequest().withHeader("Sec-WebSocket-Key", key)).status, 400)
            << key;
    }
}

}  // namespace
}  // namespace hub::websocket
