#include "core/websocket/serving.h"
#include "websocket/link.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace hub::websocket {
namespace {

using Kind = Decoded::Kind;
using namespace std::chrono_literals;

const Told kPong{Kind::Pong, CloseCode::NoStatus, "still there?"};

// A link that has been used, on a hub whose event log can be full.
class YieldingLink : public Serving {
protected:
    std::unique_ptr<RawClient> connectAndSpeak() {
        auto client = connect();
        client->sendText("hello");
        EXPECT_EQ(endpoint_.hears(), "text hello");
        return client;
    }
    void serveAndConnect() {
        serve();
        client_ = connectAndSpeak();
    }

    void fillLog() { sinks_[0].pause(true); }
    void makeRoomInLog() {
        sinks_[0].pause(false);
        loops_[0].wake();
    }

    static void sendPing(RawClient& client) { client.sendBytes(clientFrame(0x89, kPong.payload)); }
    void sendPing() { sendPing(*client_); }
    // What was sent before has been read then, if it is read at all.
    void expectPong() {
        EXPECT_EQ(client_->read(), kPong);
        EXPECT_EQ(endpoint_.hears(), "control");
    }
    void expectNothingHeard() {
        runPosted();
        runPosted();
        EXPECT_TRUE(endpoint_.heardAll());
    }

    std::unique_ptr<RawClient> client_;
};

TEST_F(YieldingLink, AnswersPingsWhileTheLogIsFull) {
    serveAndConnect();
    fillLog();
    client_->sendText("a");
    for (int i = 0; i < 1000; ++i) {
        sendPing();
        ASSERT_EQ(client_->read(), kPong);
        ASSERT_EQ(endpoint_.hears(), "control");
    }
    expectNothingHeard();
    makeRoomInLog();
    EXPECT_EQ(endpoint_.hears(), "text a");
}

TEST_F(YieldingLink, DeliversWhatItKeptInOrderAndBeforeAnythingNewer) {
    endpoint_.takes_binary = true;
    serveAndConnect();
    fillLog();
    client_->sendText("a");
    client_->sendBytes(clientFrame(0x82, "b"));
    sendPing();
    client_->sendText("");
    client_->sendText("c");
    expectPong();
    sendPing();
    expectPong();
    expectNothingHeard();

    client_->sendText("newer");
    makeRoomInLog();
    for (const char* heard : {"text a", "binary b", "text ", "text c", "text newer"}) {
        EXPECT_EQ(endpoint_.hears(), heard);
    }
}

TEST_F(YieldingLink, KeepsAMessageThatComesInPieces) {
    serveAndConnect();
    fillLog();
    const std::string bytes = clientFrame(0x01, "in ") + clientFrame(0x89, kPong.payload) +
                              clientFrame(0x00, "many ") + clientFrame(0x80, "pieces");
    for (const char byte : bytes) client_->sendBytes({&byte, 1});
    expectPong();
    sendPing();
    expectPong();
    makeRoomInLog();
    EXPECT_EQ(endpoint_.hears(), "text in many pieces");
}

TEST_F(YieldingLink, IsNotReadBeyondItsBound) {
    serveAndConnect();
    fillLog();
    for (int i = 0; i < 6; ++i) client_->sendText(std::string(1000, 'x'));
    sendPing();
    expectNothingHeard();

    makeRoomInLog();
    for (int i = 0; i < 6; ++i) EXPECT_EQ(endpoint_.hears(), "text " + std::string(1000, 'x'));
    expectPong();
}

TEST_F(YieldingLink, TakesAMessageLongerThanItsBoundInTheEnd) {
    serveAndConnect();
    fillLog();
    client_->sendText("short");
    client_->sendText(std::string(9000, 'x'));
    client_->sendText("behind it");
    expectNothingHeard();
    makeRoomInLog();
    EXPECT_EQ(endpoint_.hears(), "text short");
    EXPECT_EQ(endpoint_.hears(), "text " + std::string(9000, 'x'));
    EXPECT_EQ(endpoint_.hears(), "text behind it");
}

TEST_F(YieldingLink, SharesABudgetWithTheOthersOfItsLoop) {
    serve();
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 4; ++i) clients.push_back(connectAndSpeak());
    const std::string large(Backlog::kLimit - 100, 'x');
    for (int round = 0; round < 3; ++round) {  // it comes back whole
        fillLog();
        for (int i = 0; i < 2; ++i) {
            clients[static_cast<std::size_t>(i)]->sendText(large);
            sendPing(*clients[static_cast<std::size_t>(i)]);
            EXPECT_EQ(clients[static_cast<std::size_t>(i)]->read(), kPong);
            EXPECT_EQ(endpoint_.hears(), "control");
        }
        // The third gets what is left of it, and nothing is left for the fourth but its own share.
        clients[2]->sendText(large);
        expectNothingHeard();
        clients[3]->sendText(std::string(Backlog::kOwnShare, 'x'));
        sendPing(*clients[3]);
        expectNothingHeard();

        makeRoomInLog();
        EXPECT_EQ(clients[3]->read(), kPong);
        std::vector<std::string> heard;
        for (int i = 0; i < 5; ++i) heard.push_back(endpoint_.hears());
        EXPECT_EQ(std::ranges::count(heard, "text " + large), 3);
        EXPECT_EQ(std::ranges::count(heard, "control"), 1);
    }
}

TEST_F(YieldingLink, IsAnsweredItsPingsWhileOthersHaveUsedUpTheBudget) {
    serve();
    std::vector<std::unique_ptr<RawClient>> flooders;
    for (int i = 0; i < 4; ++i) flooders.push_back(connectAndSpeak());
    client_ = connectAndSpeak();
    fillLog();
    for (const auto& flooder : flooders) {
        flooder->sendText(std::string(Backlog::kLimit + 1000, 'x'));
    }
    expectNothingHeard();
    client_->sendText("and a little besides");
    for (int i = 0; i < 100; ++i) {
        sendPing();
        expectPong();
    }
    expectNothingHeard();
}

TEST_F(YieldingLink, AnswersACloseAndDeliversWhatCameBeforeIt) {
    serveAndConnect();
    fillLog();
    client_->sendText("last words");
    client_->sendClose(CloseCode::GoingAway);
    EXPECT_EQ(client_->read(), (Told{Kind::Close, CloseCode::GoingAway, ""}));
    expectNothingHeard();
    EXPECT_EQ(server_.send(endpoint_.lastLink(), "late"), Delivery::Unreachable);

    makeRoomInLog();
    EXPECT_EQ(endpoint_.hears(), "text last words");
    EXPECT_EQ(endpoint_.hears(), "end peer closed 1001");
    EXPECT_EQ(client_->read(), std::nullopt);
    EXPECT_EQ(endpoint_.sessions(), 0);
    expectNothingHeard();
}

TEST_F(YieldingLink, DeliversWhatAPeerSaidThatHasGone) {
    for (const bool with_unread_input : {false, true}) {  // closed properly, or reset
        if (!client_) serve();
        client_ = connectAndSpeak();
        fillLog();
        client_->sendText("last words");
        sendPing();
        EXPECT_EQ(endpoint_.hears(), "control");
        if (!with_unread_input) {
            EXPECT_EQ(client_->read(), kPong);
        }
        client_.reset();
        // The kernel may take a moment to tell.
        Delivery late = Delivery::Accepted;
        for (int i = 0; i < 100'000 && late != Delivery::Unreachable; ++i) {
            runPosted();
            late = server_.send(endpoint_.lastLink(), "late");
        }
        EXPECT_EQ(late, Delivery::Unreachable);
        expectNothingHeard();
        EXPECT_EQ(endpoint_.sessions(), 1);

        makeRoomInLog();
        EXPECT_EQ(endpoint_.hears(), "text last words");
        EXPECT_EQ(endpoint_.hears(), "end broken 1006");
        expectNothingHeard();
        EXPECT_EQ(endpoint_.sessions(), 0);
        client_ = connectAndSpeak();
        client_->sendClose(CloseCode::Normal);
        EXPECT_EQ(endpoint_.hears(), "end peer closed 1000");
    }
}

TEST_F(YieldingLink, EndsAtOnceWithItsPeerWhenNothingWaits) {
    serveAndConnect();
    fillLog();
    sendPing();
    expectPong();
    client_.reset();
    EXPECT_EQ(endpoint_.hears(), "end broken 1006");
    makeRoomInLog();
    expectNothingHeard();
}

TEST_F(YieldingLink, DoesNotWaitForRoomForLongWhenItsPeerHasGone) {
    serveAndConnect();
    fillLog();
    client_->sendText("never acknowledged");
    client_->sendText("nor this");
    client_->sendClose(CloseCode::Normal);
    EXPECT_EQ(client_->read()->kind, Kind::Close);
    pass(hub::websocket::Link::kBacklogLimit - 1ms);
    expectNothingHeard();
    pass(1ms);
    EXPECT_EQ(endpoint_.hears(), "end peer closed 1000");
    EXPECT_EQ(client_->read(), std::nullopt);
    EXPECT_TRUE(shows("hub_websocket_messages_dropped_total 2"));

    makeRoomInLog();
    expectNothingHeard();
}

TEST_F(YieldingLink, APeerThatBreaksTheRulesIsStillHeardUpToThere) {
    serveAndConnect();
    fillLog();
    client_->sendBytes(clientFrame(0x81, "fine") + clientFrame(0x83, "not fine"));
    EXPECT_EQ(client_->read()->code, CloseCode::ProtocolError);
    expectNothingHeard();
    makeRoomInLog();
    EXPECT_EQ(endpoint_.hears(), "text fine");
    EXPECT_EQ(endpoint_.hears(), "end protocol 1002");
}

TEST_F(YieldingLink, HearsItsNotificationsWhileItsPeersLastWordsWait) {
    serveAndConnect();
    fillLog();
    client_->sendText("last words");
    client_->sendClose(CloseCode::Normal);
    EXPECT_EQ(client_->read()->kind, Kind::Close);
    server_.notify(endpoint_.lastLink(), 7);
    EXPECT_EQ(endpoint_.hears(), "notify 7");
    makeRoomInLog();
    EXPECT_EQ(endpoint_.hears(), "text last words");
    EXPECT_EQ(endpoint_.hears(), "end peer closed 1000");
}

TEST_F(YieldingLink, DropsItsPeersLastWordsAtOnceWhenItIsClosed) {
    endpoint_.on_notify = [](WebSocketLink& link, std::uint64_t) {
        link.close(CloseCode::TakenOver, "taken over");
    };
    serveAndConnect();
    fillLog();
    client_->sendText("last words");
    client_->sendText("and more");
    client_->sendClose(CloseCode::Normal);
    EXPECT_EQ(client_->read()->kind, Kind::Close);
    server_.notify(endpoint_.lastLink(), 7);
    EXPECT_EQ(endpoint_.hears(), "notify 7");
    EXPECT_EQ(endpoint_.hears(), "end peer closed 1000");
    EXPECT_EQ(client_->read(), std::nullopt);
    EXPECT_TRUE(shows("hub_websocket_messages_dropped_total 2"));
    makeRoomInLog();
    expectNothingHeard();
}

TEST_F(YieldingLink, StopsWhereTheLogIsFullAgain) {
    endpoint_.on_text = [this](WebSocketLink&, std::string_view text) {
        if (text == "last drop") sinks_[0].pause(true);
    };
    serveAndConnect();
    fillLog();
    client_->sendBytes(clientFrame(0x81, "last drop") + clientFrame(0x81, "later"));
    sendPing();
    expectPong();
    makeRoomInLog();
    EXPECT_EQ(endpoint_.hears(), "text last drop");
    client_->sendText("still later");
    sendPing();
    expectPong();
    expectNothingHeard();

    makeRoomInLog();
    EXPECT_EQ(endpoint_.hears(), "text later");
    EXPECT_EQ(endpoint_.hears(), "text still later");
}

class PausingSession : public YieldingLink, public testing::WithParamInterface<bool> {
protected:
    PausingSession() {
        endpoint_.on_text = [](WebSocketLink& link, std::string_view text) {
            if (text == "pause") link.pause();
        };
        endpoint_.on_notify = [](WebSocketLink& link, std::uint64_t) { link.resume(); };
    }
};

TEST_P(PausingSession, HearsTheRestOfWhatWasKeptWhenItGoesOn) {
    const bool peer_goes = GetParam();
    serveAndConnect();
    fillLog();
    client_->sendText("pause");
    client_->sendText("a");
    sendPing();
    expectPong();
    if (peer_goes) {
        client_->sendClose(CloseCode::Normal);
        EXPECT_EQ(client_->read()->kind, Kind::Close);
    } else {
        client_->sendText("b");
    }
    makeRoomInLog();
    EXPECT_EQ(endpoint_.hears(), "text pause");
    expectNothingHeard();
    makeRoomInLog();
    expectNothingHeard();

    server_.notify(endpoint_.lastLink(), 1);
    EXPECT_EQ(endpoint_.hears(), "notify 1");
    EXPECT_EQ(endpoint_.hears(), "text a");
    EXPECT_EQ(endpoint_.hears(), peer_goes ? "end peer closed 1000" : "text b");
    expectNothingHeard();
}

INSTANTIATE_TEST_SUITE_P(PeerGoesMeanwhile, PausingSession, testing::Bool());

TEST_F(YieldingLink, DeliversNothingMoreOnceTheSessionHasClosed) {
    endpoint_.on_text = [](WebSocketLink& link, std::string_view text) {
        if (text == "enough") link.close(CloseCode::Normal, "");
    };
    serveAndConnect();
    fillLog();
    client_->sendText("enough");
    client_->sendText("more");
    sendPing();
    expectPong();
    makeRoomInLog();
    EXPECT_EQ(endpoint_.hears(), "text enough");
    EXPECT_EQ(client_->read()->kind, Kind::Close);
    client_->sendClose(CloseCode::Normal);
    EXPECT_EQ(endpoint_.hears(), "end closed by us 1000");
    expectNothingHeard();
}

TEST_F(YieldingLink, DeliversNothingMoreOnceTheSessionHasThrown) {
    endpoint_.on_text = [](WebSocketLink&, std::string_view text) {
        if (text == "bad") throw std::runtime_error("out of cheese");
    };
    serveAndConnect();
    fillLog();
    client_->sendText("bad");
    client_->sendText("more");
    sendPing();
    expectPong();
    makeRoomInLog();
    EXPECT_EQ(endpoint_.hears(), "text bad");
    EXPECT_EQ(endpoint_.hears(), "end closed by us 1011");
    EXPECT_EQ(client_->readToEnd()->code, CloseCode::InternalError);
    expectNothingHeard();
}

TEST_F(YieldingLink, IsHeardBeforeItsEndpointIsUnmounted) {
    serveAndConnect();
    const auto gone = connectAndSpeak();
    fillLog();
    gone->sendText("gone");
    gone->sendClose(CloseCode::Normal);
    EXPECT_EQ(gone->read()->kind, Kind::Close);
    client_->sendText("staying");
    sendPing();
    expectPong();

    mounted_ = {};

    std::vector<std::string> heard;
    for (int i = 0; i < 4; ++i) heard.push_back(endpoint_.hears());
    EXPECT_EQ(endpoint_.sessions(), 0);
    EXPECT_LT(std::ranges::find(heard, "text gone"),
              std::ranges::find(heard, "end peer closed 1000"));
    EXPECT_LT(std::ranges::find(heard, "text staying"),
              std::ranges::find(heard, "end hub stopping 1001"));
}

TEST_F(YieldingLink, IsHeardBeforeItsLoopEnds) {
    serveAndConnect();
    fillLog();
    client_->sendText("last words");
    sendPing();
    expectPong();
    loops_.stop();
    EXPECT_EQ(endpoint_.hears(), "text last words");
    EXPECT_EQ(endpoint_.hears(), "end broken 1006");
    EXPECT_EQ(endpoint_.sessions(), 0);
}

TEST_F(YieldingLink, IsNotLateWithAFirstMessageThatWaits) {
    serve();
    client_ = connect();
    fillLog();
    client_->sendText("first");
    sendPing();
    expectPong();
    pass(20s);
    makeRoomInLog();
    EXPECT_EQ(endpoint_.hears(), "text first");
    pass(20s);
    client_->sendText("second");
    EXPECT_EQ(endpoint_.hears(), "text second");
}

TEST_F(YieldingLink, IsJudgedBySilenceAgainOnlyAfterwards) {
    endpoint_.on_open = [](WebSocketLink& link) { link.setIdleTimeout(90s); };
    serveAndConnect();
    fillLog();
    sendPing();
    expectPong();
    pass(1h);
    expectNothingHeard();
    sendPing();  // is no credit for later
    expectPong();
    makeRoomInLog();
    runPosted();
    pass(30s);
    EXPECT_EQ(client_->read(), (Told{Kind::Ping, CloseCode::NoStatus, ""}));
    pass(59'999ms);
    expectNothingHeard();
    pass(1ms);
    EXPECT_EQ(endpoint_.hears(), "end silent 1008");
}

}  // namespace
}  // namespace hub::websocket
