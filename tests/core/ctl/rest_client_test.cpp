#include "ctl/rest_client.h"

#include "core/ctl/rest_hub.h"
#include "core/ctl/sim/closed_port.h"
#include "core/ctl/trickling_hub.h"
#include "ctl/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>

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
    EXPECT_THAT(messageOf<std::runtime_error>([&] { client.get("/health"); }),
                HasSubstr("is not what a hub answers"));
}

TEST(RestClient, ArgumentsArePercentEncoded) {
    EXPECT_EQ(percentEncoded("a.b_c:d-1~"), "a.b_c%3Ad-1~");
    EXPECT_EQ(percentEncoded("a/b?c#d e%\xc3\xa9"), "a%2Fb%3Fc%23d%20e%25%C3%A9");
    EXPECT_EQ(withQuery("/x", {}), "/x");
    EXPECT_EQ(withQuery("/x", {{"q", "a&b"}, {"limit", "2"}}), "/x?q=a%26b&limit=2");
}

}  // namespace
}  // namespace hub::ctl
