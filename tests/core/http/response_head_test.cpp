#include "http/response_head.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace hub::http {
namespace {

using namespace std::chrono_literals;

HttpResponse response(int status, std::string body = {}) {
    HttpResponse made;
    made.status = status;
    made.body = std::move(body);
    return made;
}

constexpr ResponseFraming kKeepAlive{.keep_alive = true, .http_1_0 = false};

TEST(ResponseHead, SaysWhatFollows) {
    EXPECT_EQ(responseHead(response(200, "12345"), kKeepAlive, "today"),
              "HTTP/1.1 200 OK\r\nDate: today\r\nContent-Type: application/json\r\n"
              "Content-Length: 5\r\n\r\n");
}

// RFC 9110, 7.8.
TEST(ResponseHead, NamesAnUpgradeAmongTheOptionsOfTheConnection) {
    HttpResponse required = response(426);
    required.headers.emplace_back("Upgrade", "websocket");
    ResponseFraming framing;
    EXPECT_NE(responseHead(required, framing, "").find("\r\nConnection: close, Upgrade\r\n"),
              std::string::npos);
    framing.keep_alive = true;
    EXPECT_NE(responseHead(required, framing, "").find("\r\nConnection: Upgrade\r\n"),
              std::string::npos);
}

TEST(ResponseHead, SaysWhetherTheConnectionStays) {
    ResponseFraming framing;
    EXPECT_NE(responseHead(response(200), framing, "").find("\r\nConnection: close\r\n"),
              std::string::npos);
    framing.keep_alive = true;
    EXPECT_EQ(responseHead(response(200), framing, "").find("Connection"), std::string::npos);
    framing.http_1_0 = true;
    EXPECT_NE(responseHead(response(200), framing, "").find("\r\nConnection: keep-alive\r\n"),
              std::string::npos);
}

TEST(ResponseHead, HasNoLengthWhereThereIsNoBody) {
    for (const int status : {204, 304}) {
        const std::string head = responseHead(response(status, "body"), kKeepAlive, "");
        EXPECT_EQ(head.find("Content-"), std::string::npos) << head;
        EXPECT_FALSE(mayHaveBody(status));
    }
    EXPECT_TRUE(mayHaveBody(200));
}

TEST(ResponseHead, AStreamHasNoLength) {
    ResponseFraming framing = kKeepAlive;
    framing.streamed = true;
    EXPECT_EQ(responseHead(response(200, "12345"), framing, "now"),
              "HTTP/1.1 200 OK\r\nDate: now\r\nContent-Type: application/json\r\n"
              "Transfer-Encoding: chunked\r\n\r\n");
    framing.http_1_0 = true;
    framing.keep_alive = false;
    EXPECT_EQ(responseHead(response(200, "12345"), framing, "now"),
              "HTTP/1.1 200 OK\r\nDate: now\r\nContent-Type: application/json\r\n"
              "Connection: close\r\n\r\n");
    EXPECT_EQ(responseHead(response(204), framing, "").find("Transfer-Encoding"),
              std::string::npos);
}

TEST(ResponseHead, AnUnknownStatusHasNoPhrase) {
    EXPECT_TRUE(responseHead(response(299), kKeepAlive, "").starts_with("HTTP/1.1 299 \r\n"));
}

TEST(ResponseHead, NothingBreaksOutOfItsField) {
    HttpResponse bad = response(200);
    bad.content_type = "text/plain\r\nSet-Cookie: a=b";
    bad.headers = {{"Location", "/a\r\n\r\n<script>"},
                   {"X-Null", std::string("a\0b", 3)},
                   {"X: a\r\nY", "b"},
                   {"", "b"}};
    const std::string head = responseHead(bad, kKeepAlive, "now");
    EXPECT_EQ(head,
              "HTTP/1.1 200 OK\r\nDate: now\r\nContent-Type: text/plain  Set-Cookie: a=b\r\n"
              "Content-Length: 0\r\nLocation: /a    <script>\r\nX-Null: a b\r\n\r\n");
}

TEST(ResponseHead, FramingIsTheHubsOwn) {
    HttpResponse bad = response(200);
    bad.headers = {
        {"content-length", "7"}, {"Transfer-Encoding", "chunked"}, {"CONNECTION", "close"}};
    EXPECT_EQ(responseHead(bad, kKeepAlive, "now"),
              "HTTP/1.1 200 OK\r\nDate: now\r\nContent-Type: application/json\r\n"
              "Content-Length: 0\r\n\r\n");
}

TEST(HttpDate, IsWrittenAsTheStandardWants) {
    HttpDate date;
    const Timestamp example{784'111'777s};
    EXPECT_EQ(date.at(example), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(date.at(example + 999ms), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(date.at(example + 1s), "Sun, 06 Nov 1994 08:49:38 GMT");
    EXPECT_EQ(date.at(example - 1s), "Sun, 06 Nov 1994 08:49:36 GMT");
}

}  // namespace
}  // namespace hub::http
