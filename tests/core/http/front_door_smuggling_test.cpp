#include "core/http/front_door_fixture.h"
#include "http/front_door.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hub::http {
namespace {

TEST_F(FrontDoorTest, AMalformedRequestIsRefusedAndTheConnectionClosed) {
    const auto route = echo();
    for (const std::string bad :
         {"GET /\r\n\r\n", "\x16\x03\x01",
          "POST /echo HTTP/1.1\r\nHost: hub\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n"}) {
        Client client = connect();
        const Received received = client.send(bad).receive();
        EXPECT_EQ(received.status(), 400) << bad;
        EXPECT_TRUE(received.has("Connection: close"));
        EXPECT_EQ(client.tcp().receiveAll(), "");
    }
}

TEST_F(FrontDoorTest, ATargetThatSaysNoTextIsUnprocessableOrABadHandshake) {
    const auto route = echo();
    for (const std::string bad : {"/%zz", "/%00", "/%ff", "/echo?a=%", "/echo?a=%ff%fe"}) {
        const std::string request = "GET " + bad + " HTTP/1.1\r\nHost: hub\r\n";
        Client client = connect();
        const Received received = client.send(request + "\r\n").receive();
        EXPECT_EQ(received.status(), 422) << bad;
        EXPECT_TRUE(received.has("Connection: close"));
        const std::string handshake = "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
        EXPECT_EQ(connect().send(request + handshake).receive().status(), 400) << bad;
    }
}

// Every form that could make two parties see different requests is refused, and what stands behind
// it is not taken for a request.
TEST_F(FrontDoorTest, NothingIsSmuggledIn) {
    struct Case {
        const char* name;
        std::string lines;  // behind the request line and Host
        int status;
    };
    const std::string kChunked = "Transfer-Encoding: chunked\r\n";
    const std::string kLength = "Content-Length: 5\r\n";
    const std::vector<Case> cases{
        {"two lengths", kLength + "Content-Length: 6\r\n\r\n", 400},
        {"two equal lengths", kLength + kLength + "\r\n", 400},
        {"a list of lengths", "Content-Length: 5, 5\r\n\r\n", 400},
        {"a signed length", "Content-Length: +5\r\n\r\n", 400},
        {"a hexadecimal length", "Content-Length: 0x5\r\n\r\n", 400},
        {"an empty length", "Content-Length:\r\n\r\n", 400},
        {"a length that overflows", "Content-Length: 18446744073709551621\r\n\r\n", 400},
        {"length with chunked", kLength + kChunked + "\r\n0\r\n\r\n", 400},
        {"chunked with length", kChunked + kLength + "\r\n0\r\n\r\n", 400},
        {"chunked not last", "Transfer-Encoding: chunked, gzip\r\n\r\n", 501},
        {"chunked behind another", "Transfer-Encoding: gzip, chunked\r\n\r\n", 501},
        {"chunked twice", kChunked + kChunked + "\r\n0\r\n\r\n", 400},
        {"chunked twice in a list", "Transfer-Encoding: chunked, chunked\r\n\r\n", 501},
        {"a coding that looks like it", "Transfer-Encoding: xchunked\r\n\r\n", 501},
        {"a quoted coding", "Transfer-Encoding: \"chunked\"\r\n\r\n", 501},
        {"identity", "Transfer-Encoding: identity\r\n\r\n", 501},
        {"white space before the colon", "Transfer-Encoding : chunked\r\n\r\n", 400},
        {"a tab before the colon", "Content-Length\t: 5\r\n\r\n", 400},
        {"white space before the name", " Content-Length: 5\r\n\r\n", 400},
        {"a folded line", "X: a\r\n Content-Length: 5\r\n\r\n", 400},
        {"a line folded with a tab", "X: a\r\n\tb\r\n\r\n", 400},
        {"a bare line feed", "X: a\nContent-Length: 5\r\n\r\n", 400},
        {"a bare line feed at the end", "X: a\r\n\n", 400},
        {"a bare return in a value", "X: a\rContent-Length: 5\r\n\r\n", 400},
        {"a bare return at the end of a value", "X: a\r\r\n\r\n", 400},
        {"NUL in a value", std::string("X: a\0b\r\n\r\n", 10), 400},
        {"NUL in a name", std::string("X\0: a\r\n\r\n", 9), 400},
        {"an obsolete character in a name", "X\xff: a\r\n\r\n", 400},
        {"a line without a colon", "Content-Length 5\r\n\r\n", 400},
        {"an empty name", ": 5\r\n\r\n", 400},
        {"two hosts", "Host: other\r\n\r\n", 400},
        {"a chunk size that is none", kChunked + "\r\nx\r\n", 400},
        {"an empty chunk size", kChunked + "\r\n\r\n", 400},
        {"a signed chunk size", kChunked + "\r\n-1\r\n", 400},
        {"a chunk size with a prefix", kChunked + "\r\n0x1\r\na\r\n", 400},
        {"a chunk size with white space", kChunked + "\r\n1 \r\na\r\n", 400},
        {"a chunk size that overflows", kChunked + "\r\n10000000000000000\r\n", 400},
        {"a chunk size ended by a line feed", kChunked + "\r\n1\na\r\n", 400},
        {"a chunk extension with a line feed", kChunked + "\r\n1;a\nb\r\n", 400},
        {"a chunk extension with a bare return", kChunked + "\r\n1;a\rb\r\n", 400},
        {"a chunk longer than its size", kChunked + "\r\n1\r\nab\r\n", 400},
        {"a chunk ended by a line feed", kChunked + "\r\n1\r\na\n", 400},
        {"a trailer ended by a line feed", kChunked + "\r\n0\r\nX: a\n\r\n", 400},
        {"a last line feed without its return", kChunked + "\r\n0\r\n\n", 400},
    };
    const auto post = door_->route("POST", "/", [](const HttpRequest&) { return said("taken"); });
    const auto get = hello();
    for (const Case& c : cases) {
        Client client = connect();
        client.send("POST / HTTP/1.1\r\nHost: hub\r\n" + c.lines);
        client.get("/hello");
        const Received received = client.receive();
        EXPECT_EQ(received.status(), c.status) << c.name;
        EXPECT_TRUE(received.has("Connection: close")) << c.name;
        EXPECT_EQ(client.tcp().receiveAll(), "") << c.name;
    }
    Client old = connect();
    old.send("POST / HTTP/1.0\r\n" + kChunked + "\r\n0\r\n\r\n").get("/hello");
    EXPECT_EQ(old.receive().status(), 400) << "HTTP/1.0 has no chunks";
    EXPECT_EQ(old.tcp().receiveAll(), "");
}

TEST_F(FrontDoorTest, ChunkExtensionsAndTrailersAreReadOver) {
    const auto route = echo();
    Client client = connect();
    client.send(
        "POST /echo HTTP/1.1\r\nHost: hub\r\nTransfer-Encoding: chunked\r\nTrailer: Content-Length"
        "\r\n\r\n3;name=\"a;b\"\r\nabc\r\n0;last\r\nContent-Length: 99\r\nX: y\r\n\r\n");
    EXPECT_EQ(client.receive().body, "abc");
    EXPECT_EQ(client.post("/echo", "next").receive().body, "next");
}

TEST_F(FrontDoorTest, AnotherExpectationIsRefused) {
    const auto route = echo();
    Client client = connect();
    client.send(
        "POST /echo HTTP/1.1\r\nHost: hub\r\nContent-Length: 2\r\nExpect: a-miracle\r\n\r\nhi");
    EXPECT_EQ(client.receive().status(), 417);
    EXPECT_EQ(client.tcp().receiveAll(), "");
}

}  // namespace
}  // namespace hub::http
