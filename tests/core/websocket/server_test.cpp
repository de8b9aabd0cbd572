#include "websocket/server.h"

#include "core/websocket/serving.h"

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/WebSocket.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace hub::websocket {
namespace {

using Kind = Decoded::Kind;

class Server : public Serving {
protected:
    Server() : Serving(2) {}
};

TEST_F(Server, SpeaksWithAnIndependentClient) {
    endpoint_.on_text = [](WebSocketLink& link, std::string_view text) { link.send(text); };
    serve();
    Poco::Net::HTTPClientSession session("127.0.0.1", listener_.port());
    Poco::Net::HTTPRequest request("GET", "/ws/lamp-1", "HTTP/1.1");
    Poco::Net::HTTPResponse response;
    Poco::Net::WebSocket socket(session, request, response);

    for (const std::size_t length : {0, 1, 125, 126, 5000, 10'000}) {
        const std::string sent(length, 'x');
        socket.sendFrame(sent.data(), static_cast<int>(sent.size()));
        Poco::Buffer<char> received(0);
        int flags = 0;
        socket.receiveFrame(received, flags);
        EXPECT_EQ(std::string(received.begin(), received.end()), sent);
        EXPECT_EQ(flags, Poco::Net::WebSocket::FRAME_TEXT);
    }
    socket.shutdown(Poco::Net::WebSocket::WS_NORMAL_CLOSE);
    Poco::Buffer<char> answer(0);
    int flags = 0;
    socket.receiveFrame(answer, flags);
    EXPECT_EQ(flags & Poco::Net::WebSocket::FRAME_OP_BITMASK, Poco::Net::WebSocket::FRAME_OP_CLOSE);
}

// RFC 6455, 11.3.4: a list may be spread over several fields.
TEST_F(Server, FindsASubprotocolInARepeatedField) {
    serve();
    const RawClient client(listener_.port(), "/ws/lamp-1",
                           "Sec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Protocol: arduino\r\n");
    EXPECT_NE(client.response().find("\r\nSec-WebSocket-Protocol: arduino\r\n"), std::string::npos);
}

TEST_F(Server, AnswersWhatTheEndpointRefuses) {
    endpoint_.on_request = [](const HttpRequest& request) {
        return HttpResponse::problem(400, request.parameter("id"));
    };
    serve();
    EXPECT_TRUE(connect("/ws/browser")->response().starts_with("HTTP/1.1 400 "));
    EXPECT_EQ(endpoint_.sessions(), 0);
}

TEST_F(Server, Answers500WhenTheEndpointCannotOpen) {
    endpoint_.on_open = [](WebSocketLink&) { throw std::runtime_error("no room"); };
    serve();
    EXPECT_TRUE(connect()->response().starts_with("HTTP/1.1 500 "));
    EXPECT_EQ(endpoint_.sessions(), 0);
    EXPECT_TRUE(logger_.contains(LogLevel::Error, "no room"));
}

TEST_F(Server, SendsFromAnyThread) {
    serve();
    const auto client = connect();
    EXPECT_EQ(server_.send(endpoint_.lastLink(), "do this"), Delivery::Accepted);
    EXPECT_EQ(server_.send(endpoint_.lastLink(), "then that"), Delivery::Accepted);
    EXPECT_EQ(client->read(), text("do this"));
    EXPECT_EQ(client->read(), text("then that"));
}

TEST_F(Server, SendsFromManyThreadsAtOnce) {
    constexpr int kThreads = 4;
    constexpr int kEach = 200;
    serve();
    const auto client = connect();
    const LinkId link = endpoint_.lastLink();
    std::vector<std::thread> senders;
    for (int i = 0; i < kThreads; ++i) {
        senders.emplace_back([this, link] {
            for (int sent = 0; sent < kEach; ++sent) {
                EXPECT_EQ(server_.send(link, "command"), Delivery::Accepted);
                server_.notify(link, 7);
            }
        });
    }
    for (std::thread& sender : senders) sender.join();
    for (int i = 0; i < kThreads * kEach; ++i) {
        ASSERT_EQ(client->read(), text("command"));
        ASSERT_EQ(endpoint_.hears(), "notify 7");
    }
}

TEST_F(Server, CannotReachALinkThatIsClosingOrGone) {
    endpoint_.on_text = [](WebSocketLink& link, std::string_view) {
        link.close(CloseCode::Normal, "");
    };
    serve();
    const auto client = connect();
    client->sendText("x");
    EXPECT_EQ(client->read()->kind, Kind::Close);
    EXPECT_EQ(server_.send(endpoint_.lastLink(), "late"), Delivery::Unreachable);

    client->sendClose(CloseCode::Normal);
    EXPECT_EQ(endpoint_.hears(), "text x");
    EXPECT_EQ(endpoint_.hears(), "end closed by us 1000");
    EXPECT_EQ(server_.send(endpoint_.lastLink(), "late"), Delivery::Unreachable);
    server_.notify(endpoint_.lastLink(), 1);
    runPosted(0);
    runPosted(1);
    EXPECT_TRUE(endpoint_.heardAll());
}

TEST_F(Server, KnowsNoLinkByAWrongNumber) {
    serve();
    const auto client = connect();
    for (const std::uint64_t id : {std::uint64_t{0}, ~std::uint64_t{0}, std::uint64_t{1} << 48}) {
        EXPECT_EQ(server_.send(LinkId{id}, "x"), Delivery::Unreachable);
        server_.notify(LinkId{id}, 1);
    }
}

TEST_F(Server, IsBusyWhenTheQueueIsFullAndLeavesTheLinkAlone) {
    serve();
    const auto client = connect();
    const LinkId link = endpoint_.lastLink();
    const std::string large(30'000, 'x');

    int accepted = 0;
    const auto accepts = [&] {
        const Delivery delivery = server_.send(link, large);
        EXPECT_NE(delivery, Delivery::Unreachable);
        if (delivery == Delivery::Accepted) ++accepted;
        return delivery == Delivery::Accepted;
    };
    const auto acceptsInTheEnd = [&] {
        if (accepts()) return true;
        runPosted(0);  // what is only on its way to the link may be written
        runPosted(1);
        return accepts();
    };
    while (acceptsInTheEnd()) {
    }

    for (int i = 0; i < accepted; ++i) ASSERT_EQ(client->read(), text(large));
    runPosted(0);
    runPosted(1);
    EXPECT_EQ(server_.send(link, large), Delivery::Accepted);
    EXPECT_EQ(client->read(), text(large));
}

TEST_F(Server, CountsWhatIsOnItsWayFromOtherThreads) {
    endpoint_.on_notify = [this](WebSocketLink& link, std::uint64_t) {
        // On the link's own thread: what was posted cannot arrive meanwhile.
        EXPECT_EQ(server_.send(link.id(), std::string(90'000, 'x')), Delivery::Accepted);
        EXPECT_EQ(server_.send(link.id(), std::string(90'000, 'x')), Delivery::Busy);
        EXPECT_FALSE(link.send(std::string(90'000, 'y')));
    };
    serve();
    const auto client = connect();
    server_.notify(endpoint_.lastLink(), 1);
    EXPECT_EQ(client->readToEnd()->code, CloseCode::TryAgainLater);
}

TEST_F(Server, NeverUsesALinkNumberTwice) {
    serve();
    std::set<LinkId> seen;
    for (int i = 0; i < 20; ++i) {
        const auto client = connect();
        EXPECT_TRUE(seen.insert(endpoint_.lastLink()).second);
    }
}

TEST_F(Server, UnmountingEndsAllSessionsBeforeItReturns) {
    serve();
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 10; ++i) clients.push_back(connect());
    EXPECT_EQ(endpoint_.sessions(), 10);

    mounted_ = {};

    EXPECT_EQ(endpoint_.sessions(), 0);
    for (const auto& client : clients) {
        EXPECT_EQ(endpoint_.hears(), "end hub stopping 1001");
        EXPECT_EQ(client->readToEnd()->code, CloseCode::GoingAway);
    }
    EXPECT_FALSE(connect()->response().starts_with("HTTP/1.1 101 "));
}

TEST_F(Server, UnmountingDoesNotWaitForAPeerThatDoesNotRead) {
    limits_.queue_bytes = 64 * 1024 * 1024;
    serve();
    const auto client = connect();
    const std::string large(4 * 1024 * 1024, 'x');
    while (server_.send(endpoint_.lastLink(), large) == Delivery::Accepted) {
    }
    mounted_ = {};
    EXPECT_EQ(endpoint_.hears(), "end hub stopping 1001");
}

TEST_F(Server, KeepsOtherEndpointsWhenOneIsUnmounted) {
    serve();
    ScriptedEndpoint other;
    const Registration kept = server_.mount("/live", other, limits_);
    const auto leaving = connect();
    const auto staying = connect("/live");

    mounted_ = {};

    staying->sendText("still here");
    EXPECT_EQ(other.hears(), "text still here");
}

TEST_F(Server, TellsTheEndOfLinksThatAreOpenWhenTheLoopsStop) {
    serve();
    const auto client = connect();
    loops_.stop();
    EXPECT_EQ(endpoint_.hears(), "end broken 1006");
    EXPECT_EQ(endpoint_.sessions(), 0);
}

class AllLinks : public Serving {
protected:
    AllLinks() : Serving(2, {}, {.connections = 4, .links = 2}) {}
};

TEST_F(AllLinks, LeavePlacesToConnectionsThatAreNone) {
    serve();
    const auto first = connect();
    const auto second = connect("/ws/lamp-2", "127.0.0.2");
    const auto refused = connect("/ws/lamp-3", "127.0.0.3");
    EXPECT_TRUE(refused->response().starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
    EXPECT_NE(refused->response().find("\r\nRetry-After: 10\r\n"), std::string::npos);
    EXPECT_EQ(endpoint_.sessions(), 2);
    const auto other = connect("/elsewhere");
    EXPECT_TRUE(other->response().starts_with("HTTP/1.1 404 "));
    EXPECT_TRUE(connect("/elsewhere")->response().starts_with("HTTP/1.1 503 "));
    EXPECT_TRUE(shows("hub_refused_total{reason=\"descriptor_reserve\"} 2"));
    const auto lines = logger_.lines();
    EXPECT_EQ(std::ranges::count_if(lines,
                                    [](const auto& line) {
                                        return line.message.starts_with("refused 1 connection, ");
                                    }),
              1)
        << "one place tells of both";
}

class UnregisteredLinks : public Serving {
protected:
    UnregisteredLinks() : Serving(2, {.unregistered = 2}) {}
};

TEST_F(UnregisteredLinks, OfAnAddressAreBounded) {
    serve();
    const auto first = connect();
    const auto second = connect();
    const auto refused = connect();
    EXPECT_TRUE(refused->response().starts_with("HTTP/1.1 429 Too Many Requests\r\n"));
    EXPECT_NE(refused->response().find("\r\nRetry-After: 10\r\n"), std::string::npos);
    EXPECT_EQ(endpoint_.sessions(), 2);
    EXPECT_TRUE(connect("/ws/lamp-1", "127.0.0.2")->response().starts_with("HTTP/1.1 101 "));
    EXPECT_TRUE(shows("hub_refused_total{reason=\"address_unregistered\"} 1"));
    EXPECT_TRUE(logger_.contains(LogLevel::Warning, "refused 1 connection, from 127.0.0.1:"));
}

TEST_F(UnregisteredLinks, AreThoseWhoseSessionsHaveNotSaidOtherwise) {
    endpoint_.registers = false;
    endpoint_.on_text = [](WebSocketLink& link, std::string_view text) {
        if (text == "hello") link.registered();
    };
    serve();
    const auto first = connect();
    const auto second = connect();
    first->sendText("junk");
    EXPECT_EQ(endpoint_.hears(), "text junk");
    EXPECT_TRUE(connect()->response().starts_with("HTTP/1.1 429 "));
    first->sendText("hello");
    EXPECT_EQ(endpoint_.hears(), "text hello");
    runPosted(0);  // until the session has returned
    runPosted(1);
    const auto third = connect();
    EXPECT_TRUE(third->response().starts_with("HTTP/1.1 101 "));
    EXPECT_TRUE(connect()->response().starts_with("HTTP/1.1 429 "));
}

TEST_F(UnregisteredLinks, LeaveTheirPlaceWhenTheEndpointCannotOpen) {
    bool fails = true;
    endpoint_.on_open = [&fails](WebSocketLink&) {
        if (fails) throw std::runtime_error("no room");
    };
    serve();
    const auto first = connect();
    const auto second = connect();
    EXPECT_TRUE(first->response().starts_with("HTTP/1.1 500 "));
    EXPECT_TRUE(second->response().starts_with("HTTP/1.1 500 "));
    fails = false;
    EXPECT_TRUE(connect()->response().starts_with("HTTP/1.1 101 "));
}

TEST_F(UnregisteredLinks, LeaveTheirPlaceWithTheirConnection) {
    serve();
    auto first = connect();
    const auto second = connect();
    first->sendClose(CloseCode::Normal);
    (void)first->readToEnd();
    first.reset();
    // The kernel may take a moment to tell.
    for (int i = 0; i < 100'000 && !shows("hub_connections 1"); ++i) {
        pass(std::chrono::milliseconds(1));
    }
    EXPECT_TRUE(connect()->response().starts_with("HTTP/1.1 101 "));
}

}  // namespace
}  // namespace hub::websocket
