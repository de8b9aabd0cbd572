#include "core/http/front_door_fixture.h"
#include "core/http/held_handler.h"
#include "core/net/mailbox.h"
#include "http/front_door.h"

#include <gtest/gtest.h>

#include <sys/socket.h>

#include <chrono>
#include <cstddef>
#include <string>

namespace hub::http {
namespace {

using namespace std::chrono_literals;

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
    HeldHandler held{"at last"};
    const auto route = door_->route("GET", "/slow", held.handler());
    Client client = connect();
    client.get("/slow");
    held.awaitCall();
    after(1h);
    held.release();
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

}  // namespace
}  // namespace hub::http
