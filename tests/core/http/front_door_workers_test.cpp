#include "core/http/front_door_fixture.h"
#include "core/http/held_handler.h"
#include "http/front_door.h"

#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

namespace hub::http {
namespace {

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
    HeldHandler held{"slow"};
    const auto slow = door_->route("GET", "/slow", held.handler());
    const auto fast = hello();
    Client running = connect();
    running.get("/slow");
    held.awaitCall();
    Client waiting = connect();
    waiting.get("/hello");
    settle();
    const Received refused = connect().get("/hello").receive();
    EXPECT_EQ(refused.status(), 503);
    EXPECT_TRUE(refused.has("Retry-After: 1"));
    held.release();
    EXPECT_EQ(running.receive().body, "slow");
    EXPECT_EQ(waiting.receive().body, "hello");
}

TEST_F(FrontDoorTest, AProbeAnswersWhileAllWorkersWaitAndTheirQueueIsFull) {
    FrontDoorSettings settings;
    settings.workers = 1;
    settings.queued_requests = 1;
    open(settings);
    HeldHandler held{"slow"};
    const auto slow = door_->route("GET", "/slow", held.handler());
    const auto fast = hello();
    const auto probe = door_->probe("/health", [](const HttpRequest&) { return said("healthy"); });
    Client running = connect();
    running.get("/slow");
    held.awaitCall();
    Client waiting = connect();
    waiting.get("/hello");
    settle();
    EXPECT_EQ(connect().get("/hello").receive().status(), 503);
    Client asking = connect();
    EXPECT_EQ(asking.get("/health").receive().body, "healthy");
    asking.send("HEAD /health HTTP/1.1\r\nHost: hub\r\n\r\n");
    EXPECT_EQ(asking.receiveHead().status(), 200);
    held.release();
    EXPECT_EQ(running.receive().body, "slow");
    EXPECT_EQ(waiting.receive().body, "hello");
}

TEST_F(FrontDoorTest, AProbeThatBlocksHoldsUpNoOtherRoute) {
    HeldHandler held{"late"};
    const auto stuck = door_->probe("/stuck", held.handler());
    const auto fast = hello();
    Client running = connect();
    running.get("/stuck");
    held.awaitCall();
    EXPECT_EQ(connect().get("/hello").receive().body, "hello");
    held.release();
    EXPECT_EQ(running.receive().body, "late");
}

TEST_F(FrontDoorTest, AProbeIsARouteThatTakesGet) {
    const auto probe = door_->probe("/health", [](const HttpRequest&) { return said("healthy"); });
    EXPECT_TRUE(connect().post("/health", "").receive().has("Allow: GET, HEAD, OPTIONS"));
    EXPECT_THROW((void)door_->route("GET", "/health", [](const HttpRequest&) { return said(""); }),
                 std::logic_error);
}

TEST_F(FrontDoorTest, AClientMayGoWhileItsRequestIsAnswered) {
    HeldHandler held{"for nobody"};
    const auto slow = door_->route("GET", "/slow", held.handler());
    Client gone = connect();
    gone.get("/slow");
    held.awaitCall();
    gone.tcp().reset();
    settle();
    held.release();
    const auto route = hello();
    EXPECT_EQ(connect().get("/hello").receive().body, "hello");
}

TEST_F(FrontDoorTest, RemovingARouteWaitsForItsCalls) {
    HeldHandler held;
    bool alive = true;
    std::optional<Registration> route = door_->route("GET", "/slow", [&](const HttpRequest& call) {
        if (call.header("x-probe")) return said("still there");
        held.hold();
        return said(alive ? "alive" : "dead");
    });
    Client client = connect();
    client.get("/slow");
    held.awaitCall();
    std::thread removing{[&] {
        route.reset();
        alive = false;
    }};
    Client probe = connect();
    while (probe.get("/slow", "X-Probe: 1\r\n").receive().status() == 200) {
    }
    held.release();
    EXPECT_EQ(client.receive().body, "alive");
    removing.join();
}

TEST_F(FrontDoorTest, ARequestThatWaitsForAWorkerFindsItsRouteRemoved) {
    FrontDoorSettings settings;
    settings.workers = 1;
    open(settings);
    HeldHandler held;
    const auto slow = door_->route("GET", "/slow", held.handler());
    std::optional<Registration> removed = hello();
    Client running = connect();
    running.get("/slow");
    held.awaitCall();
    Client waiting = connect();
    waiting.get("/hello");
    settle();
    removed.reset();
    held.release();
    const Received stopped = waiting.receive();
    EXPECT_EQ(stopped.status(), 503) << "what it asked for was there when it came";
    EXPECT_TRUE(stopped.has("Retry-After: 1"));
    EXPECT_EQ(waiting.get("/hello").receive().status(), 404);
}

}  // namespace
}  // namespace hub::http
