#include "core/http/front_door_fixture.h"
#include "http/front_door.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace hub::http {
namespace {

using namespace std::chrono_literals;

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
    client.send("HEAD /hello HTTP/1.1\r\nHost: hub\r\n\r\n").receiveHead();
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

}  // namespace
}  // namespace hub::http
