#include "http/front_door.h"

#include "core/http/front_door_fixture.h"
#include "core/http/held_handler.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace hub::http {
namespace {

TEST_F(FrontDoorTest, AnswersARequest) {
    const auto route = door_->route("GET", "/api/devices/{id}", [](const HttpRequest& request) {
        return said(std::string(request.method()) + " " + std::string(request.path()) + " " +
                    std::string(request.parameter("id")) + " " +
                    std::string(request.query("q").value_or("-")) + " " +
                    std::string(request.header("x-a").value_or("-")) + " " +
                    std::string(request.parameter("none")));
    });
    const Received received = connect().get("/devices/lamp%2F1?q=a+b", "X-A: c\r\n").receive();
    EXPECT_EQ(received.head,
              "HTTP/1.1 200 OK\r\nDate: Mon, 23 Nov 2026 16:40:00 GMT\r\n"
              "Content-Type: text/plain\r\nContent-Length: 33\r\n\r\n");
    EXPECT_EQ(received.body, "GET /devices/lamp/1 lamp/1 a b c ");
}

TEST_F(FrontDoorTest, KnowsWhoAsks) {
    const auto route = door_->route("GET", "/who", [](const HttpRequest& request) {
        return said(std::string(request.remoteAddress()));
    });
    EXPECT_TRUE(connect().get("/who").receive().body.starts_with("127.0.0.1:"));
}

// RFC 9110, 5.3.
TEST_F(FrontDoorTest, RepeatedFieldsAreOneList) {
    const auto route = door_->route("GET", "/list", [](const HttpRequest& request) {
        return said(std::string(request.header("connection").value_or("-")) + " | " +
                    std::string(request.header("accept").value_or("-")));
    });
    const Received received =
        connect()
            .get("/list",
                 "Connection: keep-alive\r\nAccept: a\r\nconnection: Upgrade\r\nCONNECTION: x\r\n")
            .receive();
    EXPECT_EQ(received.body, "keep-alive, Upgrade, x | a");
}

TEST_F(FrontDoorTest, OneConnectionServesManyRequests) {
    const auto route = echo();
    Client client = connect();
    for (const std::string body : {"one", "", "three"}) {
        EXPECT_EQ(client.post("/echo", body).receive().body, body);
    }
}

TEST_F(FrontDoorTest, PipelinedRequestsAreAnsweredInOrder) {
    const auto route = echo();
    Client client = connect();
    std::string requests;
    for (int i = 0; i < 500; ++i) {
        const std::string body = std::to_string(i);
        requests +=
            "POST /echo HTTP/1.1\r\nHost: hub\r\nContent-Length: " + std::to_string(body.size()) +
            "\r\n\r\n" + body;
        if (i % 3 == 0) requests += "GET /nothing HTTP/1.1\r\nHost: hub\r\n\r\n";
    }
    client.send(requests);
    for (int i = 0; i < 500; ++i) {
        EXPECT_EQ(client.receive().body, std::to_string(i));
        if (i % 3 == 0) {
            EXPECT_EQ(client.receive().status(), 404);
        }
    }
}

TEST_F(FrontDoorTest, ARequestMayComeByteByByte) {
    const auto route = echo();
    Client client = connect();
    for (const char c : std::string("POST /echo HTTP/1.1\r\nHost: hub\r\nTransfer-Encoding: "
                                    "chunked\r\n\r\n3\r\nabc\r\n2;x\r\nde\r\n0\r\n\r\n")) {
        client.send({c});
        settle();
    }
    EXPECT_EQ(client.receive().body, "abcde");
}

TEST_F(FrontDoorTest, HeadSendsNoBody) {
    const auto route = hello();
    Client client = connect();
    client.send("HEAD /hello HTTP/1.1\r\nHost: hub\r\n\r\n");
    const Received received = client.receiveHead();
    EXPECT_TRUE(received.has("Content-Length: 5"));
    EXPECT_EQ(client.get("/hello").receive().body, "hello");
}

TEST_F(FrontDoorTest, ClosesWhenAsked) {
    const auto route = hello();
    Client client = connect();
    EXPECT_TRUE(client.get("/hello", "Connection: close\r\n").receive().has("Connection: close"));
    EXPECT_EQ(client.tcp().receiveAll(), "");
}

TEST_F(FrontDoorTest, Http10ClosesUnlessAskedToStay) {
    const auto route = hello();
    Client client = connect();
    client.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_TRUE(client.receive().has("Connection: keep-alive"));
    client.send("GET /hello HTTP/1.0\r\n\r\n");
    EXPECT_TRUE(client.receive().has("Connection: close"));
    EXPECT_EQ(client.tcp().receiveAll(), "");
}

TEST_F(FrontDoorTest, AClientThatFinishedSendingGetsItsAnswers) {
    const auto route = hello();
    Client client = connect();
    client.get("/hello").get("/hello");
    client.tcp().finish();
    client.receive();
    EXPECT_EQ(client.receive().body, "hello");
    EXPECT_EQ(client.tcp().receiveAll(), "");
}

TEST_F(FrontDoorTest, AClientThatFinishedSendingGetsTheWholeOfALongAnswer) {
    const std::string large(20'000'000, 'x');
    HeldHandler held(large);
    const auto route = door_->route("GET", "/large", held.handler());
    Client client = connect();
    client.get("/large");
    client.tcp().finish();
    held.awaitCall();
    settle();
    held.release();
    EXPECT_EQ(client.receive().body.size(), large.size());
    EXPECT_EQ(client.tcp().receiveAll(), "");
}

TEST_F(FrontDoorTest, NothingThereIsAProblem) {
    const Received received = connect().get("/nothing%22here").receive();
    EXPECT_EQ(received.status(), 404);
    EXPECT_TRUE(received.has("Content-Type: application/problem+json"));
    EXPECT_NE(received.body.find(R"("There is nothing at /nothing\"here.")"), std::string::npos);
}

TEST_F(FrontDoorTest, AWrongMethodHearsTheRightOnes) {
    const auto route = hello();
    Client client = connect();
    const Received received = client.post("/hello", "x").receive();
    EXPECT_EQ(received.status(), 405);
    EXPECT_TRUE(received.has("Allow: GET, HEAD, OPTIONS"));
}

TEST_F(FrontDoorTest, OptionsAreAnswered) {
    const auto route = hello();
    Client client = connect();
    client.send("OPTIONS /hello HTTP/1.1\r\nHost: hub\r\n\r\n");
    const Received of_path = client.receive();
    EXPECT_EQ(of_path.status(), 204);
    EXPECT_TRUE(of_path.has("Allow: GET, HEAD, OPTIONS"));
    client.send("OPTIONS * HTTP/1.1\r\nHost: hub\r\n\r\n");
    EXPECT_EQ(client.receive().status(), 204);
}

TEST_F(FrontDoorTest, AnExpectationIsMetWhenTheBodyIsAwaited) {
    const auto route = echo();
    Client client = connect();
    client.send(
        "POST /echo HTTP/1.1\r\nHost: hub\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.tcp().receiveUntil("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    EXPECT_EQ(client.send("hi").receive().body, "hi");
    client.send(
        "POST /echo HTTP/1.1\r\nHost: hub\r\nContent-Length: 9999999\r\nExpect: "
        "100-continue\r\n\r\n");
    EXPECT_EQ(client.receive().status(), 413);
}

TEST_F(FrontDoorTest, AHandlerThatThrowsIsAProblemAndALogLine) {
    const auto standard = door_->route("GET", "/a", [](const HttpRequest&) -> HttpResponse {
        throw std::runtime_error("the disk is on fire");
    });
    const auto odd = door_->route("GET", "/b", [](const HttpRequest&) -> HttpResponse { throw 7; });
    const auto wrong = door_->route("GET", "/c", [](const HttpRequest&) {
        HttpResponse response;
        response.status = 42;
        return response;
    });
    Client client = connect();
    for (const char* path : {"/a", "/b", "/c"}) {
        const Received received = client.get(path).receive();
        EXPECT_EQ(received.status(), 500) << path;
        EXPECT_EQ(received.body.find("fire"), std::string::npos);
    }
    EXPECT_TRUE(logger_.contains(LogLevel::Error, "GET /a failed: the disk is on fire"));
    EXPECT_TRUE(logger_.contains(LogLevel::Error, "GET /b failed: "));
    EXPECT_TRUE(logger_.contains(LogLevel::Error, "GET /c failed: status 42"));
}

TEST_F(FrontDoorTest, APeerThatClosesWithinARequestIsForgotten) {
    const auto route = hello();
    for (const std::string half :
         {"GET /hello HT", "POST /hello HTTP/1.1\r\nHost: hub\r\nContent-Length: 5\r\n\r\nab"}) {
        Client client = connect();
        client.send(half);
        client.tcp().finish();
        EXPECT_EQ(client.tcp().receiveAll(), "");
    }
    EXPECT_EQ(connect().get("/hello").receive().body, "hello");
}

// RFC 9110, 13.1.2.
TEST_F(FrontDoorTest, WhatTheClientHasIsNotSentAgain) {
    const auto answering = [](const HttpRequest& request) {
        HttpResponse response = said("hello");
        if (request.query("status")) response.status = 404;
        response.headers = {{"etag", entityTagOf("hello")}, {"Cache-Control", "no-cache"}};
        return response;
    };
    const auto get = door_->route("GET", "/tagged", answering);
    const auto post = door_->route("POST", "/tagged", answering);
    const auto untagged = hello();
    const std::string known = "If-None-Match: \"old\", W/" + entityTagOf("hello") + "\r\n";
    Client client = connect();
    const Received received = client.get("/tagged", known).receive();
    EXPECT_EQ(received.head,
              "HTTP/1.1 304 Not Modified\r\nDate: Mon, 23 Nov 2026 16:40:00 GMT\r\netag: " +
                  entityTagOf("hello") + "\r\nCache-Control: no-cache\r\n\r\n");
    EXPECT_EQ(client.get("/tagged", "If-None-Match: *\r\n").receive().status(), 304);
    client.send("HEAD /tagged HTTP/1.1\r\nHost: hub\r\n" + known + "\r\n");
    EXPECT_EQ(client.receive().status(), 304);
    EXPECT_EQ(client.get("/tagged", "If-None-Match: \"old\"\r\n").receive().body, "hello");
    EXPECT_EQ(client.get("/tagged").receive().body, "hello");
    EXPECT_EQ(client.get("/tagged?status", known).receive().status(), 404);
    EXPECT_EQ(client.get("/hello", "If-None-Match: *\r\n").receive().status(), 200);
    client.send("POST /tagged HTTP/1.1\r\nHost: hub\r\n" + known + "\r\n");
    EXPECT_EQ(client.receive().status(), 200) << "a condition for reading only";
}

}  // namespace
}  // namespace hub::http
