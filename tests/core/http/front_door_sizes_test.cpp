#include "core/http/front_door_fixture.h"
#include "http/front_door.h"

#include <gtest/gtest.h>

#include <string>

namespace hub::http {
namespace {

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

}  // namespace
}  // namespace hub::http
