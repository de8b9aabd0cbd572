#include "http/front_door.h"

#include "core/http/front_door_fixture.h"
#include "core/net/mailbox.h"

#include <gtest/gtest.h>

#include <sys/socket.h>

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace hub::http {
namespace {

using namespace std::chrono_literals;

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
    const Received received = client.receive(true);
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

TEST_F(FrontDoorTest, AMalformedRequestIsRefusedAndTheConnectionClosed) {
    const auto route = echo();
    for (const std::string bad :
         {"GET /\r\n\r\n", "GET /%zz HTTP/1.1\r\nHost: hub\r\n\r\n",
          "GET /?a=% HTTP/1.1\r\nHost: hub\r\n\r\n", "\x16\x03\x01",
          "POST /echo HTTP/1.1\r\nHost: hub\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n"}) {
        Client client = connect();
        const Received received = client.send(bad).receive();
        EXPECT_EQ(received.status(), 400) << bad;
        EXPECT_TRUE(received.has("Connection: close"));
        EXPECT_EQ(client.tcp().receiveAll(), "");
    }
}

TEST_F(FrontDoorTest, AHeadBeyondTheLimitIsRefused) {
    Client whole = connect();
    EXPECT_EQ(whole.get("/", "X: " + std::string(9'000, 'x') + "\r\n").receive().status(), 431);
    Client endless = connect();
    endless.send("GET / HTTP/1.1\r\nX: " + std::string(9'000, 'x'));
    EXPECT_EQ(endless.receive().status(), 431);
    EXPECT_EQ(endless.tcp().receiveAll(), "");
}

TEST_F(FrontDoorTest, ABodyBeyondTheLimitIsRefusedBeforeItHasCome) {
    Client client = connect();
    client.send("POST /echo HTTP/1.1\r\nHost: hub\r\nContent-Length: 1048577\r\n\r\n");
    EXPECT_EQ(client.receive().status(), 413);
    EXPECT_EQ(client.tcp().receiveAll(), "");
}

TEST_F(FrontDoorTest, ABodyAtTheLimitIsTaken) {
    const auto route = echo();
    const std::string body(1024 * 1024, 'x');
    EXPECT_EQ(connect().post("/echo", body).receive().body, body);
}

TEST_F(FrontDoorTest, AChunkedBodyBeyondTheLimitIsRefused) {
    Client client = connect();
    client.send("POST /echo HTTP/1.1\r\nHost: hub\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string chunk = "80000\r\n" + std::string(0x80000, 'x') + "\r\n";
    client.send(chunk + chunk + "1\r\n");
    client.send("x\r\n");
    EXPECT_EQ(client.receive().status(), 413);
}

TEST_F(FrontDoorTest, BodiesHeldAtATimeAreBounded) {
    FrontDoorSettings settings;
    settings.limits.all_bodies_bytes = 100;
    open(settings);
    const auto route = echo();
    Client half = connect();
    half.send("POST /echo HTTP/1.1\r\nHost: hub\r\nContent-Length: 80\r\n\r\n" +
              std::string(60, 'x'));
    settle();
    Client other = connect();
    const Received refused = other.post("/echo", std::string(41, 'y')).receive();
    EXPECT_EQ(refused.status(), 503);
    EXPECT_TRUE(refused.has("Retry-After: 1"));
    EXPECT_EQ(half.send(std::string(20, 'x')).receive().body.size(), 80U);
    EXPECT_EQ(connect().post("/echo", std::string(100, 'y')).receive().status(), 200)
        << "what was held has been given back";
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

TEST_F(FrontDoorTest, AHeadThatDoesNotComeInTimeIsRefused) {
    const auto route = hello();
    Client client = connect();
    client.send("GET /hello HTTP/1.1\r\n");
    after(9'999ms);
    client.send("Host: hub\r\n");
    after(1ms);
    EXPECT_EQ(client.receive().status(), 408);
    EXPECT_EQ(client.tcp().receiveAll(), "");
}

TEST_F(FrontDoorTest, ABodyThatDoesNotComeInTimeIsRefused) {
    Client client = connect();
    client.send("POST / HTTP/1.1\r\nHost: hub\r\nContent-Length: 5\r\n\r\n1");
    after(29'999ms);
    client.send("2");
    after(1ms);
    EXPECT_EQ(client.receive().status(), 408);
    EXPECT_EQ(client.tcp().receiveAll(), "");
}

TEST_F(FrontDoorTest, AnIdleClientIsClosedSilently) {
    const auto route = hello();
    Client idle_from_the_start = connect();
    Client idle_after_a_request = connect();
    settle();
    clock_.advance(59s);
    EXPECT_EQ(idle_after_a_request.get("/hello").receive().status(), 200);
    after(1s);
    EXPECT_EQ(idle_from_the_start.tcp().receiveAll(), "");
    EXPECT_EQ(idle_after_a_request.get("/hello").receive().status(), 200);
    after(60s);
    EXPECT_EQ(idle_after_a_request.tcp().receiveAll(), "");
}

TEST_F(FrontDoorTest, ASlowHandlerIsWaitedFor) {
    std::promise<void> begun;
    std::promise<void> release;
    const auto route = door_->route("GET", "/slow", [&](const HttpRequest&) {
        begun.set_value();
        release.get_future().wait();
        return said("at last");
    });
    Client client = connect();
    client.get("/slow");
    begun.get_future().wait();
    after(1h);
    release.set_value();
    EXPECT_EQ(client.receive().body, "at last");
}

TEST_F(FrontDoorTest, AClientThatReadsNothingIsGivenUp) {
    const std::string large(20'000'000, 'x');
    const auto route =
        door_->route("GET", "/large", [&](const HttpRequest&) { return said(large); });
    net::Mailbox second;
    const auto told = door_->route("GET", "/second", [&](const HttpRequest&) {
        second.put("answered");
        return said({});
    });
    Client client = connect();
    client.get("/large").get("/second");
    client.tcp().receiveUntil("\r\n\r\n");
    after(29s);
    EXPECT_TRUE(second.empty()) << "no request is read while so much is unsent";
    after(1s);  // what the kernel took at first was progress
    after(30s);
    EXPECT_TRUE(second.empty());
    client.tcp().awaitReset();
}

TEST_F(FrontDoorTest, AClientThatReadsSlowlyIsServed) {
    constexpr std::size_t kPart = 10'000'000;
    const std::string large(5 * kPart, 'x');
    const auto route =
        door_->route("GET", "/large", [&](const HttpRequest&) { return said(large); });
    Client client = connect();
    client.get("/large");
    client.tcp().receiveUntil("\r\n\r\n");
    for (int part = 0; part < 5; ++part) {
        EXPECT_EQ(client.tcp().receive(kPart).size(), kPart);
        after(30s);
    }
}

TEST_F(FrontDoorTest, AClientThatReadsTooSlowlyIsGivenUp) {
    const std::string large(30'000'000, 'x');
    const auto route =
        door_->route("GET", "/large", [&](const HttpRequest&) { return said(large); });
    Client client = connect();
    const int window = 64 * 1024;  // so that the kernel keeps little for the client
    ::setsockopt(client.tcp().descriptor(), SOL_SOCKET, SO_RCVBUF, &window, sizeof window);
    client.get("/large");
    client.tcp().receiveUntil("\r\n\r\n");
    for (int i = 0; i < 16; ++i) {
        EXPECT_EQ(client.tcp().receive(1'500'000).size(), 1'500'000U);
        after(29s);
    }
    after(26s);  // 30 s, and one for each 64 KiB
    client.tcp().awaitReset();
}

TEST_F(FrontDoorTest, AClientThatReadsAtLastIsServedOn) {
    const std::string large(20'000'000, 'x');
    const auto large_route =
        door_->route("GET", "/large", [&](const HttpRequest&) { return said(large); });
    const auto hello_route = hello();
    Client client = connect();
    client.get("/large").get("/hello");
    settle();
    EXPECT_EQ(client.receive().body.size(), large.size());
    EXPECT_EQ(client.receive().body, "hello");
}

TEST_F(FrontDoorTest, IdleAndHalfRequestsHoldNoWorker) {
    FrontDoorSettings settings;
    settings.workers = 1;
    open(settings);
    const auto route = echo();
    std::vector<Client> clients;
    for (int i = 0; i < 50; ++i) {
        clients.push_back(connect());
        if (i % 2 == 0) {
            clients.back().send("POST /echo HTTP/1.1\r\nHost: hub\r\nContent-Length: 2\r\n\r\n1");
        }
    }
    settle();
    EXPECT_EQ(connect().post("/echo", "served").receive().body, "served");
    EXPECT_EQ(clients.front().send("2").receive().body, "12");
}

TEST_F(FrontDoorTest, AFullQueueAnswersAtOnce) {
    FrontDoorSettings settings;
    settings.workers = 1;
    settings.queued_requests = 1;
    open(settings);
    std::promise<void> begun;
    std::promise<void> release;
    const auto slow = door_->route("GET", "/slow", [&](const HttpRequest&) {
        begun.set_value();
        release.get_future().wait();
        return said("slow");
    });
    const auto fast = hello();
    Client running = connect();
    running.get("/slow");
    begun.get_future().wait();
    Client waiting = connect();
    waiting.get("/hello");
    settle();
    const Received refused = connect().get("/hello").receive();
    EXPECT_EQ(refused.status(), 503);
    EXPECT_TRUE(refused.has("Retry-After: 1"));
    release.set_value();
    EXPECT_EQ(running.receive().body, "slow");
    EXPECT_EQ(waiting.receive().body, "hello");
}

TEST_F(FrontDoorTest, AProbeAnswersWhileAllWorkersWaitAndTheirQueueIsFull) {
    FrontDoorSettings settings;
    settings.workers = 1;
    settings.queued_requests = 1;
    open(settings);
    std::promise<void> begun;
    std::promise<void> release;
    const auto slow = door_->route("GET", "/slow", [&](const HttpRequest&) {
        begun.set_value();
        release.get_future().wait();
        return said("slow");
    });
    const auto fast = hello();
    const auto probe = door_->probe("/health", [](const HttpRequest&) { return said("healthy"); });
    Client running = connect();
    running.get("/slow");
    begun.get_future().wait();
    Client waiting = connect();
    waiting.get("/hello");
    settle();
    EXPECT_EQ(connect().get("/hello").receive().status(), 503);
    Client asking = connect();
    EXPECT_EQ(asking.get("/health").receive().body, "healthy");
    asking.send("HEAD /health HTTP/1.1\r\nHost: hub\r\n\r\n");
    EXPECT_EQ(asking.receive(true).status(), 200);
    release.set_value();
    EXPECT_EQ(running.receive().body, "slow");
    EXPECT_EQ(waiting.receive().body, "hello");
}

TEST_F(FrontDoorTest, AProbeThatBlocksHoldsUpNoOtherRoute) {
    std::promise<void> begun;
    std::promise<void> release;
    const auto stuck = door_->probe("/stuck", [&](const HttpRequest&) {
        begun.set_value();
        release.get_future().wait();
        return said("late");
    });
    const auto fast = hello();
    Client running = connect();
    running.get("/stuck");
    begun.get_future().wait();
    EXPECT_EQ(connect().get("/hello").receive().body, "hello");
    release.set_value();
    EXPECT_EQ(running.receive().body, "late");
}

TEST_F(FrontDoorTest, AProbeIsARouteThatTakesGet) {
    const auto probe = door_->probe("/health", [](const HttpRequest&) { return said("healthy"); });
    EXPECT_TRUE(connect().post("/health", "").receive().has("Allow: GET, HEAD, OPTIONS"));
    EXPECT_THROW((void)door_->route("GET", "/health", [](const HttpRequest&) { return said(""); }),
                 std::logic_error);
}

TEST_F(FrontDoorTest, AClientMayGoWhileItsRequestIsAnswered) {
    std::promise<void> begun;
    std::promise<void> release;
    const auto slow = door_->route("GET", "/slow", [&](const HttpRequest&) {
        begun.set_value();
        release.get_future().wait();
        return said("for nobody");
    });
    Client gone = connect();
    gone.get("/slow");
    begun.get_future().wait();
    gone.tcp().reset();
    settle();
    release.set_value();
    const auto route = hello();
    EXPECT_EQ(connect().get("/hello").receive().body, "hello");
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

TEST_F(FrontDoorTest, RemovingARouteWaitsForItsCalls) {
    std::promise<void> begun;
    std::promise<void> release;
    bool alive = true;
    std::optional<Registration> route = door_->route("GET", "/slow", [&](const HttpRequest& call) {
        if (call.header("x-probe")) return said("still there");
        begun.set_value();
        release.get_future().wait();
        return said(alive ? "alive" : "dead");
    });
    Client client = connect();
    client.get("/slow");
    begun.get_future().wait();
    std::thread removing{[&] {
        route.reset();
        alive = false;
    }};
    Client probe = connect();
    while (probe.get("/slow", "X-Probe: 1\r\n").receive().status() == 200) {
    }
    release.set_value();
    EXPECT_EQ(client.receive().body, "alive");
    removing.join();
}

TEST_F(FrontDoorTest, ARequestThatWaitsForAWorkerFindsItsRouteRemoved) {
    FrontDoorSettings settings;
    settings.workers = 1;
    open(settings);
    std::promise<void> begun;
    std::promise<void> release;
    const auto slow = door_->route("GET", "/slow", [&](const HttpRequest&) {
        begun.set_value();
        release.get_future().wait();
        return said({});
    });
    std::optional<Registration> removed = hello();
    Client running = connect();
    running.get("/slow");
    begun.get_future().wait();
    Client waiting = connect();
    waiting.get("/hello");
    settle();
    removed.reset();
    release.set_value();
    const Received stopped = waiting.receive();
    EXPECT_EQ(stopped.status(), 503) << "what it asked for was there when it came";
    EXPECT_TRUE(stopped.has("Retry-After: 1"));
    EXPECT_EQ(waiting.get("/hello").receive().status(), 404);
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

class FrontDoorMetrics : public FrontDoorTest {
protected:
    [[nodiscard]] bool counts(const std::string& line) const {
        return metrics_.text().find("\n" + line + "\n") != std::string::npos;
    }
};

TEST_F(FrontDoorMetrics, RequestsByMethodAndStatus) {
    const auto route = hello();
    Client client = connect();
    client.get("/hello").receive();
    client.get("/hello").receive();
    client.get("/nothing").receive();
    client.send("HEAD /hello HTTP/1.1\r\nHost: hub\r\n\r\n").receive(true);
    client.send("BREW /hello HTTP/1.1\r\nHost: hub\r\n\r\n").receive();
    client.send("nonsense\r\n\r\n").receive();
    EXPECT_TRUE(counts(R"(hub_http_requests_total{method="GET",status="2xx"} 2)"));
    EXPECT_TRUE(counts(R"(hub_http_requests_total{method="GET",status="4xx"} 1)"));
    EXPECT_TRUE(counts(R"(hub_http_requests_total{method="HEAD",status="2xx"} 1)"));
    EXPECT_TRUE(counts(R"(hub_http_requests_total{method="other",status="4xx"} 2)"));
    EXPECT_TRUE(counts(R"(hub_http_requests_total{method="PUT",status="5xx"} 0)"));
    EXPECT_TRUE(counts(R"(hub_refused_total{reason="bad_request"} 1)"));
}

TEST_F(FrontDoorMetrics, HowLongAnAnswerTakes) {
    const auto route = door_->route("GET", "/slow", [&](const HttpRequest&) {
        clock_.advance(300ms);
        return said({});
    });
    connect().get("/slow").receive();
    EXPECT_TRUE(counts(R"(hub_http_request_seconds_bucket{le="0.1"} 0)"));
    EXPECT_TRUE(counts(R"(hub_http_request_seconds_bucket{le="0.5"} 1)"));
    EXPECT_TRUE(counts("hub_http_request_seconds_sum 0.3"));
}

TEST_F(FrontDoorMetrics, OpenConnections) {
    const auto route = hello();
    Client first = connect();
    Client second = connect();
    first.get("/hello").receive();
    second.get("/hello").receive();
    EXPECT_TRUE(counts("hub_http_connections 2"));
    second.tcp().reset();
    settle();
    EXPECT_TRUE(counts("hub_http_connections 1"));
}

TEST_F(FrontDoorMetrics, RefusalsByReason) {
    Client late = connect();
    late.send("GET");
    Client later = connect();
    later.send("POST / HTTP/1.1\r\nHost: hub\r\nContent-Length: 5\r\n\r\n1");
    after(30s);
    EXPECT_TRUE(counts(R"(hub_refused_total{reason="head_timeout"} 1)"));
    EXPECT_TRUE(counts(R"(hub_refused_total{reason="body_timeout"} 1)"));
    connect().get("/" + std::string(9'000, 'x')).receive();
    connect().send("POST / HTTP/1.1\r\nHost: hub\r\nContent-Length: 1048577\r\n\r\n").receive();
    EXPECT_TRUE(counts(R"(hub_refused_total{reason="too_large"} 2)"));
    EXPECT_TRUE(counts(R"(hub_refused_total{reason="busy"} 0)"));
}

// Says what it hears back in angle brackets.
class Brackets final : public net::Protocol {
public:
    std::size_t onBytes(net::Connection& connection, std::span<char> bytes) override {
        connection.send("<" + std::string(bytes.data(), bytes.size()) + ">");
        return bytes.size();
    }
    void onEnd(net::Connection& /*connection*/, net::ConnectionEnd /*end*/) noexcept override {}
};

class BracketsUpgrade final : public UpgradeHandler {
public:
    std::variant<Upgrade, HttpResponse> upgrade(const HttpRequest& request,
                                                net::Connection& connection) override {
        EXPECT_TRUE(connection.loop().onThread());
        if (request.parameter("id") == "bad") return HttpResponse::problem(400, "a bad id");
        if (request.parameter("id") == "throw") throw std::runtime_error("no brackets left");
        return Upgrade{"HTTP/1.1 101 Switching Protocols\r\n\r\n", std::make_unique<Brackets>()};
    }
};

class FrontDoorUpgrade : public FrontDoorTest {
protected:
    static constexpr const char* kUpgrade = "Connection: Upgrade\r\nUpgrade: brackets\r\n";

    BracketsUpgrade brackets_;
    const Registration mounted_ = door_->mountUpgrade("/ws/{id}", brackets_);
};

TEST_F(FrontDoorUpgrade, BytesBehindTheHeadGoToTheNewProtocol) {
    Client client = connect();
    client.send("GET /ws/a HTTP/1.1\r\nHost: hub\r\n" + std::string(kUpgrade) + "\r\nfirst");
    EXPECT_EQ(client.tcp().receiveUntil("\r\n\r\n"), "HTTP/1.1 101 Switching Protocols\r\n\r\n");
    EXPECT_EQ(client.tcp().receive(7), "<first>");
    client.send("GET / HTTP/1.1\r\n\r\n");
    EXPECT_EQ(client.tcp().receive(20), "<GET / HTTP/1.1\r\n\r\n>");
}

TEST_F(FrontDoorUpgrade, ADeadlineOfTheRequestsIsNoneOfTheNewProtocol) {
    Client client = connect();
    client.get("/ws/a", kUpgrade);
    client.tcp().receiveUntil("\r\n\r\n");
    after(1h);
    client.send("still here");
    EXPECT_EQ(client.tcp().receiveUntil(">"), "<still here>");
}

TEST_F(FrontDoorUpgrade, ARefusedOneGoesOnWithHttp) {
    Client client = connect();
    EXPECT_EQ(client.get("/ws/bad", kUpgrade).receive().status(), 400);
    EXPECT_EQ(client.get("/ws/throw", kUpgrade).receive().status(), 500);
    EXPECT_TRUE(logger_.contains(LogLevel::Error, "GET /ws/throw failed: no brackets left"));
    client.get("/ws/good", kUpgrade);
    EXPECT_EQ(client.tcp().receiveUntil("\r\n\r\n"), "HTTP/1.1 101 Switching Protocols\r\n\r\n");
}

TEST_F(FrontDoorUpgrade, WithoutTheHeaderItIsRequired) {
    Client client = connect();
    const Received received = client.get("/ws/a").receive();
    EXPECT_EQ(received.status(), 426);
    EXPECT_TRUE(received.has("Upgrade: websocket"));
    EXPECT_TRUE(received.has("Connection: Upgrade"));
    client.send("GET /ws/a HTTP/1.0\r\n" + std::string(kUpgrade) + "\r\n");
    EXPECT_EQ(client.receive().status(), 426) << "HTTP/1.0 knows no upgrade";
}

TEST_F(FrontDoorUpgrade, ABodyIsRefused) {
    Client client = connect();
    EXPECT_EQ(client.get("/ws/a", std::string(kUpgrade) + "Content-Length: 1\r\n")
                  .send("x")
                  .receive()
                  .status(),
              400);
    EXPECT_EQ(client.tcp().receiveAll(), "");
}

}  // namespace
}  // namespace hub::http
