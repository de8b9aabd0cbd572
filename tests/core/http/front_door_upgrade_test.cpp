#include "core/http/front_door_fixture.h"
#include "http/front_door.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <variant>

namespace hub::http {
namespace {

using namespace std::chrono_literals;

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
