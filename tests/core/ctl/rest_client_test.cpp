#include "ctl/rest_client.h"

#include "core/ctl/rest_hub.h"
#include "core/ctl/sim/closed_port.h"
#include "core/ctl/trickling_hub.h"
#include "ctl/command_line.h"
#include "ctl/interruption.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pthread.h>

#include <csignal>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace hub::ctl {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

HubUrl urlOf(const std::string& url) { return *parseHubUrl(url); }

// What a call throws of this type, in words.
template <class Exception>
std::string messageOf(const std::function<void()>& call) {
    try {
        call();
    } catch (const Exception& error) {
        return error.what();
    }
    return "nothing was thrown";
}

TEST(RestClient, GivesTheBodyOfASuccess) {
    RestHub hub;
    hub.answer("GET /health", "{\"status\":\"ok\"}");
    hub.answer("POST /api/devices/lamp/kick", "{}", 202);
    RestClient client(urlOf(hub.url()));
    EXPECT_EQ(client.get("/health"), "{\"status\":\"ok\"}");
    EXPECT_EQ(client.request("POST", "/api/devices/lamp/kick"), "{}");
    EXPECT_EQ(client.get("/health"), "{\"status\":\"ok\"}");
}

TEST(RestClient, TakesAnAnswerWithoutABody) {
    RestHub hub;
    hub.answer("DELETE /api/devices/lamp", "", 204);
    hub.answer("GET /health", "{}");
    RestClient client(urlOf(hub.url()));
    EXPECT_EQ(client.request("DELETE", "/api/devices/lamp"), "");
    EXPECT_EQ(client.get("/health"), "{}");
}

TEST(RestClient, ARefusalCarriesTheHubsReason) {
    RestHub hub;
    hub.answer("GET /x", R"({"detail":"No device \"x\"\u001b is known."})", 404);
    RestClient client(urlOf(hub.url()));
    try {
        client.get("/x");
        ADD_FAILURE() << "nothing was thrown";
    } catch (const RestRefusal& refusal) {
        EXPECT_EQ(refusal.what(), hub.url() + " answers 404: No device \"x\"\\u001b is known.");
        EXPECT_EQ(refusal.status(), 404);
        EXPECT_THAT(refusal.body(), HasSubstr("detail"));
    }
}

TEST(RestClient, ARefusalWithoutAReasonNamesTheRequest) {
    RestHub hub;
    hub.answer("GET /x", "<html>", 500);
    RestClient client(urlOf(hub.url()));
    EXPECT_EQ(messageOf<RestRefusal>([&] { client.get("/x"); }),
              hub.url() +
                  " answers 500 Internal Server Error to GET /x and gives no reason. "
                  "Is that a hub?");
}

TEST(RestClient, WithoutAHubItIsUnreachable) {
    const sim::ClosedPort port;
    const std::string url = "http://127.0.0.1:" + std::to_string(port.number());
    RestClient client(urlOf(url));
    EXPECT_EQ(messageOf<HubUnreachable>([&] { client.get("/health"); }),
              "no hub answers at " + url +
                  " (connection refused). Is hubd running? Give another address with --url.");
}

TEST(RestClient, AHubThatDoesNotAnswerIsUnreachable) {
    RestHub hub;
    hub.keepSilent("GET /health");
    RestClient client(urlOf(hub.url()), {.connect = 5s, .answer = 20ms});
    EXPECT_THAT(messageOf<HubUnreachable>([&] { client.get("/health"); }),
                testing::StartsWith("what listens at " + hub.url() +
                                    " takes connections but gives no whole answer within 1 s: "));
}

TEST(RestClient, AnAnswerThatTricklesIsCutAtTheDeadline) {
    for (const auto& [beginning, piece] : {
             std::pair("", "HTTP/1.1 100 Continue\r\n\r\n"),
             std::pair("HTTP/1.1 200 OK\r\nX-Name: ", "x"),
             std::pair("HTTP/1.1 200 OK\r\n\r\n", " "),
             std::pair("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\n \r\n"),
         }) {
        const TricklingHub hub(beginning, piece);
        RestClient client(urlOf(hub.url()), {.connect = 5s, .answer = 50ms});
        EXPECT_THAT(messageOf<HubUnreachable>([&] { client.get("/health"); }),
                    HasSubstr("no whole answer within 1 s"))
            << beginning << piece;
    }
}

TEST(RestClient, AnAnswerThatBreaksOffIsNone) {
    RestHub hub;
    hub.answerHalf("GET /health", "{\"status\":\"ok\"}");
    RestClient client(urlOf(hub.url()));
    EXPECT_THAT(messageOf<HubUnreachable>([&] { client.get("/health"); }),
                HasSubstr("(it closed the connection without a whole answer)"));
}

// What a client says while it asks again.
class Persistence : public testing::Test {
protected:
    void persist(std::chrono::seconds patience) {
        client_.persist(patience, [this](const std::string& news) { news_.push_back(news); });
    }
    RestHub hub_;
    RestClient client_{urlOf(hub_.url())};
    std::vector<std::string> news_;
};

TEST_F(Persistence, AsksAgainWhatMayPass) {
    hub_.answerOnce("GET /x", R"({"detail":"The database is busy."})", 503);
    hub_.answerOnce("GET /x", "<html>", 500);
    hub_.answer("GET /x", "{}");
    persist(60s);
    EXPECT_EQ(client_.get("/x"), "{}");
    EXPECT_THAT(news_, testing::ElementsAre("asking again until the hub answers: " + hub_.url() +
                                                " answers 503: The database is busy.",
                                            "going on"));
}

TEST_F(Persistence, WhatStaysAsItIsIsAskedOnce) {
    persist(60s);
    EXPECT_THROW(client_.get("/x"), RestRefusal);
    EXPECT_EQ(hub_.requests().size(), 1U);
    EXPECT_THAT(news_, testing::IsEmpty());
}

TEST_F(Persistence, HasItsEnd) {
    hub_.answer("GET /x", "", 503);
    EXPECT_THROW(client_.get("/x"), RestRefusal);
    persist(0s);
    EXPECT_THROW(client_.get("/x"), RestRefusal);
    EXPECT_EQ(hub_.requests().size(), 2U);
}

TEST_F(Persistence, AnythingButAGetIsAskedOnce) {
    hub_.answer("POST /x", "", 503);
    persist(60s);
    EXPECT_THROW(client_.request("POST", "/x"), RestRefusal);
    EXPECT_EQ(hub_.requests().size(), 1U);
}

TEST(RestClient, SendsABodyAndHeaders) {
    RestHub hub;
    hub.answer("POST /api/command", "{}");
    RestClient client(urlOf(hub.url()));
    EXPECT_EQ(client.request("POST", "/api/command", R"({"n":1})", {{"Idempotency-Key", "k"}}),
              "{}");
    EXPECT_EQ(hub.received().at(0).body, R"({"n":1})");
    EXPECT_EQ(hub.received().at(0).headers.at("Content-Type"), "application/json");
    EXPECT_EQ(hub.received().at(0).headers.at("Content-Length"), "7");
    EXPECT_EQ(hub.received().at(0).headers.at("Idempotency-Key"), "k");
}

TEST(RestClient, AStreamIsReadAsItComesAndToItsEnd) {
    RestHub hub;
    hub.streamOnce("GET /feed", "beginning", [] {});
    hub.streamOnce("GET /feed", "all of it");
    hub.answer("GET /health", "{}");
    RestClient client(urlOf(hub.url()));
    client.openStream("/feed", "text/event-stream", {{"Last-Event-ID", "7"}});
    EXPECT_EQ(client.readStream(), "beginning");
    EXPECT_EQ(hub.received().at(0).headers.at("Accept"), "text/event-stream");
    EXPECT_EQ(hub.received().at(0).headers.at("Last-Event-ID"), "7");

    client.openStream("/feed", "text/event-stream");
    EXPECT_EQ(client.readStream(), "all of it");
    EXPECT_EQ(client.readStream(), "");
    EXPECT_EQ(client.get("/health"), "{}");
}

TEST(RestClient, AStreamThatFallsSilentIsBroken) {
    RestHub hub;
    hub.streamOnce("GET /feed", "beginning", [] {});
    RestClient client(urlOf(hub.url()), {.connect = 5s, .answer = 5s, .silence = 20ms});
    client.openStream("/feed", "text/event-stream");
    EXPECT_EQ(client.readStream(), "beginning");
    EXPECT_EQ(messageOf<StreamBroken>([&] { client.readStream(); }), "nothing came for 1 s");
}

TEST(RestClient, WhatIsNoStreamIsRefused) {
    RestHub hub;
    hub.answer("GET /feed", "{}");
    RestClient client(urlOf(hub.url()));
    EXPECT_THAT(
        messageOf<std::runtime_error>([&] { client.openStream("/feed", "text/event-stream"); }),
        HasSubstr("GET /feed is not what a hub answers"));
    EXPECT_EQ(messageOf<RestRefusal>([&] { client.openStream("/no", "text/event-stream"); }),
              hub.url() + " answers 404: Nothing is known of it.");
}

TEST(RestClient, AnInterruptionEndsTheWaitForAnAnswer) {
    RestHub hub;
    hub.keepSilent("GET /health");
    const Interruption interruption;
    RestClient client(urlOf(hub.url()), {}, &interruption);
    ::pthread_kill(::pthread_self(), SIGINT);
    EXPECT_THROW(client.get("/health"), Interrupted);
}

TEST(RestClient, ArgumentsArePercentEncoded) {
    EXPECT_EQ(percentEncoded("a.b_c:d-1~"), "a.b_c%3Ad-1~");
    EXPECT_EQ(percentEncoded("a/b?c#d e%\xc3\xa9"), "a%2Fb%3Fc%23d%20e%25%C3%A9");
    EXPECT_EQ(withQuery("/x", {}), "/x");
    EXPECT_EQ(withQuery("/x", {{"q", "a&b"}, {"limit", "2"}}), "/x?q=a%26b&limit=2");
}

}  // namespace
}  // namespace hub::ctl
