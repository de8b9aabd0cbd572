#include "websocket/link.h"

#include "core/websocket/serving.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>

namespace hub::websocket {
namespace {

using Kind = Decoded::Kind;
using namespace std::chrono_literals;

Told closing(CloseCode code, std::string_view reason = "") {
    return {Kind::Close, code, std::string(reason)};
}

class Link : public Serving {};

TEST_F(Link, CarriesMessagesBothWays) {
    endpoint_.on_text = [](WebSocketLink& link, std::string_view text) {
        link.send("echo " + std::string(text));
    };
    serve();
    const auto client = connect();

    client->sendText("hello");

    EXPECT_EQ(endpoint_.hears(), "text hello");
    EXPECT_EQ(client->read(), text("echo hello"));
}

TEST_F(Link, DeliversEveryFrameOfABurstInOrder) {
    serve();
    const auto client = connect();

    std::string burst;
    for (int i = 0; i < 1000; ++i) burst += clientFrame(0x81, std::to_string(i));
    client->sendBytes(burst);

    for (int i = 0; i < 1000; ++i) ASSERT_EQ(endpoint_.hears(), "text " + std::to_string(i));
}

TEST_F(Link, TakesFramesThatComeByteByByte) {
    serve();
    const auto client = connect();
    for (const char byte : clientFrame(0x81, "slow")) client->sendBytes({&byte, 1});
    EXPECT_EQ(endpoint_.hears(), "text slow");
}

TEST_F(Link, TakesFramesThatCameWithTheRequest) {
    serve();
    const RawClient client(listener_.port(), "/ws/lamp-1", "\r\n" + clientFrame(0x81, "early"));
    EXPECT_EQ(endpoint_.hears(), "text early");
}

TEST_F(Link, AnswersAPingWithItsPayload) {
    serve();
    const auto client = connect();
    client->sendBytes(clientFrame(0x89, "are you there"));
    EXPECT_EQ(client->read(), (Told{Kind::Pong, CloseCode::NoStatus, "are you there"}));
    EXPECT_EQ(endpoint_.hears(), "control");
}

TEST_F(Link, SendsWhatASessionSaysWhileItOpensBehindTheResponse) {
    endpoint_.on_open = [](WebSocketLink& link) { link.send("welcome"); };
    serve();
    const auto client = connect();
    EXPECT_TRUE(client->response().starts_with("HTTP/1.1 101 "));
    EXPECT_EQ(client->read(), text("welcome"));
}

TEST_F(Link, AnswersACloseWithItsCode) {
    serve();
    const auto client = connect();
    client->sendClose(CloseCode::GoingAway, "leaving");
    EXPECT_EQ(client->read(), closing(CloseCode::GoingAway));
    EXPECT_EQ(client->read(), std::nullopt);
    EXPECT_EQ(endpoint_.hears(), "end peer closed 1001");
    EXPECT_EQ(endpoint_.sessions(), 0);
}

TEST_F(Link, AnswersACloseWithoutACode) {
    serve();
    const auto client = connect();
    client->sendBytes(clientFrame(0x88, ""));
    EXPECT_EQ(client->readToEnd(), closing(CloseCode::NoStatus));
    EXPECT_EQ(endpoint_.hears(), "end peer closed 1005");
}

TEST_F(Link, IsBrokenWhenThePeerGoesWithoutAClose) {
    serve();
    connect().reset();
    EXPECT_EQ(endpoint_.hears(), "end broken 1006");
}

TEST_F(Link, ClosesWithTheCodeOfTheBrokenRule) {
    limits_.fragments = 2;
    serve();
    const struct {
        std::string bytes;
        const char* heard;
        CloseCode code;
    } cases[]{
        {clientFrame(0x83, ""), "end protocol 1002", CloseCode::ProtocolError},
        {bytes({0x81, 0x01, 'x'}), "end protocol 1002", CloseCode::ProtocolError},
        {clientFrame(0x81, "\xFF"), "end protocol 1007", CloseCode::InvalidPayload},
        {clientFrame(0x81, std::string(10'001, 'x')), "end protocol 1009",
         CloseCode::MessageTooBig},
        {clientFrame(0x01, "") + clientFrame(0x00, "") + clientFrame(0x80, ""), "end protocol 1008",
         CloseCode::PolicyViolation},
    };
    for (const auto& one : cases) {
        const auto client = connect();
        client->sendBytes(one.bytes);
        EXPECT_EQ(client->readToEnd()->code, one.code);
        EXPECT_EQ(endpoint_.hears(), one.heard);
    }
}

TEST_F(Link, ClosesOnBinaryThatTheSessionDoesNotTake) {
    serve();
    const auto client = connect();
    client->sendBytes(clientFrame(0x82, "\x01"));
    EXPECT_EQ(client->readToEnd()->code, CloseCode::UnsupportedPayload);
    EXPECT_EQ(endpoint_.hears(), "binary \x01");
    EXPECT_EQ(endpoint_.hears(), "end protocol 1003");
}

TEST_F(Link, GoesOnAfterBinaryThatTheSessionTakes) {
    endpoint_.takes_binary = true;
    serve();
    const auto client = connect();
    client->sendBytes(clientFrame(0x82, "\x01"));
    client->sendText("more");
    EXPECT_EQ(endpoint_.hears(), "binary \x01");
    EXPECT_EQ(endpoint_.hears(), "text more");
}

TEST_F(Link, WaitsForThePeersCloseAndDeliversNothingMeanwhile) {
    endpoint_.on_text = [](WebSocketLink& link, std::string_view) {
        link.close(CloseCode::TakenOver, "taken over");
        EXPECT_FALSE(link.send("too late"));
    };
    serve();
    const auto client = connect();
    client->sendText("first");
    EXPECT_EQ(client->read(), closing(CloseCode::TakenOver, "taken over"));
    EXPECT_EQ(endpoint_.hears(), "text first");

    client->sendText("late");
    client->sendBytes(clientFrame(0x89, "late"));
    client->sendClose(CloseCode::TakenOver);

    EXPECT_EQ(endpoint_.hears(), "end closed by us 4000");
    EXPECT_EQ(client->read(), std::nullopt);
}

TEST_F(Link, EndsWithoutThePeersCloseAfterTwoSeconds) {
    endpoint_.on_text = [](WebSocketLink& link, std::string_view) {
        link.close(CloseCode::Normal, "");
    };
    serve();
    const auto client = connect();
    client->sendText("x");
    EXPECT_EQ(client->read(), closing(CloseCode::Normal));
    EXPECT_EQ(endpoint_.hears(), "text x");

    pass(1999ms);
    EXPECT_TRUE(endpoint_.heardAll());
    pass(1ms);
    EXPECT_EQ(endpoint_.hears(), "end closed by us 1000");
    EXPECT_EQ(client->read(), std::nullopt);
}

TEST_F(Link, ClosesWhenItsSessionThrows) {
    endpoint_.on_text = [](WebSocketLink&, std::string_view) {
        throw std::runtime_error("out of cheese");
    };
    serve();
    const auto client = connect();
    client->sendText("x");
    EXPECT_EQ(client->readToEnd(), closing(CloseCode::InternalError, "internal error"));
    EXPECT_EQ(endpoint_.hears(), "text x");
    EXPECT_EQ(endpoint_.hears(), "end closed by us 1011");
    EXPECT_TRUE(logger_.contains(LogLevel::Error, "/ws/{id}"));
    EXPECT_TRUE(logger_.contains(LogLevel::Error, "out of cheese"));
}

TEST_F(Link, ClosesWhenThePeerDoesNotRead) {
    endpoint_.on_text = [](WebSocketLink& link, std::string_view) {
        EXPECT_TRUE(link.send(std::string(60'000, 'a')));
        EXPECT_FALSE(link.send(std::string(60'000, 'b')));
        EXPECT_FALSE(link.send("short"));
    };
    serve();
    const auto client = connect();
    client->sendText("go");
    EXPECT_EQ(endpoint_.hears(), "text go");
    EXPECT_EQ(endpoint_.hears(), "end queue full 1013");
    EXPECT_EQ(client->read()->payload, std::string(60'000, 'a'));
    EXPECT_EQ(client->read()->code, CloseCode::TryAgainLater);
    EXPECT_EQ(client->read(), std::nullopt);
}

// A queue larger than what the kernel takes, so that a part of it stays.
TEST_F(Link, JudgesItsQueueByWhatIsLeftOfIt) {
    const std::string part(4 * 1024 * 1024, 'x');
    limits_.queue_bytes = 16 * part.size();
    endpoint_.on_text = [&](WebSocketLink& link, std::string_view text) {
        for (int i = text == "fill" ? 15 : 2; i > 0; --i) EXPECT_TRUE(link.send(part));
    };
    serve();
    const auto client = connect();
    client->sendText("fill");
    EXPECT_EQ(endpoint_.hears(), "text fill");
    for (int i = 0; i < 8; ++i) ASSERT_EQ(client->read(), text(part));
    runPosted();

    EXPECT_EQ(server_.send(endpoint_.lastLink(), part), Delivery::Accepted);
    client->sendText("more");
    for (int i = 0; i < 10; ++i) ASSERT_EQ(client->read(), text(part));
    EXPECT_EQ(endpoint_.hears(), "text more");
}

TEST_F(Link, TellsHowLongThePeerHasTakenNothing) {
    const std::string part(4 * 1024 * 1024, 'x');
    limits_.queue_bytes = 16 * part.size();
    std::atomic<std::chrono::nanoseconds> unread{};
    endpoint_.on_text = [&](WebSocketLink& link, std::string_view text) {
        for (int i = text == "fill" ? 15 : 0; i > 0; --i) EXPECT_TRUE(link.send(part));
        unread = link.unread();
    };
    serve();
    const auto client = connect();
    const auto say = [&](const std::string& word) {
        client->sendText(word);
        EXPECT_EQ(endpoint_.hears(), "text " + word);
        runPosted();
    };
    say("fill");
    EXPECT_EQ(unread.load(), 0s);
    // At first the kernel still takes some.
    while (unread.load() == 0s) {
        pass(3s);
        say("look");
    }
    EXPECT_EQ(unread.load(), 3s);
    for (int i = 0; i < 15; ++i) ASSERT_EQ(client->read(), text(part));
    say("look");
    EXPECT_EQ(unread.load(), 0s);
}

TEST_F(Link, EndsInTimeEvenWhenThePeerNeverReads) {
    limits_.queue_bytes = 64 * 1024 * 1024;
    endpoint_.on_text = [](WebSocketLink& link, std::string_view) {
        while (link.send(std::string(4 * 1024 * 1024, 'a'))) {
        }
    };
    serve();
    const auto client = connect();
    client->sendText("go");
    EXPECT_EQ(endpoint_.hears(), "text go");
    EXPECT_EQ(endpoint_.hears(), "end queue full 1013");

    pass(hub::websocket::Link::kCloseLimit);
    // What the kernel had taken comes, the rest and the close frame do not.
    const auto last = client->readToEnd();
    EXPECT_TRUE(!last || last->kind == Kind::Text);
}

TEST_F(Link, IsGoneInTimeThoughThePeerAnswersLateAndNeverReads) {
    limits_.queue_bytes = 64 * 1024 * 1024;
    endpoint_.on_text = [](WebSocketLink& link, std::string_view) {
        for (int i = 0; i < 10; ++i) link.send(std::string(4 * 1024 * 1024, 'a'));
        link.close(CloseCode::Normal, "");
    };
    serve();
    const auto client = connect();
    client->sendText("go");
    EXPECT_EQ(endpoint_.hears(), "text go");
    pass(1999ms);
    client->sendClose(CloseCode::Normal);
    EXPECT_EQ(endpoint_.hears(), "end closed by us 1000");

    pass(1ms);
    // What the kernel had taken comes, the rest and the close frame do not.
    const auto last = client->readToEnd();
    EXPECT_TRUE(!last || last->kind == Kind::Text);
}

TEST_F(Link, BoundsThePongsToo) {
    limits_.queue_bytes = 1000;
    serve();
    const auto client = connect();
    std::string pings;
    for (int i = 0; i < 100; ++i) pings += clientFrame(0x89, std::string(100, 'p'));
    client->sendBytes(pings);
    EXPECT_EQ(client->readToEnd()->code, CloseCode::TryAgainLater);
}

TEST_F(Link, PausesAtOnceWithinABurst) {
    endpoint_.on_text = [](WebSocketLink& link, std::string_view text) {
        if (text == "pause") link.pause();
    };
    endpoint_.on_notify = [](WebSocketLink& link, std::uint64_t) { link.resume(); };
    serve();
    const auto client = connect();
    client->sendBytes(clientFrame(0x81, "pause") + clientFrame(0x81, "a") + clientFrame(0x81, "b"));
    EXPECT_EQ(endpoint_.hears(), "text pause");
    runPosted();
    EXPECT_TRUE(endpoint_.heardAll());

    server_.notify(endpoint_.lastLink(), 1);
    EXPECT_EQ(endpoint_.hears(), "notify 1");
    EXPECT_EQ(endpoint_.hears(), "text a");
    EXPECT_EQ(endpoint_.hears(), "text b");
}

TEST_F(Link, MayBePausedFromItsBeginning) {
    endpoint_.on_open = [](WebSocketLink& link) { link.pause(); };
    endpoint_.on_notify = [](WebSocketLink& link, std::uint64_t) { link.resume(); };
    serve();
    const auto client = connect();
    client->sendText("hello");
    server_.notify(endpoint_.lastLink(), 1);
    EXPECT_EQ(endpoint_.hears(), "notify 1");
    EXPECT_EQ(endpoint_.hears(), "text hello");
}

TEST_F(Link, EndsWithItsPeerWhilePaused) {
    endpoint_.on_text = [](WebSocketLink& link, std::string_view) { link.pause(); };
    serve();
    auto client = connect();
    client->sendBytes(clientFrame(0x81, "pause") + clientFrame(0x81, "never acknowledged"));
    EXPECT_EQ(endpoint_.hears(), "text pause");
    client.reset();
    EXPECT_EQ(endpoint_.hears(), "end broken 1006");
}

TEST_F(Link, ClosesProperlyWhilePaused) {
    endpoint_.on_text = [](WebSocketLink& link, std::string_view) { link.pause(); };
    endpoint_.on_notify = [](WebSocketLink& link, std::uint64_t) {
        link.close(CloseCode::Normal, "");
    };
    serve();
    const auto client = connect();
    client->sendText("pause");
    EXPECT_EQ(endpoint_.hears(), "text pause");
    client->sendText("never delivered");
    server_.notify(endpoint_.lastLink(), 1);
    EXPECT_EQ(client->read(), closing(CloseCode::Normal));
    client->sendClose(CloseCode::Normal);
    EXPECT_EQ(endpoint_.hears(), "notify 1");
    EXPECT_EQ(endpoint_.hears(), "end closed by us 1000");
}

TEST_F(Link, YieldsToAFullEventLog) {
    serve();
    const auto client = connect();
    sinks_[0].pause(true);
    client->sendText("a");
    runPosted();
    pass(1ms);  // a wake-up while the log is still full changes nothing
    EXPECT_TRUE(endpoint_.heardAll());

    sinks_[0].pause(false);
    loops_[0].wake();
    EXPECT_EQ(endpoint_.hears(), "text a");
    client->sendText("b");
    EXPECT_EQ(endpoint_.hears(), "text b");
}

TEST_F(Link, YieldsWithinABurstAsSoonAsTheLogIsFull) {
    endpoint_.on_text = [this](WebSocketLink&, std::string_view text) {
        if (text == "last drop") sinks_[0].pause(true);
    };
    serve();
    const auto client = connect();
    client->sendBytes(clientFrame(0x81, "last drop") + clientFrame(0x81, "later"));
    EXPECT_EQ(endpoint_.hears(), "text last drop");
    runPosted();
    EXPECT_TRUE(endpoint_.heardAll());

    sinks_[0].pause(false);
    loops_[0].wake();
    EXPECT_EQ(endpoint_.hears(), "text later");
}

TEST_F(Link, DoesNotYieldWhenItNeedNot) {
    limits_.yields_to_log = false;
    serve();
    const auto client = connect();
    sinks_[0].pause(true);
    client->sendText("a");
    EXPECT_EQ(endpoint_.hears(), "text a");
}

class SilentLink : public Serving {
protected:
    SilentLink() {
        endpoint_.on_open = [](WebSocketLink& link) { link.setIdleTimeout(90s); };
        endpoint_.on_notify = [](WebSocketLink& link, std::uint64_t word) {
            word == 0 ? link.pause() : link.resume();
        };
    }

    [[nodiscard]] std::unique_ptr<RawClient> connectAndSpeak() {
        auto client = connect();
        client->sendText("hello");
        EXPECT_EQ(endpoint_.hears(), "text hello");
        return client;
    }

    void notify(std::uint64_t word) {
        server_.notify(endpoint_.lastLink(), word);
        EXPECT_EQ(endpoint_.hears(), "notify " + std::to_string(word));
    }
};

const Told kPing{Kind::Ping, CloseCode::NoStatus, ""};

TEST_F(SilentLink, IsPingedAfterEachThirdOfItsTimeoutAndThenEnds) {
    serve();
    const auto client = connectAndSpeak();
    pass(30s);
    EXPECT_EQ(client->read(), kPing);
    pass(30s);
    EXPECT_EQ(client->read(), kPing);
    pass(30s);
    EXPECT_EQ(endpoint_.hears(), "end silent 1008");
    EXPECT_EQ(client->readToEnd()->code, CloseCode::PolicyViolation);
}

TEST_F(SilentLink, LivesOnAPongAlone) {
    serve();
    const auto client = connectAndSpeak();
    for (int i = 0; i < 10; ++i) {
        pass(30s);
        EXPECT_EQ(client->read(), kPing);
        client->sendBytes(clientFrame(0x8A, ""));
        EXPECT_EQ(endpoint_.hears(), "control");
    }
}

TEST_F(SilentLink, LivesOnAnyByte) {
    serve();
    const auto client = connectAndSpeak();
    const std::string frame = clientFrame(0x81, "slow but alive");
    for (const char byte : frame) {
        pass(29s);
        client->sendBytes({&byte, 1});
        runPosted();
    }
    EXPECT_EQ(endpoint_.hears(), "text slow but alive");
}

TEST_F(SilentLink, IsNotJudgedWhilePaused) {
    serve();
    const auto client = connectAndSpeak();
    notify(0);
    pass(1h);
    EXPECT_TRUE(endpoint_.heardAll());

    client->sendText("was here all the time");
    notify(1);
    EXPECT_EQ(endpoint_.hears(), "text was here all the time");
}

TEST_F(SilentLink, ResumesItsSilenceAfterAPause) {
    serve();
    const auto client = connectAndSpeak();
    pass(60s);
    EXPECT_EQ(client->read(), kPing);
    notify(0);
    pass(1h);
    notify(1);
    pass(29s);
    EXPECT_TRUE(endpoint_.heardAll());
    pass(1s);
    EXPECT_EQ(endpoint_.hears(), "end silent 1008");
}

TEST_F(SilentLink, IsReadForASecondAfterAPauseBeforeItIsJudged) {
    serve();
    const auto client = connectAndSpeak();
    pass(89'900ms);
    notify(0);
    notify(1);
    pass(999ms);
    EXPECT_TRUE(endpoint_.heardAll());
    pass(1ms);
    EXPECT_EQ(endpoint_.hears(), "end silent 1008");
}

TEST_F(Link, MustBeRegisteredInTime) {
    endpoint_.registers = false;
    serve();
    const auto client = connect();
    pass(5s);
    client->sendBytes(clientFrame(0x89, ""));
    EXPECT_EQ(endpoint_.hears(), "control");
    client->sendText("junk");
    EXPECT_EQ(endpoint_.hears(), "text junk");
    pass(5s);
    EXPECT_EQ(endpoint_.hears(), "end silent 1008");
    EXPECT_EQ(client->readToEnd()->code, CloseCode::PolicyViolation);
}

TEST_F(Link, WithoutAnIdleTimeoutMayBeSilentOnceItIsRegistered) {
    serve();
    const auto client = connect();
    client->sendText("hello");
    EXPECT_EQ(endpoint_.hears(), "text hello");
    pass(24h);
    client->sendText("still here");
    EXPECT_EQ(endpoint_.hears(), "text still here");
}

}  // namespace
}  // namespace hub::websocket
